# SPDX-License-Identifier: Apache-2.0
"""register when the manager misbehaves: odd answers, restarts, other replacements, nodes that are not trusted."""
import json
import signal
import time

import api
import pki
import pytest
from registering import (NO_WAIT, address_of, imported, order_of_replacement, pair_for, register_request, served,
                         verify_request, writes)
from requests_for import import_request
from simulator.fixture import Simulator

APPLY = {"method": "POST", "action": "set_cluster_certificate|apply_certificate"}


def run(sim, program, pair, **options):
    """register for the VIP alone: (outcome, the writes of the run)."""
    done = len(sim.log())
    outcome = program.run(register_request(sim, pair.chain, **{"scope": "cluster", **options}))
    return outcome, writes(sim, done)


def ends_well(sim, outcome, pair):
    assert outcome.code == 0, outcome.json["error"]
    assert served(sim)[sim.vip] == pair.fingerprint


# -- the answer to the call -----------------------------------------------------------


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("what", ["work_reset", "work_close", "cut_head", "cut_body", "status_504_done", "html_200",
                                  "bad_status_line", "huge_body", "length_too_long", "json_cut"])
def test_lost_answer_is_not_repeated(sim, program, what):
    pair, _ = imported(sim)
    sim.fault({"what": what, **APPLY})
    outcome, sent = run(sim, program, pair)
    ends_well(sim, outcome, pair)
    assert outcome.json["changed"] and len(sent) == 1


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("what", ["reset_before", "close_before", "status_504", "status_502"])
def test_what_was_not_done_is_done_after_a_long_look(sim, program, what):
    sim.switches(NO_WAIT)
    pair, _ = imported(sim)
    sim.fault({"what": what, **APPLY})
    outcome, sent = run(sim, program, pair, settle_timeout_seconds=2)
    ends_well(sim, outcome, pair)
    assert len(sent) == 2 and sent[1]["time"] - sent[0]["time"] >= 2  # the contract's own patience, not ours


@pytest.mark.versions("2.4", "4.2")
def test_not_done_twice_is_given_up(sim, program):
    pair, _ = imported(sim)
    old = served(sim)
    sim.fault({"what": "close_before", **APPLY, "times": 0})
    outcome, sent = run(sim, program, pair, settle_timeout_seconds=1)
    assert (outcome.code, outcome.error) == (75, "not-settled") and len(sent) == 2
    assert served(sim) == old


@pytest.mark.versions("2.4")
@pytest.mark.parametrize("position", ["202", "200", "504"])
def test_answers_of_the_old_node_call(sim, program, position):
    sim.switches({"node_apply_status": position, "node_apply_body": "empty"})
    pair, _ = imported(sim)
    outcome, sent = run(sim, program, pair, scope="nodes")
    assert outcome.code == 0 and len(sent) == 3, outcome.json["error"]


@pytest.mark.versions("4.2")
@pytest.mark.parametrize("position", ["202", "504"])
def test_answers_of_apply_certificate(sim, program, position):
    sim.switches({"apply_status": position})
    pair, _ = imported(sim)
    outcome, sent = run(sim, program, pair, scope="all")
    assert outcome.code == 0 and len(sent) == 4, outcome.json["error"]


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("what", ["status_429_seconds", "status_503", "html_503"])
def test_busy_manager_is_asked_again(sim, program, what):
    sim.switches(NO_WAIT)
    pair, _ = imported(sim)
    sim.fault({"what": what, **APPLY, "times": 2})
    outcome, sent = run(sim, program, pair, settle_timeout_seconds=2)
    ends_well(sim, outcome, pair)
    assert len(sent) == 3


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("what", ["status_503_done", "status_500_done"])
@pytest.mark.parametrize("delay_ms", [0, 3000])
def test_denied_work_that_was_done_counts_as_ours(sim, program, what, delay_ms):
    """The manager says that it failed, and serves the new certificate at once or some time later."""
    sim.switches({"restart_delay_ms": delay_ms})
    pair, _ = imported(sim)
    sim.fault({"what": what, **APPLY})
    outcome, sent = run(sim, program, pair)
    ends_well(sim, outcome, pair)
    assert outcome.json["changed"] and len(sent) == 1


@pytest.mark.versions("2.4", "4.2")
def test_restart_after_503_is_not_taken_for_a_refusal(sim, program):
    """It did the work and is away for long: nothing is sent to it while it shows nothing."""
    sim.switches({"restart_delay_ms": 0, "restart_window_ms": 5000})
    pair, _ = imported(sim)
    sim.fault({"what": "status_503_done", **APPLY})
    outcome, sent = run(sim, program, pair)
    ends_well(sim, outcome, pair)
    assert len(sent) == 1


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("what", ["status_400", "status_403", "status_500"])
def test_refusal_is_final(sim, program, what):
    pair, _ = imported(sim)
    old = served(sim)
    sim.fault({"what": what, **APPLY, "error_code": 505, "error_message": "no"})
    outcome, sent = run(sim, program, pair, scope="all", settle_timeout_seconds=2)
    assert outcome.code in (1, 75) and outcome.error in ("manager-refused", "manager-failed")
    assert len(sent) == 1 and served(sim) == old and not outcome.json["changed"]
    assert outcome.json["error"]["upstream"]["error_message"] == "no"
    assert outcome.json["error"]["step"] == "register-node" and outcome.json["error"]["endpoint"]
    assert [step["outcome"] for step in outcome.json["steps"]] == ["failed", *["skipped"] * 4]


# -- the call that a version should know ------------------------------------------------


@pytest.mark.versions("3.2", "9.0")
@pytest.mark.parametrize("what", ["status_404", "status_405"])
def test_falls_back_one_row_and_says_so(sim, program, what):
    pair, _ = imported(sim)
    sim.fault({"what": what, **APPLY, "path": "/api/v1/trust-management/*", "times": 0})
    outcome, sent = run(sim, program, pair, scope="all")
    assert outcome.code == 0, outcome.json["error"]
    assert "call-fallback" in outcome.warnings
    assert {one["call"] for one in outcome.result["endpoints"]} == {
        "node/services/http?action=apply_certificate", "cluster/api-certificate?action=set_cluster_certificate"}
    assert [entry["done"] for entry in sent] == [False, True] * 4


@pytest.mark.versions("3.2")
def test_never_falls_back_on_another_refusal(sim, program):
    pair, _ = imported(sim)
    sim.fault({"what": "status_409", **APPLY, "error_message": "no", "times": 1})
    sim.fault({"what": "status_400", **APPLY, "error_message": "certificate is not fit", "times": 0})
    outcome, sent = run(sim, program, pair)
    assert (outcome.code, outcome.error) == (1, "manager-refused")
    assert all("/trust-management/" in entry["path"] for entry in sent)


# -- other replacements -------------------------------------------------------------------


@pytest.mark.versions("3.1", "4.2")
@pytest.mark.parametrize("position", ["409", "400"])
def test_waits_while_another_replacement_runs(sim, program, position):
    sim.switches({"second_replacement": position, "restart_delay_ms": 4000, "restart_window_ms": 1000})
    pair, _ = imported(sim)
    other = pair_for(sim)
    busy = next(node for node in sim.nodes if node["uuid"] == sim.state()["vip_holder"])
    api.apply_to_node(sim, busy["uuid"], api.put(sim, other, "other"))
    sim.switches(NO_WAIT)
    pins = [*pki.fingerprints(sim.factory_pem), other.fingerprint]
    outcome, sent = run(sim, program, pair, scope="nodes", manager_changes={"tls": {"pin_sha256": pins}})
    assert outcome.code == 0, outcome.json["error"]
    assert sent[0]["status"] == int(position) and not sent[0]["done"]
    assert [entry["done"] for entry in sent].count(True) == 3


@pytest.mark.versions("4.2")
def test_another_replacement_that_never_ends(sim, program):
    pair, _ = imported(sim)
    sim.fault({"what": "status_409", **APPLY, "times": 0, "error_message": "in progress"})
    outcome, sent = run(sim, program, pair, deadline=5)
    assert (outcome.code, outcome.error) == (75, "manager-busy") and not outcome.json["changed"]
    assert outcome.json["error"]["upstream"]["http_status"] == 409
    assert not any(entry["done"] for entry in sent)


@pytest.mark.versions("2.4", "4.2")
def test_what_got_it_meanwhile_is_not_given_it_again(sim, program):
    """Another run serves the next manager while the first one restarts."""
    sim.switches({"restart_window_ms": 5000})
    pair, ident = imported(sim)
    first, second = order_of_replacement(sim)[:2]
    done = len(sim.log())
    process = program.start(register_request(sim, pair.chain, scope="nodes"))
    wait_for_write(sim)
    sim.patch({"uses": {second: ident}})
    outcome = program.finish(process)
    assert outcome.code == 0, outcome.json["error"]
    assert second not in [address_of(sim, entry) for entry in writes(sim, done)]
    step = outcome.json["steps"][1]
    assert (step["outcome"], step["changed"]) == ("unchanged", False)
    assert step["reasons"][-1] == "another run gave it that already"
    assert set(served(sim)[address] for address in (first, second)) == {pair.fingerprint}


# -- the restart -----------------------------------------------------------------------------


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("window", ["refused", "reset", "502", "503"])
@pytest.mark.parametrize("kept", ["close", "reset", "keep"])
def test_restart(sim, program, window, kept):
    sim.switches({"restart_window": window, "kept_alive": kept, "restart_window_ms": 500})
    pair, _ = imported(sim)
    outcome, sent = run(sim, program, pair, scope="all")
    assert outcome.code == 0, outcome.json["error"]
    assert set(served(sim).values()) == {pair.fingerprint} and len(sent) == 4


@pytest.mark.versions("2.4", "4.2")
def test_vip_restarts_with_its_holder(sim, program):
    sim.switches({"restart_scope": "manager", "kept_alive": "reset"})
    pair, _ = imported(sim)
    outcome, sent = run(sim, program, pair, scope="all")
    assert outcome.code == 0 and len(sent) == 4, outcome.json["error"]


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("window", ["refused", "503"])
def test_sessions_that_end_with_the_restart(sim, program, window):
    sim.switches({"restart_scope": "manager", "restart_window": window})
    pair, _ = imported(sim)
    auth = {"username": sim.username, "password": sim.password, "scheme": "session"}
    outcome, sent = run(sim, program, pair, scope="all", manager_changes={"auth": auth})
    assert outcome.code == 0, outcome.json["error"]
    assert [entry["done"] for entry in sent].count(True) == 4  # one more was refused: its session had died
    assert sim.state()["sessions"] == 0  # logged out of all that are left


@pytest.mark.versions("2.4", "4.2")
def test_flap_starts_the_proof_anew(sim, program):
    sim.switches({"settle": "flap"})
    pair, _ = imported(sim)
    outcome, sent = run(sim, program, pair, confirm_after_seconds=1)
    ends_well(sim, outcome, pair)
    assert len(sent) == 1


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("position", ["never", "third"])
def test_what_does_not_settle_stops_the_run(sim, program, position):
    sim.switches({"settle": position, **NO_WAIT})
    pair, _ = imported(sim)
    first = order_of_replacement(sim)[0]
    outcome, sent = run(sim, program, pair, scope="all", settle_timeout_seconds=1)
    assert (outcome.code, outcome.error) == (75, "not-settled")
    assert [address_of(sim, entry) for entry in sent] == [first]  # no further node is touched
    assert outcome.json["error"]["endpoint"] == first and outcome.json["changed"]
    assert served(sim)[first][:12] in outcome.json["error"]["detail"]
    assert [step["outcome"] for step in outcome.json["steps"]] == ["failed", *["skipped"] * 4]
    ends = {one["address"]: one["settled_after_ms"] for one in outcome.result["endpoints"]}
    assert ends[first] is None
    shown = {one["address"]: one["fingerprint_sha256"] for one in outcome.result["endpoints"]}
    assert all(shown[node["address"]] == served(sim)[node["address"]] for node in sim.nodes)
    (looked,) = [one["last_accepted"] for one in sim.state()["serves"].values() if one["address"] == first]
    assert looked - sent[0]["time"] >= 1  # the last look comes when the time is over, not before


@pytest.mark.versions("4.2")
def test_restart_that_never_ends(sim, program):
    pair, _ = imported(sim)
    sim.fault({"what": "restart_never_ends"})
    outcome, sent = run(sim, program, pair, settle_timeout_seconds=1)
    assert (outcome.code, outcome.error) == (75, "not-settled") and len(sent) == 1
    assert "shows no certificate" in outcome.json["error"]["detail"]
    sim.clear_faults()
    outcome, _ = run(sim, program, pair)
    ends_well(sim, outcome, pair)


@pytest.mark.versions("4.2")
@pytest.mark.parametrize("what", ["hang_before", "status_503"])
def test_api_that_does_not_answer_keeps_no_settling_longer(sim, program, what):
    """The wire shows it, and who is asked for the cluster's certificate keeps silent or is busy."""
    pair, _ = imported(sim)
    sim.fault({"what": what, "path": "/api/v1/cluster/api-certificate", "method": "GET", "after": 1, "times": 0})
    outcome, sent = run(sim, program, pair, settle_timeout_seconds=1, deadline=120)
    assert (outcome.code, outcome.error) == (75, "not-settled") and len(sent) == 1 and outcome.json["changed"]
    assert "the API does not name it" in outcome.json["error"]["detail"]
    (endpoint,) = outcome.result["endpoints"]
    assert endpoint["fingerprint_sha256"] == pair.fingerprint
    sim.clear_faults()
    assert program.run(register_request(sim, pair.chain)).code == 0


@pytest.mark.versions("4.2")
def test_api_that_names_no_certificate_leaves_it_to_the_wire(sim, program):
    pair, _ = imported(sim)
    sim.fault({"what": "json_null", "path": "/api/v1/cluster/api-certificate", "method": "GET", "times": 0})
    outcome, sent = run(sim, program, pair)
    assert outcome.code == 1 and sent == []  # null in place of the object is no answer
    sim.clear_faults()
    sim.fault({"what": "json_empty_object", "path": "/api/v1/cluster/api-certificate", "method": "GET", "times": 0})
    outcome, sent = run(sim, program, pair)
    ends_well(sim, outcome, pair)
    assert len(sent) == 1


@pytest.mark.versions("2.4", "4.2")
def test_leader_moves_meanwhile(sim, program):
    """The holder that was asked first is another one in the end: sessions die, the VIP is away for a moment."""
    sim.switches({"restart_window_ms": 1000})
    pair, _ = imported(sim)
    auth = {"username": sim.username, "password": sim.password, "scheme": "session"}
    process = program.start(register_request(sim, pair.chain, manager_changes={"auth": auth}))
    wait_for_write(sim)
    holder = sim.state()["vip_holder"]
    sim.patch({"vip_holder": next(node["uuid"] for node in sim.nodes if node["uuid"] != holder)})
    outcome = program.finish(process)
    assert outcome.code == 0, outcome.json["error"]
    assert set(served(sim).values()) == {pair.fingerprint}


# -- nodes and trust ----------------------------------------------------------------------------


@pytest.mark.versions("2.4", "3.2", "4.2")
def test_untrusted_node_is_given_it_through_the_address(sim, program):
    """The credentials go to the trusted address alone."""
    pair, _ = imported(sim)
    strange = sim.nodes[1]["address"]
    sim.patch({"uses": {strange: api.put(sim, pair_for(sim), "strange")}})
    before = len([one for one in sim.log() if one["manager"] == strange])
    outcome, sent = run(sim, program, pair, scope="all")
    assert outcome.code == 0, outcome.json["error"]
    via = {one["address"]: one["via"] for one in outcome.result["endpoints"]}
    assert via[strange] == sim.endpoint(sim.vip)
    assert all(via[node["address"]] == node["address"] for node in sim.nodes if node["address"] != strange)
    assert len([one for one in sim.log() if one["manager"] == strange]) == before
    assert sorted(address_of(sim, entry) for entry in sent) == sorted([*(n["address"] for n in sim.nodes), sim.vip])
    assert set(served(sim).values()) == {pair.fingerprint}


@pytest.mark.versions("4.2")
def test_untrusted_address_gets_nothing(sim, program):
    pair, _ = imported(sim)
    done = len(sim.log())
    outcome = program.run(register_request(sim, pair.chain, manager_changes={"tls": {"pin_sha256": ["0" * 64]}}))
    assert (outcome.code, outcome.error) == (1, "untrusted-manager") and len(sim.log()) == done


@pytest.mark.versions("2.4", "4.2")
def test_wrong_password_is_tried_once(sim, program):
    pair, _ = imported(sim)
    done = len(sim.log())
    auth = {"username": sim.username, "password": "wrong"}
    outcome = program.run(register_request(sim, pair.chain, manager_changes={"auth": auth}))
    assert (outcome.code, outcome.error) == (77, "credentials-refused")
    assert len(sim.log()) - done == 1


# -- signal and deadline ---------------------------------------------------------------------------


def wait_for_write(sim):
    before = len(writes(sim))
    end = time.monotonic() + 60
    while time.monotonic() < end:
        log = writes(sim)
        if len(log) > before or any(entry["action"] != "import" and entry["status"] for entry in log):
            return
    raise AssertionError("no replacement was asked for")


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_while_watching(sim, program, number):
    sim.switches({"settle": "never"})
    pair, _ = imported(sim)
    done = len(sim.log())
    process = program.start(register_request(sim, pair.chain, deadline=120, settle_timeout_seconds=120))
    wait_for_write(sim)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=30)  # far less than the run would take
    value = json.loads(stdout)
    assert process.returncode == -number
    assert value["error"]["code"] == "interrupted" and value["error"]["step"] == "register-node", stderr
    assert [step["outcome"] for step in value["steps"]] == ["failed", *["skipped"] * 4] and value["changed"]
    assert len(writes(sim, done)) == 1
    sim.switches({"settle": "normal", **NO_WAIT})
    again = program.run(register_request(sim, pair.chain, settle_timeout_seconds=2))
    assert again.code == 0 and set(served(sim).values()) == {pair.fingerprint}


@pytest.mark.versions("4.2")
def test_deadline_while_watching(sim, program):
    sim.switches({"settle": "never"})
    pair, _ = imported(sim)
    outcome, sent = run(sim, program, pair, deadline=3, scope="all")
    assert (outcome.code, outcome.error) == (75, "deadline-exceeded") and len(sent) == 1
    assert outcome.json["changed"]


# -- no virtual IP -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def without_vip():
    with Simulator.start("4.2", vip="none") as running:
        yield running


@pytest.mark.parametrize("unset", ["zeros", "null"])
def test_no_virtual_ip(without_vip, program, unset):
    sim = without_vip
    sim.reset()
    sim.switches({"vip_unset": unset})
    address = sim.nodes[0]["address"]
    pair = pair_for(sim)
    manager = {"address": sim.endpoint(address)}
    changes = {"certificate": pair.chain, "private_key": pair.key_pem}
    request = import_request(_At(sim, address), pair)
    assert program.run({**request, "parameters": changes}).code == 0
    done = len(sim.log())
    request = register_request(_At(sim, address), pair.chain, manager_changes=manager)
    refused = program.run({**request, "parameters": {**request["parameters"], "scope": "cluster"}})
    assert (refused.code, refused.error) == (1, "no-cluster-ip") and writes(sim, done) == []
    outcome = program.run(request)
    assert outcome.code == 0, outcome.json["error"]
    assert [(step["name"], step["outcome"]) for step in outcome.json["steps"]] == [
        *[("register-node", "done")] * 3, ("register-cluster", "skipped"), ("confirm", "done")]
    assert len(writes(sim, done)) == 3
    again = program.run(request)
    assert again.code == 0 and not again.json["changed"] and len(writes(sim, done)) == 3
    # Nothing to do is nothing to do, whatever the cluster says.
    sim.patch({"status": "DEGRADED"})
    assert program.run(request).code == 0


def test_verify_without_virtual_ip(without_vip, program):
    """What the API calls the cluster's certificate is served nowhere: it is nobody's drift."""
    sim = without_vip
    sim.reset()
    sim.switches({"api_certificate_unset": "factory"})
    address = sim.nodes[0]["address"]
    manager = {"address": sim.endpoint(address)}
    pair, _ = imported(_At(sim, address))
    assert program.run(register_request(_At(sim, address), pair.chain, manager_changes=manager)).code == 0
    found = program.run(verify_request(_At(sim, address), expected=pair.chain, manager_changes=manager))
    assert (found.code, found.result["status"]) == (0, "in_sync"), found.json
    assert found.result["api"]["cluster"]["matches"] is None and found.warnings == []


# -- a manager's own address beside the virtual IP ----------------------------------------------------


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("scope", ["cluster", "all"])
def test_a_managers_address_does_not_stand_for_the_cluster(sim, program, scope):
    pair, _ = imported(sim)
    address = {"address": sim.endpoint(sim.nodes[0]["address"])}
    for dry_run in (True, False):
        outcome, sent = run(sim, program, pair, scope=scope, dry_run=dry_run, manager_changes=address)
        assert (outcome.code, outcome.error) == (1, "address-is-node") and sent == []
        assert sim.vip in outcome.json["error"]["detail"]
    outcome, sent = run(sim, program, pair, scope="nodes", manager_changes=address)
    assert outcome.code == 0 and len(sent) == 3


@pytest.mark.versions("2.4", "4.2")
def test_verify_at_a_managers_address_says_that_the_virtual_ip_is_left_out(sim, program):
    sim.switches({"api_certificate_unset": "factory"})
    pair, _ = imported(sim)
    address = {"address": sim.endpoint(sim.nodes[0]["address"])}
    assert program.run(register_request(sim, pair.chain)).code == 0
    found = program.run(verify_request(sim, expected=pair.chain, manager_changes=address))
    assert (found.code, found.result["status"], found.warnings) == (0, "in_sync", ["vip-not-checked"])
    other = api.put(sim, pair_for(sim), "other")
    sim.patch({"registered": other})
    found = program.run(verify_request(sim, expected=pair.chain, manager_changes=address))
    assert (found.code, found.result["status"]) == (3, "drifted")
    assert found.result["api"]["cluster"]["matches"] is False


class _At:
    """A simulator that is talked to at another address than the VIP."""

    def __init__(self, sim, address):
        self._sim = sim
        self.vip = address

    def __getattr__(self, name):
        return getattr(self._sim, name)
