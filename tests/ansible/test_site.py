# SPDX-License-Identifier: Apache-2.0
"""site.yml from the factory state to the proof, by every core version, against three NSX versions."""
import ssl

import pytest
from playing import core_versions

# Each NSX version once, each core version once: a matrix would cost minutes and find nothing more.
PAIRS = list(zip(["2.4", "4.2", "3.2"], core_versions()))
ALL_CHANGED = {"ok", "changed"}


def leaf_of(path):
    return ssl.PEM_cert_to_DER_cert(path.read_text())


def served(cluster):
    """The DER of what the VIP and each manager serve, by an independent client."""
    addresses = [cluster.vip] + [node["address"] for node in cluster.nodes]
    return {address: ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((address, cluster.port))) for address in addresses}


@pytest.mark.parametrize(("cluster", "player"), PAIRS, indirect=True)
def test_from_factory_to_proof_and_again(cluster, player):
    certificate = player.folder / "inventory/nsxcert/cluster-0.crt"
    report = player.folder / "report.md"

    planned = player.site(cluster, "--check", "--diff", "-e", f"nsxcert_report_path={report}").ended()
    assert planned.hosts["cluster-0"]["changed"] >= 3 and planned.hosts["cluster-0"]["failed"] == 0
    assert not certificate.exists() and cluster.log(writes=True) == []
    assert planned.said("Check mode: nothing was changed.") and planned.said("cluster-0 drifted would change")
    assert "(check mode: nothing was changed)" in report.read_text() and "| drifted | would change |" in report.read_text()

    first = player.site(cluster, "--diff", "-e", f"nsxcert_report_path={report}").ended()
    assert first.hosts["cluster-0"]["changed"] >= 3
    assert set(served(cluster).values()) == {leaf_of(certificate)}
    assert f'"{cluster.vip}"' in first.output  # the diff shows addresses
    for node in cluster.nodes:
        assert first.said(f"+++ after: node certificate of {node['address']}")
    assert "PRIVATE KEY" not in first.output
    assert "| cluster-0 | in_sync | yes |" in report.read_text() and "check mode" not in first.output + report.read_text()
    writes = len(cluster.log(writes=True))

    again = player.site(cluster).ended()
    assert again.sum("changed") == 0 and again.hosts["cluster-0"]["ok"] >= 6
    assert len(cluster.log(writes=True)) == writes

    foreseen = player.site(cluster, "--check", "--diff").ended()
    assert foreseen.sum("changed") == 0


def test_renewal(cluster, player):
    """Another digest makes it due: the managers still serve the previous certificate, no pin matches it, and it works."""
    player.site(cluster).ended()
    before = served(cluster)
    options = {"digest": "sha384"}
    foreseen = player.site(cluster, "--check", cluster_certificate_file_options=options,
                           cluster_certificate_pin_sha256=None).ended()
    assert foreseen.hosts["cluster-0"]["changed"] == 3 and served(cluster) == before
    renewed = player.site(cluster, cluster_certificate_file_options=options, cluster_certificate_pin_sha256=None).ended()
    assert renewed.hosts["cluster-0"]["changed"] == 3
    assert set(served(cluster).values()).isdisjoint(before.values())


def test_a_given_certificate(cluster, player):
    """cluster_certificate_generate: false takes the files that are there."""
    folder = player.folder / "given"
    folder.mkdir()
    make = [{
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [{"nsxcert.nsx.nsx_certificate_file": {
            "executable": player.nsxcert, "common_name": cluster.vip, "certificate_path": str(folder / "own.pem"),
            "san": {"ip": [node["address"] for node in cluster.nodes]}, "privatekey_path": str(folder / "own.key")}}],
    }]
    player.play(make).ended()
    player.site(cluster, cluster_certificate_generate=False, cluster_certificate_path=str(folder / "own.pem"),
                cluster_certificate_privatekey_path=str(folder / "own.key")).ended()
    assert set(served(cluster).values()) == {leaf_of(folder / "own.pem")}
