# SPDX-License-Identifier: Apache-2.0
"""Failures end in messages that a person can act on, and leave the cluster as it was."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))

import pki

QUICK = {"confirm_after_seconds": 0, "settle_timeout_seconds": 1}


def logins(cluster):
    return [entry for entry in cluster.log() if entry["status"] in (401, 403)]


def test_a_wrong_password_is_tried_once(cluster, player):
    wrong = "CANARY-4a7f-not-the-password"
    ended = player.site(cluster, password=wrong).ended(2)
    assert ended.said("Import the certificate: ") and ended.said("(credentials-refused)") and ended.said("Check the credentials")
    assert len(logins(cluster)) == 1 and wrong not in ended.output
    assert cluster.log(writes=True) == []


def test_an_untrusted_manager_shows_what_to_pin(cluster, player):
    ended = player.site(cluster, cluster_certificate_pin_sha256=["0" * 64]).ended(2)
    assert ended.said("(untrusted-manager)") and ended.said("get certificate api thumbprint") and ended.said("`pin_sha256`")
    assert cluster.log() == []  # no request was sent, so no password


def test_a_name_conflict_names_the_way_out(cluster, player):
    other = pki.make(cluster.vip)
    cluster.patch({"add_certificate": {"pem_encoded": other.pem, "private_key": other.key_pem, "display_name": "nsx-vip"}})
    ended = player.site(cluster, cluster_certificate_display_name="nsx-vip").ended(2)
    assert ended.said('the name "nsx-vip" is held by another certificate [display_name]') and ended.said("(name-conflict)")


def test_a_restarting_manager_may_be_asked_again(cluster, player):
    cluster.fault({"what": "status_503", "times": 0})
    ended = player.site(cluster, "-v", cluster_certificate_connection={"deadline_seconds": 3}).ended(2)
    assert ended.said("Run the same request again") and ended.said('"retryable": true')
    cluster.clear_faults()
    player.site(cluster).ended()


@pytest.mark.parametrize("cluster", ["4.1"], indirect=True)
def test_what_the_manager_rejects_is_told_in_its_own_words(cluster, player):
    unfit = pki.make(cluster.vip, key_encipherment=False)
    certificate, key = player.folder / "unfit.crt", player.folder / "unfit.key"
    certificate.write_text(unfit.pem)
    key.write_text(unfit.key_pem)
    ended = player.site(cluster, cluster_certificate_generate=False, cluster_certificate_path=str(certificate),
                        cluster_certificate_privatekey_path=str(key), cluster_certificate_lint="warn").ended(2)
    assert ended.said("(certificate-rejected)") and ended.said("Import the certificate: ")
    assert not any("apply_certificate" in str(entry["action"]) for entry in cluster.log(writes=True))


@pytest.mark.parametrize("cluster", ["2.4"], indirect=True)
def test_a_manager_that_never_settles_stops_there(cluster, player):
    cluster.switches({"settle": "never"})
    ended = player.site(cluster, cluster_certificate_registration_options=QUICK).ended(2)
    assert ended.said("(not-settled)") and ended.said("Register the certificate: ")
    cluster.switches({"settle": "normal"})
    player.site(cluster).ended()


def test_all_mistakes_are_told_by_their_options(cluster, player):
    options = {"validity_days": 99999, "renew_before_days": -1}
    ended = player.site(cluster, cluster_certificate_file_options=options).ended(2)
    assert ended.said("found 99999 [validity_days]") and ended.said("[renew_before_days]") and ended.said("(invalid-request)")


def test_without_the_program_the_way_to_it_is_told(cluster, player):
    ended = player.site(cluster, cluster_certificate_executable="/nonexistent/nsxcert").ended(2)
    assert ended.said("There is no nsxcert at /nonexistent/nsxcert") and ended.said("role nsxcert.nsx.install")
