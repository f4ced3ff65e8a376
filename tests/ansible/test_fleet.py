# SPDX-License-Identifier: Apache-2.0
"""Ten clusters in one inventory: each its own result, and one that fails hides and stops no other."""
from playing import worker
from simulator.fixture import Simulator

COUNT = 10


def test_ten_clusters_one_of_which_fails(player):
    report = player.folder / "report.md"
    arguments = ["--forks", "5", "-e", f"nsxcert_report_path={report}"]
    with Simulator.start("4.2", first_cluster=100 + 20 * worker(), clusters=COUNT) as sim:
        broken = sim.info["clusters"][3]
        sim.fault({"what": "status_503", "times": 0, "cluster": broken["name"]})
        options = {"deadline_seconds": 10}
        first = player.site(sim, *arguments, cluster_certificate_connection=options).ended(2)
        names = {cluster["name"] for cluster in sim.info["clusters"]}
        assert set(first.hosts) == names
        assert [name for name, recap in first.hosts.items() if recap["failed"]] == [broken["name"]]
        lines = report.read_text().splitlines()
        assert sum("| in_sync | yes |" in line for line in lines) == COUNT - 1
        (failed,) = [line for line in lines if "| failed |" in line]
        assert failed.startswith(f"| {broken['name']} |") and "Import the certificate: " in failed
        for name in names - {broken["name"]}:
            assert first.said(f"{name} in_sync changed until")

        sim.clear_faults()
        again = player.site(sim, *arguments, "--limit", f"{broken['name']},{sim.info['clusters'][0]['name']}").ended()
        assert {name for name, recap in again.hosts.items() if recap["changed"]} == {broken["name"]}
        assert [line.split(" | ")[1:3] for line in report.read_text().splitlines()[4:]] == [["in_sync", "no"], ["in_sync", "yes"]]
