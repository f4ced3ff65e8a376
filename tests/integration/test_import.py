# SPDX-License-Identifier: Apache-2.0
"""import against every version: once, whatever happens on the way."""
import json

import api
import pki
import pytest
from requests_for import import_request

IMPORT = {"method": "POST", "action": "import"}
OLD = ("2.4", "2.5")
STORE_PATH = "/api/v1/trust-management/certificates"


@pytest.fixture
def pair(sim):
    return pki.make(sim.vip)


def validates(sim):
    return sim.version not in OLD


def calls(log):
    return [(entry["method"], entry["path"].rpartition("/")[2], entry["action"]) for entry in log]


def connections(log):
    return len({(entry["manager"], entry["connection"]) for entry in log})


# -- the ordinary day ----------------------------------------------------------


def test_first_run_imports_once(sim, program, pair):
    outcome = program.run(import_request(sim, pair), secrets=[sim.password, pair.key_pem[40:80]])
    log = sim.log()
    assert outcome.code == 0 and outcome.json["changed"]
    assert outcome.steps == {"import": "done"} | ({"validate": "done"} if validates(sim) else {})
    (entry,) = api.entries(sim, pair)
    assert outcome.result == {"certificate_id": entry["id"],
                              "display_name": f"{sim.vip}-{pair.fingerprint[:12]}",
                              "fingerprint_sha256": pair.fingerprint,
                              "not_after": pair.not_after, "renewal_due": False}
    assert entry["display_name"] == outcome.result["display_name"]
    assert outcome.json["target"]["nsx_version"].startswith(sim.version)
    assert outcome.json["meta"]["trusted_by"] == "pin"
    # The budget: version, list, import, list, validate; one connection, one write.
    expected = [("GET", "version", None), ("GET", "certificates", None),
                ("POST", "certificates", "import"), ("GET", "certificates", None)]
    if validates(sim):
        expected.append(("GET", entry["id"], "validate"))
    assert calls(log) == expected
    assert connections(log) == 1
    assert [one["write"] for one in log].count(True) == 1


def test_second_run_changes_nothing(sim, program, pair):
    first = program.run(import_request(sim, pair))
    done = len(sim.log())
    second = program.run(import_request(sim, pair))
    log = sim.log()[done:]
    assert second.code == 0 and not second.json["changed"]
    assert second.steps["import"] == "unchanged" and second.json["diff"] == []
    assert second.result == first.result
    assert len(log) == (3 if validates(sim) else 2) and connections(log) == 1
    assert not any(entry["write"] for entry in log)


def test_in_use_is_not_validated_again(sim, program, pair):
    ident = api.put(sim, pair, "by hand")
    api.apply_to_vip(sim, ident)
    wait_for_use(sim, ident)
    done = len(sim.log())
    outcome = program.run(import_request(sim, pair))
    assert outcome.code == 0 and outcome.result["certificate_id"] == ident
    assert outcome.result["display_name"] == "by hand"
    assert len(sim.log()) - done == 2
    assert outcome.json["meta"]["trusted_by"] in ("request", "pin")


def wait_for_use(sim, ident):
    """Until the VIP serves it: the simulator's own word, asked again and again."""
    for _ in range(2000):
        if sim.state()["serves"]["vip"]["certificate_id"] == ident:
            return
    raise AssertionError("the VIP never changed")


def test_dry_run_says_what_the_run_does(sim, program, pair):
    plan = program.run(import_request(sim, pair, dry_run=True))
    assert sim.log(writes=True) == []
    real = program.run(import_request(sim, pair))
    assert plan.code == real.code == 0 and plan.json["changed"] and real.json["changed"]
    assert plan.json["diff"] == real.json["diff"]
    assert [(step["name"], step["changed"], step["reasons"]) for step in plan.json["steps"]] == \
           [(step["name"], step["changed"], step["reasons"]) for step in real.json["steps"]]
    assert plan.steps == {name: "planned" for name in real.steps}
    assert plan.result["certificate_id"] is None
    assert plan.json["unknown"] == ["/result/certificate_id"]
    again = program.run(import_request(sim, pair, dry_run=True))
    assert not again.json["changed"] and again.result == real.result


def test_detailed_exit_code(sim, program, pair):
    assert program.run(import_request(sim, pair), "--detailed-exitcode").code == 2
    assert program.run(import_request(sim, pair), "--detailed-exitcode").code == 0


# -- what is sent ------------------------------------------------------------------


@pytest.mark.versions("2.4", "4.2")
def test_chain_in_any_order_with_the_key_inside(sim, program):
    root = pki.make("Test Root", ca=True, key=pki.rsa_key(1), days=3000)
    middle = pki.make("Test Issuing", ca=True, key=pki.rsa_key(2), issuer=root, days=2000)
    leaf = pki.make(sim.vip, issuer=middle)
    text = "Bag Attributes\n" + root.pem + leaf.key_pem + middle.pem + leaf.pem
    request = import_request(sim, leaf)
    request["parameters"] = {"certificate": text.replace("\n", "\r\n")}
    outcome = program.run(request, secrets=[leaf.key_pem[40:80]])
    assert outcome.code == 0, outcome.json["error"]
    (entry,) = api.entries(sim, leaf)
    assert entry["pem_encoded"] == leaf.pem + middle.pem + root.pem


@pytest.mark.versions("4.1")
def test_encrypted_key(sim, program, pair):
    key = pair.encrypted_key("open sesame")
    outcome = program.run(import_request(sim, pair, private_key=key))
    assert (outcome.code, outcome.error) == (1, "passphrase-wrong")
    assert outcome.json["error"]["pointer"] == "/parameters/passphrase" and sim.log() == []
    outcome = program.run(import_request(sim, pair, private_key=key, passphrase={"env": "PASS"}),
                          env={"PASS": "open sesame"}, secrets=["open sesame"])
    assert outcome.code == 0 and len(api.entries(sim, pair)) == 1


@pytest.mark.versions("4.1")
def test_key_of_another_certificate(sim, program, pair):
    other = pki.make(sim.vip, key=pki.rsa_key(1))
    outcome = program.run(import_request(sim, pair, private_key=other.key_pem))
    assert (outcome.code, outcome.error) == (1, "key-mismatch") and sim.log() == []


@pytest.mark.versions("4.1")
def test_key_of_a_request_that_is_pending(sim, program, pair, tmp_path):
    """While a CA has not answered, generate's new key is at the path and that of the certificate in use in .previous."""
    path = tmp_path / "nsx.key"
    path.write_text(pki.make(sim.vip, key=pki.rsa_key(1)).key_pem)
    (tmp_path / "nsx.key.previous").write_text(pair.key_pem)
    request = import_request(sim, pair, private_key={"file": str(path)})
    for changed in (True, False):
        outcome = program.run(request, secrets=[pair.key_pem.splitlines()[1]])
        assert outcome.code == 0 and outcome.json["changed"] is changed and outcome.warnings == ["previous-key"]
    for neither in (pki.make(sim.vip, key=pki.rsa_key(2)).key_pem, "no key\n"):
        (tmp_path / "nsx.key.previous").write_text(neither)
        outcome = program.run(request)
        assert (outcome.code, outcome.error) == (1, "key-mismatch")


@pytest.mark.versions("4.1")
@pytest.mark.parametrize("given, expected", [
    ("nsx-{not_before}", "nsx-{date}"), ("{fingerprint}", "{print}"),
    ("a{fingerprint}b{not_before}", "a{print}b{date}")])
def test_display_name_marks(sim, program, pair, given, expected):
    outcome = program.run(import_request(sim, pair, display_name=given))
    date = pair.certificate.not_valid_before_utc.strftime("%Y-%m-%d")
    assert outcome.result["display_name"] == expected.format(date=date, print=pair.fingerprint[:12])
    assert "literal-display-name" not in outcome.warnings


@pytest.mark.versions("2.4", "4.1")
def test_literal_name_warns_then_conflicts(sim, program, pair):
    outcome = program.run(import_request(sim, pair, display_name="nsx-vip"))
    assert outcome.code == 0 and outcome.warnings == ["literal-display-name"]
    renewed = pki.make(sim.vip)
    writes = len(sim.log(writes=True))
    for dry_run in (True, False):
        outcome = program.run(import_request(sim, renewed, display_name="nsx-vip", dry_run=dry_run))
        assert (outcome.code, outcome.error) == (1, "name-conflict")
        assert outcome.json["error"]["pointer"] == "/parameters/display_name"
    assert len(sim.log(writes=True)) == writes
    assert program.run(import_request(sim, pair, display_name="nsx-vip")).code == 0


# -- what the certificate says -------------------------------------------------------


@pytest.mark.versions("2.4", "3.0", "4.2")
def test_unfit_certificate_is_not_sent(sim, program):
    expired = pki.make(sim.vip, start=-30, days=10)
    outcome = program.run(import_request(sim, expired))
    assert (outcome.code, outcome.error) == (1, "certificate-unfit")
    assert "expired" in [finding["code"] for finding in outcome.json["error"]["errors"]]
    assert sim.log(writes=True) == []


@pytest.mark.versions("2.4", "3.0", "3.2", "4.1", "9.0")
def test_rejected_by_validate_is_removed_again(sim, program):
    unfit = pki.make(sim.vip, key_encipherment=False)
    outcome = program.run(import_request(sim, unfit, lint="warn"))
    if not validates(sim):
        assert outcome.code == 0
        return
    assert (outcome.code, outcome.error) == (1, "certificate-rejected")
    assert outcome.json["error"]["upstream"]["error_message"]
    assert outcome.json["error"]["step"] == "validate"
    assert not outcome.json["changed"] and outcome.json["diff"] == []
    assert outcome.steps == {"import": "undone", "validate": "failed"}
    assert outcome.result["certificate_id"] is None
    assert api.entries(sim, unfit) == []
    assert "ku-no-key-encipherment" in outcome.warnings


@pytest.mark.versions("3.0", "4.1")
def test_rejected_entry_that_cannot_be_removed_is_named(sim, program):
    unfit = pki.make(sim.vip, key_encipherment=False)
    sim.fault({"what": "status_403", "method": "DELETE", "times": 0, "error_message": "not permitted"})
    outcome = program.run(import_request(sim, unfit, lint="warn"))
    assert (outcome.code, outcome.error) == (1, "certificate-rejected") and outcome.json["changed"]
    (entry,) = api.entries(sim, unfit)
    (warning,) = [one for one in outcome.json["warnings"] if one["code"] == "entry-left"]
    assert entry["id"] in warning["detail"] and entry["display_name"] in warning["detail"]
    assert "Delete the entry" in warning["remedy"]


@pytest.mark.versions("3.0", "4.1")
def test_rejected_entry_of_somebody_else_stays(sim, program):
    unfit = pki.make(sim.vip, key_encipherment=False)
    api.put(sim, unfit, "theirs")
    for dry_run in (True, False):
        outcome = program.run(import_request(sim, unfit, lint="warn", dry_run=dry_run))
        assert (outcome.code, outcome.error) == (1, "certificate-rejected")
        assert outcome.steps == {"import": "unchanged", "validate": "failed"}
    assert len(api.entries(sim, unfit)) == 1 and not outcome.json["changed"]


@pytest.mark.versions("3.0", "4.1")
def test_crl_that_becomes_ready(sim, program):
    sim.switches({"crl_checking": "on", "crl_ready_after": 1})
    pair = pki.make(sim.vip, crl="http://crl.sim.test/root.crl")
    outcome = program.run(import_request(sim, pair))
    assert outcome.code == 0 and outcome.steps["validate"] == "done"


@pytest.mark.versions("3.0")
def test_crl_that_never_becomes_ready(sim, program):
    sim.switches({"crl_checking": "on", "crl_ready_after": 1000})
    pair = pki.make(sim.vip, crl="http://crl.sim.test/root.crl")
    outcome = program.run(import_request(sim, pair, deadline=4))
    assert (outcome.code, outcome.error) == (75, "crl-unreachable")
    # It may be ready next time: what was imported stays, and is said to.
    assert outcome.json["changed"] and len(api.entries(sim, pair)) == 1


# -- exactly once ----------------------------------------------------------------


@pytest.mark.parametrize("what", ["work_reset", "work_close", "cut_head", "cut_body", "json_cut",
                                  "status_504_done", "status_503_done", "status_500_done",
                                  "html_200", "text_200", "empty_body", "json_array",
                                  "json_other_types", "huge_body"])
@pytest.mark.versions("2.4", "4.2")
def test_lost_answer(sim, program, pair, what):
    sim.fault({"what": what, **IMPORT})
    outcome = program.run(import_request(sim, pair))
    assert outcome.code == 0 and outcome.json["changed"] and outcome.steps["import"] == "done"
    (entry,) = api.entries(sim, pair)
    assert outcome.result["certificate_id"] == entry["id"]
    assert len(sim.log(writes=True)) == 1


@pytest.mark.parametrize("what", ["reset_before", "close_before", "status_429_seconds", "status_502",
                                  "status_503_seconds", "status_504", "html_503"])
@pytest.mark.versions("4.2")
def test_import_not_done_is_done_again(sim, program, pair, what):
    sim.fault({"what": what, **IMPORT})
    outcome = program.run(import_request(sim, pair))
    assert outcome.code == 0 and outcome.json["changed"]
    assert len(api.entries(sim, pair)) == 1 and len(sim.log(writes=True)) == 2


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("looks", [1, 2, 6])
def test_stale_list(sim, program, pair, looks):
    sim.fault({"what": "stale_list", "times": looks})
    outcome = program.run(import_request(sim, pair))
    assert outcome.code == 0 and outcome.json["changed"]
    sim.clear_faults()
    (entry,) = api.entries(sim, pair)
    assert outcome.result["certificate_id"] == entry["id"]
    assert len(sim.log(writes=True)) == 1


@pytest.mark.versions("4.2")
@pytest.mark.parametrize("looks, imports", [(4, 1), (7, 2)])
@pytest.mark.parametrize("duplicates", ["accept", "refuse-pem", "refuse-name"])
def test_lost_answer_and_stale_list(sim, program, pair, duplicates, looks, imports):
    """The import is waited for; where it cannot be seen for so long that it is sent again one entry is left all the same."""
    sim.switches({"duplicates": duplicates})
    sim.fault({"what": "work_reset", **IMPORT})
    sim.fault({"what": "stale_list", "times": looks})
    done = len(sim.log(writes=True))
    outcome = program.run(import_request(sim, pair))
    assert outcome.code == 0 and outcome.json["changed"]
    assert len([entry for entry in sim.log(writes=True)[done:] if entry["method"] == "POST"]) == imports
    sim.clear_faults()
    (entry,) = api.entries(sim, pair)
    assert outcome.result["certificate_id"] == entry["id"]


@pytest.mark.versions("2.4", "4.2")
def test_entry_without_its_chain_is_named(sim, program):
    """By hand somebody imported the leaf alone: it is the certificate, but not what the request would have made."""
    root = pki.make("Test Root", ca=True, key=pki.rsa_key(1), days=3000)
    signed = pki.make(sim.vip, issuer=root)
    sim.patch({"add_certificate": {"pem_encoded": signed.pem, "private_key": signed.key_pem, "display_name": "by hand"}})
    outcome = program.run(import_request(sim, signed))
    assert outcome.error == ("certificate-rejected" if validates(sim) else None)
    assert not outcome.json["changed"] and "chain-missing" in outcome.warnings
    whole = pki.make(sim.vip, issuer=root)
    api.put(sim, whole, "whole")
    assert "chain-missing" not in program.run(import_request(sim, whole)).warnings


@pytest.mark.versions("2.4", "4.2")
def test_many_at_once_make_one(sim, program, pair):
    sim.switches({"throttle": "off"})
    started = [program.start(import_request(sim, pair)) for _ in range(6)]
    outcomes = [program.finish(process) for process in started]
    assert [outcome.code for outcome in outcomes] == [0] * 6
    (entry,) = api.entries(sim, pair)
    assert any(outcome.json["changed"] for outcome in outcomes)
    assert entry["id"] in [outcome.result["certificate_id"] for outcome in outcomes]


@pytest.mark.versions("2.4", "4.1")
def test_of_two_the_oldest_counts_and_the_other_stays(sim, program, pair):
    first = api.put(sim, pair, "one")
    api.put(sim, pair, "two")
    outcome = program.run(import_request(sim, pair))
    assert outcome.code == 0 and outcome.result["certificate_id"] == first
    assert len(api.entries(sim, pair)) == 2


@pytest.mark.versions("4.1")
def test_of_two_the_one_in_use_counts(sim, program, pair):
    api.put(sim, pair, "one")
    second = api.put(sim, pair, "two")
    api.apply_to_vip(sim, second)
    wait_for_use(sim, second)
    outcome = program.run(import_request(sim, pair))
    assert outcome.code == 0 and outcome.result["certificate_id"] == second


@pytest.mark.versions("2.4", "4.1")
def test_entry_without_a_key(sim, program, pair):
    """An entry that says it has no key is no match; an old manager does not say."""
    api.put(sim, pair, "no key", with_key=False)
    outcome = program.run(import_request(sim, pair))
    assert outcome.code == 0 and outcome.json["changed"] == (sim.version == "4.1")
    assert len(api.entries(sim, pair)) == (2 if sim.version == "4.1" else 1)


# -- pages -----------------------------------------------------------------------


@pytest.mark.versions("3.0")
@pytest.mark.parametrize("position", [{}, {"cursor_end": "zeros"}, {"cursor_end": "empty"},
                                      {"short_pages": "on"}])
def test_pages(sim, program, pair, position):
    sim.switches({"page_cap": 2, **position})
    ident = api.put(sim, pair, "last of all")
    for number in range(3):
        api.put(sim, pki.make(f"other-{number}.sim.test"), f"other {number}")
    done = len(sim.log())
    outcome = program.run(import_request(sim, pair))
    assert outcome.code == 0 and outcome.result["certificate_id"] == ident
    assert not outcome.json["changed"]
    cursors = [entry["query"].get("cursor") for entry in sim.log()[done:]
               if entry["path"] == STORE_PATH]
    assert len(cursors) > 3 and len(set(cursors)) == len(cursors)


@pytest.mark.versions("4.1")
def test_stale_cursor(sim, program, pair):
    sim.switches({"page_cap": 2})
    ident = api.put(sim, pair, "here")
    sim.fault({"what": "status_400", "path": STORE_PATH, "method": "GET", "nth": 2})
    outcome = program.run(import_request(sim, pair))
    assert outcome.code == 0 and outcome.result["certificate_id"] == ident


# -- credentials -------------------------------------------------------------------


@pytest.mark.parametrize("status", ["401", "403"])
@pytest.mark.parametrize("scheme", ["basic", "session"])
@pytest.mark.versions("2.4", "4.2")
def test_wrong_password_is_tried_once(sim, program, pair, status, scheme):
    sim.switches({"refused_status": status})
    auth = {"username": sim.username, "password": "not-the-password", "scheme": scheme}
    outcome = program.run(import_request(sim, pair, manager_changes={"auth": auth}),
                          secrets=["not-the-password"])
    assert (outcome.code, outcome.error) == (77, "credentials-refused")
    assert len(sim.log()) == 1


@pytest.mark.versions("4.2")
def test_refused_credentials_are_told_though_the_result_is_lost(sim, program, pair, tmp_path):
    """A caller that saw 74 would send the same request again, and lock the account in the end."""
    auth = {"username": sim.username, "password": "not-the-password"}
    outcome = program.run(import_request(sim, pair, manager_changes={"auth": auth}), "--output",
                          str(tmp_path / "missing" / "result.json"))
    assert (outcome.code, outcome.error) == (77, "credentials-refused")
    assert "(result-not-written)" in outcome.stderr and "again: it finds" not in outcome.stderr


@pytest.mark.versions("4.1")
def test_locked_account(sim, program, pair):
    auth = {"username": sim.username, "password": "not-the-password"}
    for _ in range(5):
        program.run(import_request(sim, pair, manager_changes={"auth": auth}))
    outcome = program.run(import_request(sim, pair))
    assert (outcome.code, outcome.error) == (77, "credentials-refused")
    assert "lock" in outcome.json["error"]["upstream"]["error_message"]
    assert len(sim.log()) == 6


@pytest.mark.versions("2.4", "4.2")
def test_role_that_may_only_read(sim, program, pair):
    auth = {"username": sim.info["auditor_username"], "password": sim.info["auditor_password"]}
    outcome = program.run(import_request(sim, pair, manager_changes={"auth": auth}))
    assert (outcome.code, outcome.error) == (77, "role-missing")
    assert outcome.json["error"]["step"] == "import" and not outcome.json["changed"]
    assert len(sim.log(writes=True)) == 1


def test_session(sim, program, pair):
    auth = {"username": sim.username, "password": sim.password, "scheme": "session"}
    outcome = program.run(import_request(sim, pair, manager_changes={"auth": auth}),
                          secrets=[sim.password])
    log = sim.log()
    assert outcome.code == 0
    assert log[0]["path"] == "/api/session/create" and log[-1]["path"] == "/api/session/destroy"
    assert len(log) == (7 if validates(sim) else 6) and connections(log) == 1
    assert not any(entry["authorization"] for entry in log)
    assert sim.state()["sessions"] == 0


@pytest.mark.versions("4.1")
def test_lost_session_is_made_anew_once(sim, program, pair):
    auth = {"username": sim.username, "password": sim.password, "scheme": "session"}
    request = import_request(sim, pair, manager_changes={"auth": auth})
    sim.fault({"what": "session_lost", "method": "GET", "path": STORE_PATH})
    outcome = program.run(request)
    assert outcome.code == 0
    created = [entry for entry in sim.log() if entry["path"] == "/api/session/create"]
    assert len(created) == 2
    # Refused again right after a fresh login: no third login.
    sim.reset()
    sim.fault({"what": "status_403", "method": "GET", "path": STORE_PATH, "times": 0,
               "error_code": 98, "error_message": "The session is not valid"})
    outcome = program.run(request)
    assert (outcome.code, outcome.error) == (77, "credentials-refused")
    created = [entry for entry in sim.log() if entry["path"] == "/api/session/create"]
    assert len(created) == 2


@pytest.mark.versions("4.1")
def test_token(sim, program, pair):
    outcome = program.run(import_request(sim, pair, manager_changes={
        "auth": {"token": sim.info["token"]}}), secrets=[sim.info["token"]])
    assert outcome.code == 0 and {entry["authorization"] for entry in sim.log()} == {"Bearer"}


# -- trust -------------------------------------------------------------------------


def test_untrusted_manager(sim, program, pair):
    outcome = program.run(import_request(sim, pair, manager_changes={
        "tls": {"pin_sha256": ["00" * 32]}}))
    assert (outcome.code, outcome.error) == (1, "untrusted-manager")
    context = outcome.json["error"]["context"]
    served = sim.state()["serves"]["vip"]["sha256"]
    assert context["presented"]["fingerprint_sha256"] == context["pin_sha256"] == served
    assert context["presented"]["subject"] and context["presented"]["not_after"].endswith("Z")
    assert context["console_command"].startswith("get certificate")
    assert sim.log() == []
    # What it says to add is what helps.
    outcome = program.run(import_request(sim, pair, manager_changes={
        "tls": {"pin_sha256": [context["pin_sha256"]]}}))
    assert outcome.code == 0


@pytest.mark.versions("4.1")
def test_the_request_trusts_what_it_puts_in_place(sim, program, pair, tmp_path):
    """After a renewal the managers serve what lies in .previous; a factory pin is of no use then."""
    api.apply_to_vip(sim, ident := api.put(sim, pair, "served"))
    wait_for_use(sim, ident)
    renewed = pki.make(sim.vip)
    path = tmp_path / "nsx.crt"
    path.write_text(renewed.pem)
    request = import_request(sim, renewed, certificate={"file": str(path)})
    outcome = program.run(request)
    assert (outcome.code, outcome.error) == (1, "untrusted-manager")
    (tmp_path / "nsx.crt.previous").write_text(pair.pem)
    outcome = program.run(request)
    assert outcome.code == 0 and outcome.json["meta"]["trusted_by"] == "request"


@pytest.mark.versions("4.1")
def test_insecure_warns(sim, program, pair):
    outcome = program.run(import_request(sim, pair, manager_changes={"tls": {"insecure": True}}))
    assert outcome.code == 0 and outcome.warnings == ["insecure"]
    assert outcome.json["meta"]["trusted_by"] == "insecure"


@pytest.mark.versions("4.1")
def test_missing_ca_file(sim, program, pair, tmp_path):
    pins = import_request(sim, pair)["manager"]["tls"]["pin_sha256"]
    ca = [{"file": str(tmp_path / "no-such.pem")}]
    tls = {"ca": ca, "pin_sha256": pins}
    outcome = program.run(import_request(sim, pair, manager_changes={"tls": tls}))
    assert outcome.code == 0 and outcome.warnings == ["ca-not-yet"]
    request = import_request(sim, pair, manager_changes={"tls": {"ca": ca}},
                             certificate={"file": str(tmp_path / "none.crt")}, dry_run=False)
    outcome = program.run(request)
    assert (outcome.code, outcome.error) == (1, "source-unavailable")


@pytest.mark.versions("4.1")
def test_expired_but_pinned(sim, program, pair):
    sim.patch({"clock_offset_seconds": 0})
    sim.fault({"what": "cert_expired", "times": 0})
    outcome = program.run(import_request(sim, pair, manager_changes={"tls": {"pin_sha256": ["00" * 32]}}))
    presented = outcome.json["error"]["context"]["pin_sha256"]
    tls = {"pin_sha256": [presented]}
    outcome = program.run(import_request(sim, pair, manager_changes={"tls": tls}))
    assert outcome.code == 0 and outcome.warnings == ["manager-certificate-expired"]


# -- odd answers -------------------------------------------------------------------


@pytest.mark.parametrize("what", ["html_200", "html_login", "text_200", "redirect_same_host",
                                  "redirect_other_host", "huge_body"])
@pytest.mark.versions("4.1")
def test_not_a_manager(sim, program, pair, what):
    sim.fault({"what": what, "times": 0})
    outcome = program.run(import_request(sim, pair))
    assert (outcome.code, outcome.error) == (1, "not-a-manager")
    assert len(sim.log()) == 1 and not outcome.json["changed"]
    if what.startswith("redirect"):
        assert "redirect" in outcome.json["error"]["detail"]


@pytest.mark.parametrize("what", ["json_array", "json_string", "json_null", "json_empty_object",
                                  "json_other_types", "empty_body"])
@pytest.mark.parametrize("path", ["/api/v1/node/version", STORE_PATH])
@pytest.mark.versions("4.1")
def test_mistyped_answers(sim, program, pair, what, path):
    sim.fault({"what": what, "path": path, "method": "GET", "times": 0})
    outcome = program.run(import_request(sim, pair))
    assert (outcome.code, outcome.error) == (1, "unexpected-answer")
    assert outcome.json["error"]["upstream"]["url"].startswith("https://")
    assert sim.log(writes=True) == []


DAMAGED = ["json_cut", "json_trailing", "json_duplicate_keys", "json_invalid_utf8", "json_nul",
           "json_deep", "json_number", "gzip"]
BROKEN = ["cut_body", "cut_head", "reset_after_bytes", "length_too_long", "chunked_garbage",
          "bad_status_line", "reset_before", "close_before"]


@pytest.mark.parametrize("what", [*DAMAGED, *BROKEN, "status_429_date", "status_503_seconds",
                                  "html_503", "status_502", "status_504", "drip", "late"])
@pytest.mark.parametrize("path", ["/api/v1/node/version", STORE_PATH])
@pytest.mark.versions("4.1")
def test_reads_are_repeated(sim, program, pair, what, path):
    sim.fault({"what": what, "path": path, "method": "GET"})
    outcome = program.run(import_request(sim, pair))
    assert outcome.code == 0 and outcome.json["changed"] and len(api.entries(sim, pair)) == 1
    assert len(sim.log(writes=True)) == 1


@pytest.mark.parametrize("what, code", [("json_cut", "cut-answer"), ("cut_body", "cut-answer"),
                                        ("status_503", "manager-busy"), ("status_429", "manager-busy"),
                                        ("reset_before", "unreachable")])
@pytest.mark.versions("4.1")
def test_until_the_deadline(sim, program, pair, what, code):
    sim.fault({"what": what, "path": STORE_PATH, "method": "GET", "times": 0})
    outcome = program.run(import_request(sim, pair, deadline=3))
    assert (outcome.code, outcome.error) == (75, code)
    assert outcome.json["error"]["retryable"] and sim.log(writes=True) == []


@pytest.mark.parametrize("what", ["refuse", "reset_accept", "handshake_reset"])
@pytest.mark.versions("4.1")
def test_first_contact_is_patient_for_a_while(sim, program, pair, what):
    sim.fault({"what": what, "target": "vip"})
    outcome = program.run(import_request(sim, pair))
    assert outcome.code == 0


@pytest.mark.versions("4.1")
def test_nobody_there(sim, program, pair):
    sim.fault({"what": "refuse", "target": "vip", "times": 0, "ms": 0})
    outcome = program.run(import_request(sim, pair, deadline=3))
    assert (outcome.code, outcome.error) == (75, "unreachable")
    assert outcome.json["error"]["endpoint"] == sim.endpoint(sim.vip)


@pytest.mark.parametrize("what", ["tls_alert", "tls_not_spoken", "tls10_only"])
@pytest.mark.versions("4.1")
def test_failed_handshake_ends_it_at_once(sim, program, pair, what):
    sim.fault({"what": what, "target": "vip", "times": 0})
    outcome = program.run(import_request(sim, pair))
    assert (outcome.code, outcome.error) == (1, "not-a-manager")
    assert sim.log() == []


@pytest.mark.versions("4.1")
def test_refused_import_carries_the_managers_words(sim, program, pair):
    sim.fault({"what": "status_400", **IMPORT, "error_code": 2004,
               "error_message": "Invalid PEM data received for private key"})
    outcome = program.run(import_request(sim, pair))
    assert (outcome.code, outcome.error) == (1, "manager-refused")
    upstream = outcome.json["error"]["upstream"]
    assert (upstream["http_status"], upstream["error_code"]) == (400, 2004)
    assert upstream["error_message"] == "Invalid PEM data received for private key"
    assert outcome.steps["import"] == "failed" and not outcome.json["changed"]


@pytest.mark.versions("4.1")
@pytest.mark.parametrize("form", ["pem", "json", "body", "password"])
def test_words_that_repeat_a_secret_do_not_pass_it_on(sim, program, pair, form):
    """A manager that tells what it was sent: the key as it came, as JSON, without its armour; or the password."""
    body = "".join(pair.key_pem.splitlines()[1:-1])
    told = {"pem": pair.key_pem, "json": json.dumps(pair.key_pem)[1:-1], "body": "\n".join(pair.key_pem.splitlines()[1:-1]),
            "password": sim.password}[form]
    sim.fault({"what": "status_400", **IMPORT, "error_code": 2004, "error_message": f"Invalid data: {told}!"})
    secrets = [sim.password, body[:40], body[70:110], body[-100:-60]]
    outcome = program.run(import_request(sim, pair), "--debug", secrets=secrets)
    assert (outcome.code, outcome.error) == (1, "manager-refused")
    assert outcome.json["error"]["upstream"]["error_message"].startswith("Invalid data: ***")


@pytest.mark.versions("4.1")
@pytest.mark.parametrize("auth, member", [
    ({"username": "admin", "password": "two\n\nxyzzy"}, "password"), ({"token": "some\txyzzy"}, "token"),
    ({"username": "ad:min", "password": "xyzzy"}, "username"),
    ({"username": "admin", "password": "rub\x7fxyzzy", "scheme": "remote"}, "password")])
def test_what_no_header_can_carry_is_never_sent(sim, program, pair, auth, member):
    outcome = program.run(import_request(sim, pair, manager_changes={"auth": auth}), secrets=["xyzzy"])
    assert (outcome.code, outcome.error) == (64, "invalid-value")
    assert outcome.json["error"]["pointer"] == f"/manager/auth/{member}"
    assert sim.log() == []


# -- files that are not there yet ---------------------------------------------------


@pytest.mark.versions("4.1")
def test_dry_run_before_generate(sim, program, pair, tmp_path):
    request = import_request(sim, pair, dry_run=True,
                             certificate={"file": str(tmp_path / "nsx.crt")},
                             private_key={"file": str(tmp_path / "nsx.key")})
    outcome = program.run(request)
    assert outcome.code == 0 and outcome.json["changed"]
    assert outcome.json["steps"] == [{"name": "import", "outcome": "planned", "changed": True,
                                      "reasons": ["not there yet"]}]
    assert outcome.warnings == ["source-not-yet"] and sim.log() == []
    outcome = program.run({**request, "dry_run": False})
    assert (outcome.code, outcome.error) == (1, "source-unavailable")
    assert outcome.json["error"]["pointer"] == "/parameters/certificate"
