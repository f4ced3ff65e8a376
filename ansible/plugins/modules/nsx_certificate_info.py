#!/usr/bin/python
# Copyright (c) The nsxcert project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_certificate_info
short_description: Show what a certificate says and what NSX will say to it
version_added: 1.0.0
description:
  - Reads a certificate from a file or from what an endpoint serves.
  - It sends no credentials and trusts nothing, so it is right for the first contact with a cluster.
  - Tells what NSX of a given version will refuse, before anything is sent to it.
author:
  - The nsxcert project (@nsxcert)
extends_documentation_fragment:
  - nsxcert.nsx._options
  - nsxcert.nsx._attributes
  - nsxcert.nsx._attributes.looks
options:

  certificate_path:
    description:
      - PEM file with the certificate and its chain.
    type: path
    aliases: [pem_encoded_file]
  certificate_content:
    description:
      - The certificate and its chain as PEM text.
    type: str
    aliases: [pem_encoded]
  endpoint:
    description:
      - V(HOST[:PORT]) to ask, or a dictionary with C(address) and C(server_name).
    type: raw
  privatekey_path:
    description:
      - PEM file with the private key, to see whether it belongs to the certificate.
    type: path
    aliases: [private_key_file]
  privatekey_content:
    description:
      - The private key as PEM text.
    type: str
    aliases: [private_key]
  privatekey_env:
    description:
      - Name of the environment variable that holds the private key.
    type: str
  passphrase:
    description:
      - Passphrase of the private key.
    type: str
    aliases: [privatekey_passphrase]
  passphrase_path:
    description:
      - File that holds the passphrase of the private key.
    type: path
  passphrase_env:
    description:
      - Name of the environment variable that holds the passphrase of the private key.
    type: str
  nsx_version:
    description:
      - The NSX version whose rules are applied, such as V("4.2"), in quotes.
    type: str
  addresses:
    description:
      - Names and IP addresses that the certificate should cover.
    type: list
    elements: str
    default: []
seealso:
  - module: nsxcert.nsx.nsx_certificate_file
  - module: nsxcert.nsx.nsx_cluster_certificate_info
"""

EXAMPLES = r"""
- name: See what the cluster serves today, and its fingerprint
  nsxcert.nsx.nsx_certificate_info:
    endpoint: 192.0.2.10
  delegate_to: localhost
  register: served

- name: Check a certificate before it goes to NSX 4.2
  nsxcert.nsx.nsx_certificate_info:
    certificate_path: "{{ playbook_dir }}/files/nsx.crt"
    privatekey_path: "{{ playbook_dir }}/files/nsx.key"
    nsx_version: "4.2"
    addresses: [192.0.2.10, nsx.example.com]
  delegate_to: localhost
  register: read

- name: Stop when NSX would refuse it
  ansible.builtin.assert:
    that:
      - read.result.key_matches
      - read.result.findings | selectattr('severity', 'eq', 'error') | length == 0
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
  description: Always null, since this is a question about a cluster. See M(nsxcert.nsx.nsx_cluster_certificate_info).
  returned: always
  type: bool
  sample: null
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
  sample: []
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
  sample: {"address": null, "cluster_id": null, "nsx_version": null}
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
from ansible_collections.nsxcert.nsx.plugins.module_utils._options import COMMON, option, secret, source

OPTIONS = (
    COMMON
    + source("certificate", "parameters.certificate", ["pem_encoded_file"], ["pem_encoded"])
    + [option("endpoint", "parameters.endpoint", type="raw")]
    + secret(
        "privatekey",
        "parameters.private_key",
        literal="privatekey_content",
        aliases=["private_key"],
        path_aliases=["private_key_file"],
    )
    + secret("passphrase", "parameters.passphrase", aliases=["privatekey_passphrase"])
    + [
        option("nsx_version", "parameters.nsx_version"),
        option("addresses", "parameters.addresses", type="list", elements="str", default=[]),
    ]
)
SUBJECTS = ["certificate_path", "certificate_content", "endpoint"]


def main():
    module = _helper.make_module(OPTIONS, required_one_of=[SUBJECTS], mutually_exclusive=[SUBJECTS])
    _helper.run(module, "inspect", OPTIONS, manager=False)


if __name__ == "__main__":
    main()
