# SPDX-License-Identifier: Apache-2.0
"""What the managers' consoles say, over a real SSH connection of Ansible's."""


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
    assert silent.said("cluster-0 unknown unchanged")
