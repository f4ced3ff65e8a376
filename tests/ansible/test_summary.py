# SPDX-License-Identifier: Apache-2.0
"""site.yml ends with a summary that has every cluster in it, whatever went wrong, and fails where one failed."""
import json

import pytest
from playing import inventory_of

CORES = pytest.mark.parametrize("player", ["2.16", "2.19"], indirect=True)


@CORES
def test_what_fails_before_the_role_does_its_work(cluster, player):
    """Arguments of the wrong kind, for instance."""
    ended = player.site(cluster, cluster_certificate_scope="everything").ended(2)
    assert ended.said("cluster-0 failed unchanged ") and not ended.said("not run")
    assert ended.said("value of cluster_certificate_scope must be one of: cluster, nodes, all, got: everything")


@CORES
def test_a_delegate_that_is_not_reached(cluster, player):
    """It is no host of the play: Ansible would leave the cluster out of all that follows."""
    report = player.folder / "report.md"
    inventory = inventory_of(cluster, player.nsxcert, nsxcert_delegate="elsewhere")
    inventory["all"] = {"hosts": {"elsewhere": {"ansible_host": "127.0.0.1", "ansible_port": 1}}}
    ended = player.play("nsxcert.nsx.site", "-e", f"nsxcert_report_path={report}", inventory=inventory).ended(2)
    assert ended.said("cluster-0 failed unchanged Stop where the delegate is not reached, before the import: elsewhere cannot be reached")
    assert "elsewhere cannot be reached" in report.read_text() and cluster.log() == []


def test_a_delegate_that_is_lost_after_the_change(cluster_with_ssh, player):
    """What was changed by then is told. The delegate is lost by what the registration's own step leaves behind."""
    lost = player.folder / "lost"
    inventory = inventory_of(cluster_with_ssh, player.nsxcert, nsxcert_delegate="here")
    inventory["nsx_clusters"]["hosts"]["cluster-0"].pop("cluster_certificate_console_hosts")
    inventory["all"] = {"hosts": {"here": {
        "ansible_connection": "{{ 'ssh' if lost is exists else 'local' }}", "ansible_host": "127.0.0.1", "ansible_port": 1,
        "ansible_python_interpreter": "{{ ansible_playbook_python }}", "lost": str(lost)}}}
    variables = inventory["nsx_clusters"]["vars"]
    variables["cluster_certificate_registration_options"] = {"confirm_after_seconds": 0, "executable": str(player.folder / "wrapper")}
    wrapper = player.folder / "wrapper"
    wrapper.write_text(f"""#!/bin/sh
[ "$1" = --capabilities ] && exec {player.nsxcert} --capabilities
{player.nsxcert}; end=$?
touch {lost}
exit $end
""")
    wrapper.chmod(0o755)
    ended = player.play("nsxcert.nsx.site", inventory=inventory, NSXT_PASSWORD=cluster_with_ssh.password).ended(2)
    assert ended.said("cluster-0 failed changed Stop where the delegate is not reached, before the proof: here cannot be reached")\
        or ended.said("cluster-0 failed changed Stop where the delegate is not reached, after the proof: here cannot be reached")


def test_a_report_that_cannot_be_written(cluster, player):
    """The clusters that failed are named all the same, and the one reason does not hide the other."""
    (player.folder / "a-file").write_text("")
    report = player.folder / "a-file/report.md"
    ended = player.site(cluster, "-e", f"nsxcert_report_path={report}", password="CANARY-wrong").ended(2)
    assert ended.said("Make the folder of the summary") and ended.said("Import the certificate: ") and ended.said("(credentials-refused)")


def test_a_report_by_a_variable_of_the_group_in_a_new_folder(cluster, player):
    """A path that is not given in full starts beside the inventory, wherever the run was started."""
    player.site(cluster, "--check", cluster_certificate_report_path="reports/today.md").ended()
    assert "| cluster-0 |" in (player.folder / "inventory/reports/today.md").read_text()


@CORES
def test_an_inventory_that_is_no_file(cluster, player):
    """Nothing is beside it, so paths must be given in full."""
    inventory = inventory_of(cluster, player.nsxcert)
    variables = {**inventory["nsx_clusters"]["vars"], **inventory["nsx_clusters"]["hosts"]["cluster-0"], "nsxcert_hosts": "cluster-0"}
    (player.folder / "variables.json").write_text(json.dumps(variables))
    arguments = ["-i", "cluster-0,", "-e", "@variables.json", "--check"]
    ended = player.play("nsxcert.nsx.site", *arguments, "-e", "nsxcert_report_path=r.md", NSXT_PASSWORD=cluster.password).ended(2)
    assert ended.said("give cluster_certificate_directory in full") and ended.said("r.md: the inventory is no file")
    assert not (player.folder / "nsxcert").exists() and not (player.folder / "r.md").exists()
    folder = player.folder / "files"
    player.play("nsxcert.nsx.site", *arguments, "-e", f"cluster_certificate_directory={folder}", NSXT_PASSWORD=cluster.password).ended()


def test_a_message_of_several_lines(cluster, player):
    """It takes one line of the table."""
    wrapper = player.folder / "wrapper"
    wrapper.write_text("#!/bin/sh\nprintf 'one\\ntwo\\n' >&2\nexit 1\n")
    wrapper.chmod(0o755)
    ended = player.site(cluster, cluster_certificate_executable=str(wrapper)).ended(2)
    assert any("cluster-0" in line and "one two" in line for line in ended.output.splitlines())
