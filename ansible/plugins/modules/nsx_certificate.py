#!/usr/bin/python
# Copyright (c) The nsxcert project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_certificate
short_description: Import a certificate and its key into the trust store of an NSX Manager cluster
version_added: 1.0.0
description:
  - Does what B(Import Certificate) does in the user interface, with B(Service Certificate) off.
  - The certificate is not put to use. That is M(nsxcert.nsx.nsx_certificate_registration).
  - The certificate is found again by its content, whatever it is called. So it is imported exactly once, also after a lost answer
    or a killed run.
  - From NSX 3.0 on the manager's own validation is asked, and what it rejects is removed again.
author:
  - The nsxcert project (@nsxcert)
extends_documentation_fragment:
  - nsxcert.nsx._options
  - nsxcert.nsx._attributes
  - nsxcert.nsx._attributes.changes
options:

  state:
    description:
      - The certificate is in the trust store afterwards. Certificates are not removed by this module.
    type: str
    choices: [present]
    default: present
  certificate_path:
    description:
      - PEM file with the certificate and its chain, in any order.
    type: path
    aliases: [pem_encoded_file]
  certificate_content:
    description:
      - The certificate and its chain as PEM text.
    type: str
    aliases: [pem_encoded]
  privatekey_path:
    description:
      - PEM file with the private key. A key in the certificate's own file is found without it.
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
  display_name:
    description:
      - Name in the trust store. It may hold V({fingerprint}) and V({not_before}).
      - When left out, the common name and a part of the fingerprint, which stays unique across renewals.
    type: str
  lint:
    description:
      - Whether findings about the certificate stop the task (V(enforce)) or only warn.
    type: str
    choices: [enforce, warn]
    default: enforce
seealso:
  - module: nsxcert.nsx.nsx_certificate_file
  - module: nsxcert.nsx.nsx_certificate_registration
"""

EXAMPLES = r"""
- name: Import the certificate
  nsxcert.nsx.nsx_certificate:
    hostname: 192.0.2.10
    username: admin
    password: "{{ vault_nsx_password }}"
    pin_sha256:
      - 1f829cf25c047f40e1f808e14067d6372a3274131cdc6ad467cfcd9489fdd56c
    certificate_path: "{{ playbook_dir }}/files/nsx.crt"
    privatekey_path: "{{ playbook_dir }}/files/nsx.key"
  delegate_to: localhost
  register: imported

- name: Import it with a password that never passes through Ansible
  nsxcert.nsx.nsx_certificate:
    hostname: nsx.example.com
    username: admin
    password_env: NSXT_PASSWORD
    ca_path: /etc/ssl/corp-root.pem
    certificate_path: "{{ playbook_dir }}/files/nsx.crt"
    privatekey_path: "{{ playbook_dir }}/files/nsx.key"
  delegate_to: localhost

- name: Try again while trying again may help
  nsxcert.nsx.nsx_certificate:
    hostname: nsx.example.com
    username: admin
    password_path: /run/secrets/nsx-password
    certificate_path: "{{ playbook_dir }}/files/nsx.crt"
    privatekey_path: "{{ playbook_dir }}/files/nsx.key"
  delegate_to: localhost
  register: imported
  until: imported is success or not (imported.error.retryable | default(false))
  retries: 3
  delay: 60
"""

RETURN = r"""
certificate_id:
  description:
    - Id of the certificate in the manager's trust store. Null when it is not there or not known.
    - In check mode it is null for a certificate that would be imported, and a later task that refers to it by id or fingerprint
      does not find it. One that refers to it by C(certificate_path) plans what comes of it.
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
  sample: [{"name": "import", "outcome": "done", "changed": true, "reasons": ["not in the trust store"]}]
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
from ansible_collections.nsxcert.nsx.plugins.module_utils._options import COMMON, option, secret, source

OPTIONS = (
    COMMON
    + [option("state", None, choices=["present"], default="present")]
    + source("certificate", "parameters.certificate", ["pem_encoded_file"], ["pem_encoded"])
    + secret(
        "privatekey",
        "parameters.private_key",
        literal="privatekey_content",
        aliases=["private_key"],
        path_aliases=["private_key_file"],
    )
    + secret("passphrase", "parameters.passphrase", aliases=["privatekey_passphrase"])
    + [
        option("display_name", "parameters.display_name"),
        option("lint", "parameters.lint", choices=["enforce", "warn"], default="enforce"),
    ]
)


def main():
    module = _helper.make_module(OPTIONS, required_one_of=[["certificate_path", "certificate_content"]])
    _helper.require_cluster(module)
    _helper.run(module, "import", OPTIONS, manager=True)


if __name__ == "__main__":
    main()
