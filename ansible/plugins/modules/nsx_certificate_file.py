#!/usr/bin/python
# Copyright (c) The nsxcert project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_certificate_file
short_description: Make a key and a certificate for an NSX Manager cluster
version_added: 1.0.0
description:
  - Makes a key and a self-signed certificate, one signed by your own CA, or a request for a CA.
  - They are as NSX, and clients that verify strictly, want them.
  - Both files are written together or not at all. They are made anew only when they are not as asked or the renewal is due.
  - The key never leaves its file, which has mode 0600.
author:
  - The nsxcert project (@nsxcert)
extends_documentation_fragment:
  - nsxcert.nsx._options
  - nsxcert.nsx._attributes
  - nsxcert.nsx._attributes.changes
options:

  kind:
    description:
      - What to make. V(ca_signed) needs the options of the issuer, V(request) needs O(request_path).
    type: str
    choices: [self_signed, ca_signed, request]
    default: self_signed
  common_name:
    description:
      - The virtual IP or the name that clients use for the cluster. Ops Manager demands that subject and issuer are just that.
      - Required unless an openssl configuration gives it.
    type: str
  subject:
    description:
      - The rest of the subject.
    type: dict
    suboptions:
      country:
        description: Two capital letters. Write V('NO') in quotes, YAML takes it for false otherwise.
        type: str
      state:
        description: State or province.
        type: str
      locality:
        description: City.
        type: str
      organization:
        description: Organization.
        type: str
      organizational_unit:
        description: Organizational unit.
        type: str
  san:
    description:
      - What the certificate is valid for. Name the virtual IP and every manager. The common name is always added.
    type: dict
    suboptions:
      dns:
        description: DNS names.
        type: list
        elements: str
        default: []
      ip:
        description: IP addresses.
        type: list
        elements: str
        default: []
  ip_as_dns:
    description:
      - Whether IP addresses stand in the certificate as DNS entries too, as in certificates made by hand. Strict clients ignore them.
    type: bool
    default: false
  key:
    description:
      - The kind of key. When left out, RSA with 2048 bits.
    type: dict
    suboptions:
      type:
        description: RSA or elliptic.
        type: str
        choices: [rsa, ec]
        required: true
      bits:
        description: Size of an RSA key.
        type: int
        choices: [2048, 3072, 4096]
      curve:
        description: Curve of an elliptic key.
        type: str
        choices: [P-256, P-384, P-521]
  digest:
    description:
      - Digest of the signature.
    type: str
    choices: [sha256, sha384, sha512]
    default: sha256
  validity_days:
    description:
      - How long the certificate is valid.
    type: int
    default: 365
  renew_before_days:
    description:
      - How many days before its end it is made anew. When left out, a third of its validity.
    type: int
  reuse_key:
    description:
      - Whether a renewal keeps the key, for clients that pin it.
    type: bool
    default: false
  issued_after:
    description:
      - A certificate issued before this time is made anew, such as V(2027-01-31T00:00:00Z). It forces a renewal that is idempotent.
      - A date alone is the start of that day. Times are UTC; one with another offset is refused.
    type: str
  issuer_path:
    description:
      - PEM file with the certificate of the CA that signs, with O(kind=ca_signed).
    type: path
    aliases: [ownca_path]
  issuer_content:
    description:
      - The certificate of the CA that signs, as PEM text.
    type: str
    aliases: [ownca_content]
  issuer_privatekey_path:
    description:
      - PEM file with the key of the CA.
    type: path
    aliases: [ownca_privatekey_path]
  issuer_privatekey_content:
    description:
      - The key of the CA as PEM text.
    type: str
    aliases: [ownca_privatekey_content]
  issuer_privatekey_env:
    description:
      - Name of the environment variable that holds the key of the CA.
    type: str
  issuer_passphrase:
    description:
      - Passphrase of the CA's key.
    type: str
    aliases: [ownca_privatekey_passphrase]
  issuer_passphrase_path:
    description:
      - File that holds the passphrase of the CA's key.
    type: path
  issuer_passphrase_env:
    description:
      - Name of the environment variable that holds the passphrase of the CA's key.
    type: str
  openssl_config_path:
    description:
      - An openssl request file, such as the C(nsx-cert.cnf) of the procedure by hand. It gives defaults; options win.
    type: path
  openssl_config_content:
    description:
      - The same as text.
    type: str
  certificate_path:
    description:
      - File to write the certificate to. Required unless O(kind=request).
    type: path
  privatekey_path:
    description:
      - File to write the key to.
    type: path
    required: true
    aliases: [key_path]
  request_path:
    description:
      - File to write the request to, with O(kind=request).
    type: path
    aliases: [csr_path]
  backup:
    description:
      - Whether a replaced pair is kept as C(.bak-) with a part of its fingerprint. The last one is always kept as C(.previous).
    type: bool
    default: false
seealso:
  - module: nsxcert.nsx.nsx_certificate
  - module: nsxcert.nsx.nsx_certificate_info
"""

EXAMPLES = r"""
- name: Make the key and the certificate of the cluster
  nsxcert.nsx.nsx_certificate_file:
    common_name: 192.0.2.10
    san:
      dns: [nsx.example.com]
      ip: [192.0.2.10, 192.0.2.11, 192.0.2.12, 192.0.2.13]
    certificate_path: "{{ playbook_dir }}/files/nsx.crt"
    privatekey_path: "{{ playbook_dir }}/files/nsx.key"
  delegate_to: localhost
  register: pair

- name: Make a request for the corporate CA
  nsxcert.nsx.nsx_certificate_file:
    kind: request
    common_name: nsx.example.com
    san:
      ip: [192.0.2.10]
    key:
      type: ec
      curve: P-384
    request_path: "{{ playbook_dir }}/files/nsx.csr"
    privatekey_path: "{{ playbook_dir }}/files/nsx.key"
  delegate_to: localhost

- name: Let a lab CA sign the certificate
  nsxcert.nsx.nsx_certificate_file:
    kind: ca_signed
    common_name: nsx.example.com
    issuer_path: /etc/lab-ca/ca.crt
    issuer_privatekey_path: /etc/lab-ca/ca.key
    issuer_passphrase_env: LAB_CA_PASSPHRASE
    certificate_path: "{{ playbook_dir }}/files/nsx.crt"
    privatekey_path: "{{ playbook_dir }}/files/nsx.key"
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
  sample: [{"name": "generate", "outcome": "done", "changed": true, "reasons": ["no certificate at nsx.crt"]}]
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
    + [
        option("kind", "parameters.kind", choices=["self_signed", "ca_signed", "request"], default="self_signed"),
        option("common_name", "parameters.common_name"),
        option(
            "subject",
            "parameters.subject",
            type="dict",
            options={
                "country": {"type": "str"},
                "state": {"type": "str"},
                "locality": {"type": "str"},
                "organization": {"type": "str"},
                "organizational_unit": {"type": "str"},
            },
        ),
        option(
            "san",
            "parameters.san",
            type="dict",
            options={
                "dns": {"type": "list", "elements": "str", "default": []},
                "ip": {"type": "list", "elements": "str", "default": []},
            },
        ),
        option("ip_as_dns", "parameters.ip_as_dns", type="bool", default=False),
        option(
            "key",
            "parameters.key",
            type="dict",
            no_log=False,
            options={
                "type": {"type": "str", "choices": ["rsa", "ec"], "required": True},
                "bits": {"type": "int", "choices": [2048, 3072, 4096]},
                "curve": {"type": "str", "choices": ["P-256", "P-384", "P-521"]},
            },
        ),
        option("digest", "parameters.digest", choices=["sha256", "sha384", "sha512"], default="sha256"),
        option("validity_days", "parameters.validity_days", type="int", default=365),
        option("renew_before_days", "parameters.renew_before_days", type="int"),
        option("reuse_key", "parameters.reuse_key", type="bool", default=False, no_log=False),
        option("issued_after", "parameters.issued_after", "time"),
    ]
    + source("issuer", "parameters.issuer.certificate", ["ownca_path"], ["ownca_content"])
    + secret(
        "issuer_privatekey",
        "parameters.issuer.private_key",
        literal="issuer_privatekey_content",
        aliases=["ownca_privatekey_content"],
        path_aliases=["ownca_privatekey_path"],
    )
    + secret("issuer_passphrase", "parameters.issuer.passphrase", aliases=["ownca_privatekey_passphrase"])
    + source("openssl_config", "parameters.openssl_config")
    + [
        option("certificate_path", "parameters.certificate_path", type="path"),
        option("privatekey_path", "parameters.key_path", type="path", required=True, aliases=["key_path"]),
        option("request_path", "parameters.request_path", type="path", aliases=["csr_path"]),
        option("backup", "parameters.backup", type="bool", default=False),
    ]
)


def main():
    module = _helper.make_module(OPTIONS)
    _helper.run(module, "generate", OPTIONS, manager=False)


if __name__ == "__main__":
    main()
