#!/usr/bin/python
# Copyright (c) The nsxcert project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_certificate_registration
short_description: Make an NSX Manager cluster use a certificate of its trust store
version_added: 1.0.0
description:
  - Registers the certificate for the virtual IP, for every manager, or both, by the call that the manager's version documents.
  - One endpoint after the other is changed and watched until it serves the certificate. All are proven a second time at the end.
  - Nothing is sent when the API says that it is in use and every endpoint serves it.
author:
  - The nsxcert project (@nsxcert)
extends_documentation_fragment:
  - nsxcert.nsx._options
  - nsxcert.nsx._attributes
  - nsxcert.nsx._attributes.changes
options:
  certificate_path:
    description:
      - PEM file with the certificate. It is found in the trust store by its content.
    type: path
    aliases: [pem_encoded_file]
  certificate_content:
    description:
      - The certificate as PEM text.
    type: str
  certificate_id:
    description:
      - Id of the certificate in the trust store.
      - In check mode an earlier task has not imported it yet, so there is no id then. Prefer O(certificate_path).
    type: str
  fingerprint_sha256:
    description:
      - SHA-256 fingerprint of the certificate.
    type: str
  endpoint:
    description:
      - The certificate that this V(HOST[:PORT]) serves, or a dictionary with C(address) and C(server_name).
    type: raw
  scope:
    description:
      - Which endpoints get the certificate. V(cluster) is the virtual IP alone, V(nodes) the managers, V(all) both.
    type: str
    choices: [cluster, nodes, all]
    default: cluster
  lint:
    description:
      - Whether findings about the certificate stop the task (V(enforce)) or only warn.
    type: str
    choices: [enforce, warn]
    default: enforce
  allow_name_mismatch:
    description:
      - Whether a certificate is accepted that does not name what gets it.
    type: bool
    default: false
  allow_degraded:
    description:
      - Whether a cluster is accepted that is not stable.
    type: bool
    default: false
  settle_timeout_seconds:
    description:
      - How long one endpoint may take until it serves the certificate. Then the task fails and touches no further endpoint.
    type: int
    default: 180
  confirm_after_seconds:
    description:
      - Pause before all endpoints are proven a second time.
    type: int
    default: 5
seealso:
  - module: nsxcert.nsx.nsx_certificate
  - module: nsxcert.nsx.nsx_cluster_certificate_info
"""

EXAMPLES = r"""
- name: Register it for the virtual IP and every manager
  nsxcert.nsx.nsx_certificate_registration:
    hostname: 192.0.2.10
    nodes: [192.0.2.11, 192.0.2.12, 192.0.2.13]
    username: admin
    password: "{{ vault_nsx_password }}"
    pin_sha256: "{{ factory_pins }}"
    certificate_path: "{{ playbook_dir }}/files/nsx.crt"
    scope: all
  delegate_to: localhost
  register: registered

# The id is that of the virtual IP's certificate, which all get here. Where the managers had others, as factory ones are before
# NSX 4.2, each gets its own back with scope nodes, nodes: [its address] and the id of its certificate.
- name: Go back to what was registered before
  nsxcert.nsx.nsx_certificate_registration:
    hostname: 192.0.2.10
    nodes: [192.0.2.11, 192.0.2.12, 192.0.2.13]
    username: admin
    password: "{{ vault_nsx_password }}"
    pin_sha256: "{{ [registered.fingerprint_sha256] }}"
    certificate_id: "{{ registered.result.previous_certificate_id }}"
    scope: all
    lint: warn
    allow_name_mismatch: true
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
  sample: [{"name": "vip", "outcome": "unchanged", "changed": false, "reasons": ["already in use and served"]}]
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

from ansible_collections.nsxcert.nsx.plugins.module_utils import _helper
from ansible_collections.nsxcert.nsx.plugins.module_utils._options import COMMON, option, reference

OPTIONS = (
    COMMON
    + reference("certificate", "parameters.certificate", ["pem_encoded_file"])
    + [
        option("scope", "parameters.scope", choices=["cluster", "nodes", "all"], default="cluster"),
        option("lint", "parameters.lint", choices=["enforce", "warn"], default="enforce"),
        option("allow_name_mismatch", "parameters.allow_name_mismatch", type="bool", default=False),
        option("allow_degraded", "parameters.allow_degraded", type="bool", default=False),
        option("settle_timeout_seconds", "parameters.settle_timeout_seconds", type="int", default=180),
        option("confirm_after_seconds", "parameters.confirm_after_seconds", type="int", default=5),
    ]
)
REFERENCES = ["certificate_path", "certificate_content", "certificate_id", "fingerprint_sha256", "endpoint"]


def main():
    module = _helper.make_module(OPTIONS, required_one_of=[REFERENCES])
    _helper.require_cluster(module)
    _helper.run(module, "register", OPTIONS, manager=True)


if __name__ == "__main__":
    main()
