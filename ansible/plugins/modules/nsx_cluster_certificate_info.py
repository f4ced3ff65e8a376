#!/usr/bin/python
# Copyright (c) The nsxcert project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_cluster_certificate_info
short_description: Prove on the wire which certificate an NSX Manager cluster serves
version_added: 1.0.0
description:
  - Looks at the virtual IP and at every manager in parallel and tells whether each serves the expected certificate.
  - Chain, validity and names are checked as well.
  - With credentials it also compares what the API says. With O(reported) it compares what the managers' consoles say.
  - A difference does not fail the task. See RV(status), and use M(ansible.builtin.assert) where it should.
  - What could not be looked at does not fail it either. Then RV(status) is V(unknown), and C(reason) in RV(result) says why.
author:
  - The nsxcert project (@nsxcert)
extends_documentation_fragment:
  - nsxcert.nsx._options
  - nsxcert.nsx._attributes
  - nsxcert.nsx._attributes.looks
options:

  expected_path:
    description:
      - PEM file with the certificate that should be served. When no expected certificate is given, all endpoints should serve the same.
    type: path
    aliases: [certificate_path, pem_encoded_file]
  expected_content:
    description:
      - The certificate that should be served, as PEM text.
    type: str
  expected_certificate_id:
    description:
      - Id in the trust store of the certificate that should be served.
    type: str
  expected_fingerprint_sha256:
    description:
      - SHA-256 fingerprint of the certificate that should be served.
    type: str
  expected_endpoint:
    description:
      - The certificate that this V(HOST[:PORT]) serves is the one that should be served.
    type: raw
  trust_path:
    description:
      - PEM files with the CA certificates that the served chain must lead to. When left out, the expected certificate itself if it is
        self-signed, else the last of its chain.
    type: list
    elements: path
  trust_content:
    description:
      - The same as PEM text.
    type: str
  scope:
    description:
      - Where to look. V(cluster) is the virtual IP alone, V(nodes) the managers, V(all) both.
    type: str
    choices: [cluster, nodes, all]
    default: all
  endpoints:
    description:
      - Look at these instead, each a V(HOST[:PORT]) or a dictionary with C(address) and C(server_name).
    type: list
    elements: raw
  require_node_names:
    description:
      - Whether the certificate must name every manager too.
    type: bool
    default: false
  min_remaining_days:
    description:
      - Days that the certificate must still be valid. When left out, RV(renewal_due) tells and nothing drifts.
    type: int
  common_name_is_address:
    description:
      - Whether the common name must be the address of the cluster. When left out, it must for a self-signed certificate.
    type: bool
  reported:
    description:
      - What the managers' consoles printed.
    type: list
    elements: dict
    default: []
    suboptions:
      endpoint:
        description: The manager on which the command was run.
        type: str
        required: true
      service:
        description: V(api) for C(get certificate api), V(cluster) for C(get certificate cluster).
        type: str
        choices: [api, cluster]
        required: true
      text:
        description: The whole output.
        type: str
        required: true
seealso:
  - module: nsxcert.nsx.nsx_certificate_registration
  - module: nsxcert.nsx.nsx_certificate_info
"""

EXAMPLES = r"""
- name: Look at the virtual IP and every manager
  nsxcert.nsx.nsx_cluster_certificate_info:
    hostname: 192.0.2.10
    nodes: [192.0.2.11, 192.0.2.12, 192.0.2.13]
    username: admin
    password: "{{ vault_nsx_password }}"
    expected_path: "{{ playbook_dir }}/files/nsx.crt"
  delegate_to: localhost
  register: seen

- name: Stop unless all of them serve it
  ansible.builtin.assert:
    that: seen.status == 'in_sync'
    fail_msg: "{{ seen.msg | default('') }}"

- name: Look without credentials, only on the wire
  nsxcert.nsx.nsx_cluster_certificate_info:
    hostname: nsx.example.com
    min_remaining_days: 30
  delegate_to: localhost
"""

RETURN = r"""
certificate_id:
  description: Id of the certificate in the manager's trust store. Null when it is not there or not known.
  returned: always
  type: str
  sample: "5f1c8d0e-2b7a-4c0e-9a55-0f6a3d1e7b42"
display_name:
  description: Name of the certificate in the manager's trust store. Null when not known.
  returned: always
  type: str
  sample: "192.0.2.10-9f86d081884c"
fingerprint_sha256:
  description: SHA-256 of the certificate's DER in lowercase hex. Null when not known.
  returned: always
  type: str
  sample: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
status:
  description: V(in_sync), V(drifted) or V(unknown). Null except for M(nsxcert.nsx.nsx_cluster_certificate_info).
  returned: always
  type: str
  sample: "in_sync"
not_after:
  description: End of the certificate's validity. Null when not known.
  returned: always
  type: str
  sample: "2027-11-25T00:38:17Z"
renewal_due:
  description: Whether the certificate is so old that it should be renewed. Null when not known.
  returned: always
  type: bool
  sample: false
msg:
  description: Which endpoints, consoles or answers of the API differ or could not be looked at, and why, in one sentence.
  returned: when RV(status) is not V(in_sync), and on failure
  type: str
  sample: "The cluster is drifted: 192.0.2.11 is drifted (fingerprint)"
result:
  description: The program's own result, see the page of the operation in its documentation. Null when it could not look.
  returned: when the program ran
  type: dict
  sample: {}
steps:
  description:
    - What was done, in order. C(outcome) is V(done), V(unchanged), V(planned), V(failed), V(skipped) or V(undone).
  returned: when the program ran
  type: list
  elements: dict
  sample: [{"name": "verify", "outcome": "done", "changed": false, "reasons": []}]
notices:
  description: Warnings with their stable code and remedy. They are shown as warnings of the task too.
  returned: when the program ran
  type: list
  elements: dict
  sample: []
unknown:
  description: Places in the result that only a real run can fill, as JSON Pointers. Empty outside check mode.
  returned: when the program ran
  type: list
  elements: str
  sample: []
target:
  description: The cluster that was talked to.
  returned: when the program ran
  type: dict
  sample: {"address": "192.0.2.10:443", "cluster_id": null, "nsx_version": "4.2.0.0.0.23638201"}
meta:
  description: Version of the program, duration, number of requests and connections, and what made the manager trusted.
  returned: when the program ran
  type: dict
  sample: {"version": "1.0.0", "duration_ms": 512, "http_requests": 4, "tls_connections": 1, "trusted_by": "pin"}
error:
  description:
    - What went wrong. C(code) is stable, C(remedy) says what to do, C(retryable) whether trying again may help.
    - C(upstream) holds the manager's own words, C(step) the step that failed.
  returned: failure
  type: dict
  sample:
    code: name-conflict
    detail: Another certificate has the display name nsx-vip.
    remedy: Choose another display_name, or leave it out.
    retryable: false
"""

import re

from ansible_collections.nsxcert.nsx.plugins.module_utils import _helper
from ansible_collections.nsxcert.nsx.plugins.module_utils._options import COMMON, option, reference

OPTIONS = (
    COMMON
    + reference("expected", "parameters.expected", ["certificate_path", "pem_encoded_file"])
    + [
        option("trust_path", "parameters.trust", "files", type="list", elements="path"),
        option("trust_content", "parameters.trust", "texts"),
        option("scope", "parameters.scope", choices=["cluster", "nodes", "all"], default="all"),
        option("endpoints", "parameters.endpoints", type="list", elements="raw"),
        option("require_node_names", "parameters.require_node_names", type="bool", default=False),
        option("min_remaining_days", "parameters.min_remaining_days", type="int"),
        option("common_name_is_address", "parameters.common_name_is_address", type="bool"),
        option(
            "reported",
            "parameters.reported",
            type="list",
            elements="dict",
            default=[],
            options={
                "endpoint": {"type": "str", "required": True},
                "service": {"type": "str", "choices": ["api", "cluster"], "required": True},
                "text": {"type": "str", "required": True},
            },
        ),
    ]
)


CERTIFICATE_FACTS = ("certificate_id", "display_name", "fingerprint_sha256", "not_after", "renewal_due")
ADDRESS = re.compile(r"\[(?P<six>.*)\](?::\d+)?|(?P<host>[^:]*):\d+")
ANSWER_LENGTH = 300


def host_of(address):
    """ADDRESS without its port."""
    parts = ADDRESS.fullmatch(address)
    return (parts.group("six") or parts.group("host") if parts else address).lower()


def tell_endpoint(seen):
    failed = [check for check, holds in (seen.get("checks") or {}).items() if holds is False]
    return "%s is %s (%s)" % (seen["address"], seen["status"], seen.get("reason") or ", ".join(failed))


def tell_console(said, text, endpoints):
    """What the console printed as TEXT, and whether there was something to compare it with."""
    answer = said.get("fingerprint_sha256") or text.strip()[:ANSWER_LENGTH] or "no answer"
    line = "the console of %s is %s (get certificate %s: %s)" % (said["endpoint"], said["status"], said["service"], answer)
    if said["service"] == "cluster":
        where, looked_at = "the virtual IP", any(seen["role"] == "vip" for seen in endpoints)
    else:
        where, looked_at = said["endpoint"], host_of(said["endpoint"]) in [host_of(seen["address"]) for seen in endpoints]
    return line if looked_at else "%s; %s is not among the endpoints looked at" % (line, where)


def tell_api(api, notices):
    """Where the API names another certificate than is served, or why it could not be read."""
    uses = [use for use in [api.get("cluster")] + (api.get("nodes") or []) if use and use.get("matches") is False]
    lines = ["the API names another certificate for %s (%s)" % (use["address"], use.get("fingerprint_sha256")) for use in uses]
    return lines + [notice.get("detail") for notice in notices if notice.get("code") == "api-not-read" and notice.get("detail")]


def differences(result, notices, texts):
    """What is not as it should be, in words. TEXTS: what the consoles printed, in the order of the result."""
    endpoints = result.get("endpoints") or []
    lines = [tell_endpoint(seen) for seen in endpoints if seen["status"] != "in_sync"]
    lines += tell_api(result.get("api") or {}, notices)
    consoles = zip(result.get("reported") or [], texts)
    lines += [tell_console(said, text, endpoints) for said, text in consoles if said["status"] != "in_sync"]
    return lines or [result.get("reason") or "nothing could be looked at"]


def told(module, values):
    """The message where the cluster is not in sync; and no facts of a certificate that is only served, not expected."""
    missing = [notice.get("pointer") or "" for notice in values["notices"] if notice.get("code") == "source-not-yet"]
    own = dict.fromkeys(CERTIFICATE_FACTS) if any(at.startswith("/parameters/expected") for at in missing) else {}
    if values["status"] not in (None, "in_sync"):
        texts = [entry["text"] for entry in module.params["reported"]]
        lines = differences(values["result"], values["notices"], texts)
        own["msg"] = "The cluster is %s: %s" % (values["status"], "; ".join(lines))
    return own


def main():
    module = _helper.make_module(OPTIONS, required_one_of=[["hostname", "endpoints"]])
    parameters = {"on_drift": "report"}
    _helper.run(module, "verify", OPTIONS, manager=True, parameters=parameters, told=lambda values: told(module, values))


if __name__ == "__main__":
    main()
