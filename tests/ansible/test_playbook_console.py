# SPDX-License-Identifier: Apache-2.0
"""What the managers' consoles say, over a real SSH connection of Ansible's."""
import subprocess

from playing import inventory_of


def test_consoles_agree_with_the_wire(cluster_with_ssh, player):
    first = player.site(cluster_with_ssh, "-v").ended()
    assert first.said('"service": "api", "status": "in_sync"') and first.said('"service": "cluster", "status": "in_sync"')
    assert not first.said('"service": "api", "status": "unknown"')


def test_a_console_that_says_another_certificate_is_found(cluster_with_ssh, player):
    factory = cluster_with_ssh.state()["nodes"][1]["uses"]
    player.site(cluster_with_ssh).ended()
    cluster_with_ssh.patch({"cli": {"1": {"api": factory}}})
    found = player.site(cluster_with_ssh).ended(2)
    assert found.said(f"the console of {cluster_with_ssh.nodes[1]['address']} is drifted (get certificate api")
    assert not found.said(f"the console of {cluster_with_ssh.nodes[0]['address']} is")


def test_a_console_that_cannot_be_asked_is_no_pass(cluster_with_ssh, player):
    """A manager without SSH is unknown, whatever the wire shows."""
    player.site(cluster_with_ssh).ended()
    silent = player.site(cluster_with_ssh, "-e", "ansible_port=1").ended(2)
    assert silent.said("is unknown (get certificate api: ") and silent.said("Connection refused")
    assert not silent.said("(get certificate cluster: ")
    assert silent.said("cluster-0 unknown unchanged")


def test_a_refused_login_is_tried_once_on_each_manager(cluster_with_ssh, player):
    """Five refused ones lock the account, and a run asks each manager two questions."""
    key = player.folder / "other-key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    player.site(cluster_with_ssh).ended()
    refused = player.site(cluster_with_ssh, "-v", "-e", f"ansible_ssh_private_key_file={key}", "-e",
                          "ansible_ssh_extra_args='-o IdentitiesOnly=yes -o ControlPath=none'").ended(2)
    assert refused.said("Permission denied") and refused.said("cluster-0 unknown unchanged")
    for node in cluster_with_ssh.nodes:
        assert refused.output.count(f"(item={node['fqdn']})") == 1


def test_a_console_that_is_no_endpoint_of_the_cluster_is_told_so(cluster_with_ssh, player):
    """The managers are looked at by their addresses, and the inventory has this console by a name."""
    name = {"ansible_host": "localhost", "ansible_ssh_common_args": "-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"}
    player.site(cluster_with_ssh).ended()
    inventory = inventory_of(cluster_with_ssh, player.nsxcert)
    first = cluster_with_ssh.nodes[0]
    inventory["nsx_managers"]["hosts"][first["fqdn"]] = {**name, "ansible_ssh_extra_args": f"-o HostName={first['address']}"}
    found = player.play("nsxcert.nsx.site", inventory=inventory, NSXT_PASSWORD=cluster_with_ssh.password).ended(2)
    assert found.said("the console of localhost is unknown (get certificate api: ")
    assert found.said("localhost is not among the endpoints looked at")
