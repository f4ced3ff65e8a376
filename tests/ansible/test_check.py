# SPDX-License-Identifier: Apache-2.0
"""Check mode is green only where a real run would get in and nothing but what it would change is amiss."""
import pytest

CORES = pytest.mark.parametrize("player", ["2.16", "2.19"], indirect=True)


@CORES
def test_a_wrong_password(cluster, player):
    """The files are not there yet: what is planned of them asks the manager nothing."""
    ended = player.site(cluster, "--check", password="CANARY-not-the-password").ended(2)
    assert ended.said("Stop where a real run would not get in: ") and ended.said("(credentials-refused)")
    assert ended.said("Check the credentials; wait 15 minutes")
    assert len([entry for entry in cluster.log() if entry["status"] in (401, 403)]) == 1


@CORES
def test_a_first_contact_stops_before_the_password_is_sent(cluster, player):
    """As the collection's README says of its first command."""
    ended = player.site(cluster, "--check", "--diff", cluster_certificate_pin_sha256=None).ended(2)
    assert ended.said("presented a certificate that is not trusted (SHA-256 ") and ended.said("add it to cluster_certificate_pin_sha256")
    assert cluster.log() == []


def test_a_cluster_that_is_not_reached(cluster, player):
    variables = {"cluster_certificate_nodes": ["127.0.0.1:1"], "cluster_certificate_connection": {"hostname": "127.0.0.1:1"}}
    ended = player.site(cluster, "--check", **variables).ended(2)
    assert ended.said("Stop where a real run would not get in: ") and ended.said("(unreachable)")


def test_a_given_certificate_that_is_misspelt(cluster, player):
    files = {"cluster_certificate_path": "/nonexistent/own.pem", "cluster_certificate_privatekey_path": "/nonexistent/own.key"}
    ended = player.site(cluster, "--check", cluster_certificate_generate=False, **files).ended(2)
    assert ended.said("Stop where a real run would miss a file: ") and ended.said("/nonexistent/own.pem does not exist yet")


def test_drift_after_the_change_is_not_hidden(cluster_with_ssh, player):
    """Nothing is left to change, and a console says another certificate than the wire shows."""
    factory = cluster_with_ssh.state()["nodes"][1]["uses"]
    player.site(cluster_with_ssh).ended()
    player.site(cluster_with_ssh, "--check").ended()
    cluster_with_ssh.patch({"cli": {"1": {"api": factory}}})
    found = player.site(cluster_with_ssh, "--check").ended(2)
    assert found.said(f"the console of {cluster_with_ssh.nodes[1]['address']} is drifted (get certificate api")
    assert found.said("cluster-0 drifted unchanged")
