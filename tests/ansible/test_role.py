# SPDX-License-Identifier: Apache-2.0
"""The role cluster_certificate in a play of the user's own."""
import subprocess

import pytest
from playing import inventory_of

OUTCOME = {"ansible.builtin.debug": {"msg": "{{ o.status }}, changed {{ o.changed }}, in {{ o.step or 'no step' }}"},
           "vars": {"o": "{{ cluster_certificate_outcome }}"}}
NOBODY = {"cluster_certificate_hostname": "127.0.0.1:1", "cluster_certificate_connection": {"deadline_seconds": 1},
          "cluster_certificate_generate": False}


def role(**variables):
    return {"ansible.builtin.include_role": {"name": "nsxcert.nsx.cluster_certificate"}, "vars": variables}


def test_twice_for_one_host(cluster, player):
    """What the first run left is not taken for the second one's, and the folder of the files keeps its mode.

    The first run finds the cluster by ansible_host.
    """
    inventory = inventory_of(cluster, player.nsxcert)
    host = inventory["nsx_clusters"]["hosts"]["cluster-0"]
    host["ansible_host"] = host.pop("cluster_certificate_hostname")
    folder = player.folder / "inventory/nsxcert"
    folder.mkdir(parents=True)
    folder.chmod(0o700)
    tasks = [role(), OUTCOME, role(cluster_certificate_fail=False, **NOBODY), OUTCOME]
    done = player.play([{"hosts": "nsx_clusters", "gather_facts": False, "tasks": tasks}], inventory=inventory,
                       NSXT_PASSWORD=cluster.password).ended()
    assert done.said("in_sync, changed True, in no step")
    assert done.said("failed, changed False, in Import the certificate")
    assert folder.stat().st_mode & 0o777 == 0o700


def test_without_credentials_the_ways_to_give_them_are_told(cluster, player):
    inventory = inventory_of(cluster, player.nsxcert, cluster_certificate_username=None, cluster_certificate_password_env=None)
    done = player.play("nsxcert.nsx.site", "--check", inventory=inventory).ended(2)
    assert done.said("No credentials are given. Give username and password") and cluster.log() == []


def test_an_encrypted_key(cluster, player):
    """A given certificate whose key has a passphrase, and more options for the import and the proof."""
    files = {name: player.folder / name for name in ("own.pem", "plain.key", "own.key")}
    make = {"nsxcert.nsx.nsx_certificate_file": {
        "executable": player.nsxcert, "common_name": cluster.vip, "certificate_path": str(files["own.pem"]),
        "privatekey_path": str(files["plain.key"])}}
    player.play([{"hosts": "localhost", "gather_facts": False, "tasks": [make]}]).ended()
    subprocess.run(["openssl", "pkcs8", "-topk8", "-in", files["plain.key"], "-out", files["own.key"], "-passout", "env:WORD"],
                   env={"WORD": "CANARY-passphrase-31", "PATH": player.environment["PATH"]}, check=True)
    done = player.site(
        cluster, "-v", cluster_certificate_generate=False, cluster_certificate_path=str(files["own.pem"]),
        cluster_certificate_privatekey_path=str(files["own.key"]),
        cluster_certificate_import_options={"passphrase": "CANARY-passphrase-31"},
        cluster_certificate_verify_options={"require_node_names": True}).ended(2)
    assert done.said(f"{cluster.nodes[0]['address']} is drifted (")  # its name is not in the certificate
    assert done.said("cluster-0 drifted changed") and "CANARY-passphrase-31" not in done.output


def test_a_play_that_becomes_root_asks_the_consoles_all_the_same(cluster_with_ssh, player):
    """A manager's console knows no sudo. localhost stands in the inventory here, and needs no root either."""
    inventory = inventory_of(cluster_with_ssh, player.nsxcert)
    inventory["all"] = {"hosts": {"localhost": {
        "ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}", "ansible_become": False}}}
    plays = [{"hosts": "nsx_clusters", "gather_facts": False, "become": True, "roles": ["nsxcert.nsx.cluster_certificate"]}]
    done = player.play(plays, inventory=inventory, NSXT_PASSWORD=cluster_with_ssh.password).ended()
    assert done.said("Every endpoint serves the certificate")


@pytest.mark.parametrize("player", ["2.16"], indirect=True)
def test_a_password_encrypted_inline(cluster, player):
    """By `ansible-vault encrypt_string`, as a variable of the group: ansible-core 2.16 is particular about it."""
    word = player.folder / "vault-password"
    word.write_text("of the vault")
    vault = ["--vault-password-file", str(word)]
    command = [str(player.program.with_name("ansible-vault")), "encrypt_string", *vault, "--stdin-name", "cluster_certificate_password"]
    encrypted = subprocess.run(command, input=cluster.password, env=player.environment, capture_output=True, text=True, check=True)
    variables = player.folder / "inventory/group_vars/nsx_clusters.yml"
    variables.parent.mkdir(parents=True)
    variables.write_text(encrypted.stdout)
    done = player.site(cluster, "--check", "-vvvv", *vault, cluster_certificate_password_env=None, password="not-used").ended()
    assert done.hosts["cluster-0"]["changed"] >= 3 and cluster.password not in done.output
    assert {entry["status"] for entry in cluster.log()} == {200}
