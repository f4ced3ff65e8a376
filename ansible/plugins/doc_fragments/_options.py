# Copyright (c) The nsxcert project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that all modules have."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  executable:
    description:
      - Path of the C(nsxcert) program on the machine that runs the task.
      - When left out, the environment variable E(NSXCERT) is used, then C(PATH).
    type: path
  request_id:
    description:
      - A mark of your own, 1 to 256 characters. It is echoed by the program and has no effect.
    type: str
  deadline_seconds:
    description:
      - Seconds the whole run may take, retries and waits included. Then it ends with an error.
      - Default is 60 for modules that only look, 1800 for those that change something.
      - Use it in place of the keyword C(timeout), see the notes.
    type: int
  hostname:
    description:
      - The virtual IP of the cluster or its name, with C(:PORT) if it is not 443.
      - For a single manager without a virtual IP, its own address.
      - When left out, the environment variable E(NSXT_MANAGER_HOST) is used.
    type: str
    aliases: [host]
  server_name:
    description:
      - The name or IP to send as SNI and to check in the certificate, in place of O(hostname).
      - Useful before DNS points to the virtual IP.
    type: str
  nodes:
    description:
      - The managers behind the virtual IP, each a V(HOST[:PORT]) or a dictionary with C(address) and C(server_name).
      - A manager without a port gets the port of O(hostname). When left out, the cluster is asked.
    type: list
    elements: raw
  username:
    description:
      - User name at the manager.
      - When neither this option nor other credentials are given, the environment variable E(NSXT_USERNAME) is used.
    type: str
    aliases: [user]
  password:
    description:
      - Password of O(username). A refused login is never tried again.
      - When no password is given, the environment variable E(NSXT_PASSWORD) is used.
    type: str
    aliases: [pass]
  password_path:
    description:
      - File that holds the password and nothing else, on the machine that runs the task.
      - The password then never passes through Ansible.
    type: path
  password_env:
    description:
      - Name of the environment variable that holds the password, on the machine that runs the task.
      - The password then never passes through Ansible.
    type: str
  auth_scheme:
    description:
      - How O(username) and the password are sent. V(remote) is for users of vIDM or Workspace ONE Access.
      - When left out, V(basic) is used.
    type: str
    choices: [basic, session, remote]
  token:
    description:
      - Bearer token, in place of a user name and password.
    type: str
  token_path:
    description:
      - File that holds the bearer token and nothing else.
    type: path
  token_env:
    description:
      - Name of the environment variable that holds the bearer token.
    type: str
  client_certificate_path:
    description:
      - PEM file with the client certificate of a principal identity, in place of a user name and password.
    type: path
    aliases: [nsx_cert_path]
  client_certificate_content:
    description:
      - The client certificate as PEM text.
    type: str
  client_key_path:
    description:
      - PEM file with the key of the client certificate.
    type: path
    aliases: [nsx_key_path]
  client_key_content:
    description:
      - The key of the client certificate as PEM text.
    type: str
  client_key_env:
    description:
      - Name of the environment variable that holds the key of the client certificate.
    type: str
  validate_certs:
    description:
      - Whether the manager's own certificate is verified before credentials are sent.
      - V(false) trusts anybody who answers at that address. It always warns, and excludes O(ca_path), O(ca_content),
        O(pin_sha256) and O(use_system_ca). Prefer O(pin_sha256) for a cluster with factory certificates.
    type: bool
    default: true
  ca_path:
    description:
      - PEM files with the CA certificates to trust.
    type: list
    elements: path
  ca_content:
    description:
      - CA certificates to trust, as PEM text.
    type: str
  pin_sha256:
    description:
      - SHA-256 fingerprints of the certificates to trust, as C(get certificate api thumbprint) prints them on a manager's
        console, and C(get certificate cluster thumbprint) that of the virtual IP. One match is enough.
      - Before NSX 4.2 a cluster with factory certificates has one for each manager and one for the virtual IP. List them all.
      - They need not change after the replacement. The certificate that a task itself names is trusted from then on.
    type: list
    elements: str
  use_system_ca:
    description:
      - Whether the CAs of the operating system are trusted. They are when O(ca_path), O(ca_content) and O(pin_sha256) are left out.
    type: bool
  proxy_url:
    description:
      - HTTP proxy to reach the managers through, such as V(http://proxy.example.com:3128).
      - The proxy variables of the environment are ignored.
    type: str
  proxy_username:
    description:
      - User name at the proxy.
    type: str
  proxy_password:
    description:
      - Password at the proxy.
    type: str
  proxy_password_path:
    description:
      - File that holds the password at the proxy.
    type: path
  proxy_password_env:
    description:
      - Name of the environment variable that holds the password at the proxy.
    type: str
  connect_timeout_seconds:
    description:
      - Seconds that one connection may take.
    type: int
    default: 10
  request_timeout_seconds:
    description:
      - Seconds that one request may take.
    type: int
    default: 60
requirements:
  - The C(nsxcert) program on the machine that runs the task, usually the control node. See role P(nsxcert.nsx.install#role).
notes:
  - Files are those of the machine that runs the task. Use C(delegate_to=localhost) when the inventory names the clusters.
  - Give paths in full. On the control node one that is not starts in the folder of the playbook.
  - The keyword C(timeout) and E(ANSIBLE_TASK_TIMEOUT) end Ansible's waiting, not the module nor C(nsxcert), which carry on with nobody
    to hear of it. O(deadline_seconds) ends the work itself, with a result that tells how far it came. Where both are used, let
    C(timeout) be the longer one.
  - The options of the connection are accepted by every module, so that C(module_defaults) can give them to the whole group.
    Modules that talk to no manager do not use them.
"""
