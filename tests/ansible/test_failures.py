# SPDX-License-Identifier: Apache-2.0
"""Failures end in messages that a person can act on, and leave the cluster as it was."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))

import pki
from playing import factory_pins


def play(cluster, player, module, *arguments, **options):
    """One task of MODULE with the connection to CLUSTER."""
    connection = {"executable": player.nsxcert, "hostname": cluster.endpoint(cluster.vip), "username": cluster.username,
                  "password": cluster.password, "pin_sha256": factory_pins(cluster)}
    tasks = [{"name": "The task", f"nsxcert.nsx.{module}": {**connection, **options}}]
    return player.play([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}], *arguments)


def imported(cluster, player, pair, *arguments, **options):
    return play(cluster, player, "nsx_certificate", *arguments, certificate_content=pair.chain,
                privatekey_content=pair.key_pem, **options)


@pytest.fixture(scope="module")
def pair():
    return pki.make("nsx.example.com", ["nsx.example.com"])


def test_a_wrong_password_is_tried_once(cluster, player):
    """By the playbook: what the summary says names the step and the way out."""
    wrong = "CANARY-4a7f-not-the-password"
    ended = player.site(cluster, password=wrong).ended(2)
    assert ended.said("Import the certificate: ") and ended.said("(credentials-refused)") and ended.said("Check the credentials")
    assert len([entry for entry in cluster.log() if entry["status"] in (401, 403)]) == 1
    assert cluster.log(writes=True) == [] and wrong not in ended.output


def test_an_option_that_the_role_sets_itself_is_not_silently_lost(cluster, player):
    ended = player.site(cluster, cluster_certificate_registration_options={"scope": "cluster"}).ended(2)
    assert ended.said("scope: the role sets that itself") and cluster.log() == []


def test_an_untrusted_manager_shows_what_to_pin(cluster, player, pair):
    ended = imported(cluster, player, pair, pin_sha256=["0" * 64]).ended(2)
    assert ended.said("(untrusted-manager)") and ended.said("get certificate api thumbprint") and ended.said("`pin_sha256`")
    assert cluster.log() == []  # no request was sent, so no password


def test_a_name_conflict_names_the_option(cluster, player, pair):
    other = pki.make(cluster.vip)
    cluster.patch({"add_certificate": {"pem_encoded": other.pem, "private_key": other.key_pem, "display_name": "nsx-vip"}})
    ended = imported(cluster, player, pair, display_name="nsx-vip").ended(2)
    assert ended.said('the name "nsx-vip" is held by another certificate [display_name]') and ended.said("(name-conflict)")


def test_a_restarting_manager_may_be_asked_again(cluster, player, pair):
    cluster.fault({"what": "status_503", "times": 0})
    ended = imported(cluster, player, pair, "-v", deadline_seconds=3).ended(2)
    assert ended.said("Run the same request again") and ended.said('"retryable": true')
    cluster.clear_faults()
    imported(cluster, player, pair).ended()


@pytest.mark.parametrize("cluster", ["4.1"], indirect=True)
def test_what_the_manager_rejects_is_told_in_its_own_words(cluster, player):
    unfit = pki.make(cluster.vip, key_encipherment=False)
    ended = imported(cluster, player, unfit, "-v", lint="warn").ended(2)
    assert ended.said("(certificate-rejected)") and ended.said('"error_message": "')
    assert ended.said('"outcome": "undone"')  # the entry was removed again


@pytest.mark.parametrize("cluster", ["2.4"], indirect=True)
def test_a_manager_that_never_settles_stops_there(cluster, player):
    cluster.switches({"settle": "never"})
    quick = {"confirm_after_seconds": 0, "settle_timeout_seconds": 1}
    ended = player.site(cluster, cluster_certificate_registration_options=quick).ended(2)
    assert ended.said("Register the certificate: ") and ended.said("(not-settled)")
    assert len([entry for entry in cluster.log(writes=True) if "services/http" in entry["path"]]) == 1


def test_all_mistakes_are_told_by_their_options(cluster, player):
    ended = play(cluster, player, "nsx_certificate_file", common_name="a", privatekey_path="a.key", certificate_path="a.crt",
                 validity_days=99999, renew_before_days=-1).ended(2)
    assert ended.said("found 99999 [validity_days]") and ended.said("[renew_before_days]") and ended.said("(invalid-request)")


def test_without_the_program_the_way_to_it_is_told(cluster, player, pair):
    ended = imported(cluster, player, pair, executable="/nonexistent/nsxcert").ended(2)
    assert ended.said("There is no nsxcert at /nonexistent/nsxcert") and ended.said("role nsxcert.nsx.install")


def test_a_proof_that_should_fail_says_what_differs(cluster, player, pair):
    """`failed_when` on the status, as the page for those who come from the older modules has it."""
    other = player.folder / "other.crt"
    other.write_text(pair.pem)
    task = {"executable": player.nsxcert, "hostname": cluster.endpoint(cluster.vip), "scope": "cluster", "expected_path": str(other)}
    tasks = [{"nsxcert.nsx.nsx_cluster_certificate_info": task, "register": "seen", "failed_when": "seen.status != 'in_sync'"}]
    ended = player.play([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]).ended(2)
    assert ended.said(f"The cluster is drifted: {cluster.endpoint(cluster.vip)} is drifted (fingerprint")


def test_an_empty_password_is_told(cluster, player, pair):
    ended = imported(cluster, player, pair, password="").ended(2)
    assert ended.said("A secret is given and empty: password.") and cluster.log() == []
