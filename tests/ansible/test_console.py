# SPDX-License-Identifier: Apache-2.0
"""What the managers' consoles say, over a real SSH connection of Ansible's."""



def test_consoles_agree_with_the_wire(cluster, player):
    first = player.site(cluster, "-v").ended()
    assert first.said('"service": "api", "status": "in_sync"') and first.said('"service": "cluster", "status": "in_sync"')
    assert not first.said('"service": "api", "status": "unknown"')


def test_a_console_that_says_another_certificate_is_found(cluster, player):
    factory = cluster.state()["nodes"][1]["uses"]
    player.site(cluster).ended()
    cluster.patch({"cli": {"1": {"api": factory}}})
    found = player.site(cluster).ended(2)
    assert found.said(f"the console of {cluster.nodes[1]['address']} is drifted (get certificate api")
    assert not found.said(f"the console of {cluster.nodes[0]['address']} is")


def test_a_console_that_cannot_be_asked_is_no_pass(cluster, player):
    """A manager without SSH is unknown, whatever the wire shows."""
    player.site(cluster).ended()
    extra = ["-e", "ansible_ssh_private_key_file=/dev/null"]
    silent = player.site(cluster, *extra).ended(2)
    assert silent.said("is unknown (get certificate api: no certificate)")
