# SPDX-License-Identifier: Apache-2.0
"""register on the ordinary days: first run, second run, scopes, references, the way back."""
import api
import pki
import pytest
from endpoints import Servers
from registering import (NEW_CALLS, NO_WAIT, SOME, address_of, imported, order_of_replacement, pair_for,
                         register_request, served, verify_request, writes)

APPLY = ("certificates/ID?action=apply_certificate&service_type=MGMT_CLUSTER",
         "certificates/ID?action=apply_certificate&service_type=API")
SET = ("cluster/api-certificate?action=set_cluster_certificate", "node/services/http?action=apply_certificate")


def calls_of(sim):
    """(for the VIP, for a node): nsx-api.md, "Choice of call"."""
    return APPLY if sim.version in NEW_CALLS else SET


def connections(log):
    return len({(entry["manager"], entry["connection"]) for entry in log})


# -- first and second run, every version ------------------------------------------


def test_first_run(sim, program):
    pair, ident = imported(sim)
    order = order_of_replacement(sim)
    done = len(sim.log())
    outcome = program.run(register_request(sim, pair.chain), secrets=[sim.password])
    log = sim.log()[done:]
    assert outcome.code == 0 and outcome.json["changed"], outcome.json["error"]
    assert set(served(sim).values()) == {pair.fingerprint}

    # One write for each endpoint: followers, leader, VIP, by the call of the version, each at the node itself.
    replacements = [entry for entry in log if entry["write"]]
    assert [address_of(sim, entry) for entry in replacements] == order
    assert [entry["manager"] for entry in replacements] == order
    cluster_call, node_call = calls_of(sim)
    assert [one["call"] for one in outcome.result["endpoints"]] == [node_call] * 3 + [cluster_call]
    for entry in replacements[:-1]:
        assert entry["action"] == "apply_certificate"
        assert entry["path"].startswith("/api/v1/trust-management" if sim.version in NEW_CALLS
                                        else "/api/v1/node/services/http")
    assert outcome.result["certificate_id"] == ident
    # None was ever set, so the API names none: the id is that of what the VIP served.
    assert outcome.result["previous_certificate_id"] not in (None, ident)
    assert [(step["name"], step.get("endpoint"), step["outcome"]) for step in outcome.json["steps"]] == [
        *(("register-node", address, "done") for address in order[:-1]),
        ("register-cluster", sim.endpoint(sim.vip), "done"), ("confirm", None, "done")]
    assert all(one["settled_after_ms"] >= 0 for one in outcome.result["endpoints"])
    assert outcome.json["meta"]["trusted_by"] == "pin"

    # The budget: version, list, current, cluster, virtual IP, status, list for the previous one's id, then per node
    # version and replacement, and for the VIP replacement and current. From 3.0 on the security switches are one more.
    expected = 7 + (sim.version not in ("2.4", "2.5")) + 2 * 3 + 2
    assert len(log) == expected, [(entry["method"], entry["path"]) for entry in log]
    # One connection to the cluster before the nodes, one after them, one after the VIP's own restart.
    assert connections([entry for entry in log if entry["manager"] == sim.vip]) <= 3
    for node in sim.nodes:
        assert connections([entry for entry in log if entry["manager"] == node["address"]]) == 1


def test_second_run_writes_nothing(sim, program):
    pair, ident = imported(sim)
    assert program.run(register_request(sim, pair.chain)).code == 0
    done = len(sim.log())
    outcome = program.run(register_request(sim, pair.chain))
    log = sim.log()[done:]
    assert outcome.code == 0 and not outcome.json["changed"] and outcome.json["diff"] == []
    assert outcome.steps == {"register-node": "unchanged", "register-cluster": "unchanged"}
    assert outcome.result["certificate_id"] == ident and outcome.result["call"] is None
    assert outcome.result["previous_certificate_id"] is None
    assert outcome.result["fingerprint_sha256"] == pair.fingerprint
    assert outcome.result["not_after"] == pair.not_after and outcome.result["renewal_due"] is False
    assert not any(entry["write"] for entry in log)
    assert len(log) <= 4 and connections(log) == 1  # version, list, current, cluster
    assert outcome.json["meta"]["trusted_by"] == "request"


@pytest.mark.versions(*SOME)
@pytest.mark.parametrize("scope", ["cluster", "nodes"])
def test_scope(sim, program, scope):
    pair, _ = imported(sim)
    old = served(sim)
    outcome = program.run(register_request(sim, pair.chain, scope=scope))
    assert outcome.code == 0, outcome.json["error"]
    touched = {sim.vip} if scope == "cluster" else {node["address"] for node in sim.nodes}
    assert served(sim) == {address: pair.fingerprint if address in touched else print_
                           for address, print_ in old.items()}
    assert ("nodes-differ" in outcome.warnings) == (scope == "cluster")
    again = program.run(register_request(sim, pair.chain, scope=scope))
    assert again.code == 0 and not again.json["changed"]
    assert ("nodes-differ" in again.warnings) == (scope == "cluster")


@pytest.mark.versions("2.4", "4.2")
def test_verify_after_each_scope(sim, program):
    """What register was asked for, verify finds; the endpoints that were not asked for are nobody's drift."""
    sim.switches({"api_certificate_unset": "factory"})
    pair, _ = imported(sim)
    for scope, others in (("nodes", "cluster"), ("cluster", None)):
        assert program.run(register_request(sim, pair.chain, scope=scope)).code == 0
        found = program.run(verify_request(sim, expected=pair.chain, scope=scope))
        assert (found.code, found.result["status"]) == (0, "in_sync"), found.json
        if others:
            found = program.run(verify_request(sim, expected=pair.chain, scope=others))
            assert (found.code, found.result["status"]) == (3, "drifted")
    assert program.run(verify_request(sim, expected=pair.chain)).result["status"] == "in_sync"


@pytest.mark.versions("2.4", "4.2")
def test_nodes_differ_names_them(sim, program):
    pair, _ = imported(sim)
    outcome = program.run(register_request(sim, pair.chain, scope="cluster"))
    (warning,) = [one for one in outcome.json["warnings"] if one["code"] == "nodes-differ"]
    assert all(node["address"] in warning["detail"] for node in sim.nodes)


# -- a dry run --------------------------------------------------------------------


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("scope", ["cluster", "nodes", "all"])
def test_dry_run_tells_what_the_run_does(sim, program, scope):
    pair, _ = imported(sim)
    done = len(writes(sim))
    plan = program.run(register_request(sim, pair.chain, scope=scope, dry_run=True))
    assert len(writes(sim)) == done
    real = program.run(register_request(sim, pair.chain, scope=scope))
    assert plan.code == real.code == 0 and plan.json["changed"] and real.json["changed"]
    assert plan.json["diff"] == real.json["diff"]
    as_done = {"planned": "done"}
    assert [{**step, "outcome": as_done.get(step["outcome"], step["outcome"])} for step in plan.json["steps"]] == \
        real.json["steps"]
    assert "/result/call" in plan.json["unknown"] and plan.result["call"] is None
    again = program.run(register_request(sim, pair.chain, scope=scope, dry_run=True))
    assert not again.json["changed"] and again.code == 0


@pytest.mark.versions("4.2")
def test_dry_run_before_import_and_before_generate(sim, program, tmp_path):
    pair = pair_for(sim)
    plan = program.run(register_request(sim, pair.chain, dry_run=True))
    assert plan.code == 0 and plan.json["changed"] and plan.warnings.count("source-not-yet") == 1
    assert plan.result["certificate_id"] is None and "/result/certificate_id" in plan.json["unknown"]
    assert {f"/diff/{number}/after/{member}" for number in range(4) for member in ("certificate_id", "display_name")} <= \
        set(plan.json["unknown"])
    done = len(sim.log())
    plan = program.run(register_request(sim, {"file": str(tmp_path / "nsx.crt")}, dry_run=True))
    assert plan.code == 0 and plan.json["changed"] and len(sim.log()) == done
    real = program.run(register_request(sim, pair.chain))
    assert (real.code, real.error) == (1, "certificate-not-found") and writes(sim) == []
    assert real.json["error"]["pointer"] == "/parameters/certificate"


# -- which certificate --------------------------------------------------------------


@pytest.mark.versions("4.2")
@pytest.mark.parametrize("kind", ["id", "fingerprint", "colons", "file", "env", "endpoint"])
def test_references(sim, program, tmp_path, kind):
    pair, ident = imported(sim)
    (tmp_path / "nsx.crt").write_text(pair.chain)
    if kind == "endpoint":  # the managers have it already: give it to the VIP as well
        assert program.run(register_request(sim, pair.chain, scope="nodes")).code == 0
    upper = pair.fingerprint.upper()
    reference = {"id": {"certificate_id": ident}, "fingerprint": {"fingerprint_sha256": pair.fingerprint},
                 "colons": {"fingerprint_sha256": ":".join(upper[i:i + 2] for i in range(0, 64, 2))},
                 "file": {"file": "nsx.crt"}, "env": {"env": "CERTIFICATE"},
                 "endpoint": {"endpoint": sim.endpoint(sim.nodes[0]["address"])}}[kind]
    outcome = program.run(register_request(sim, reference, scope="cluster"), cwd=tmp_path,
                          env={"CERTIFICATE": pair.chain})
    assert outcome.code == 0, outcome.json["error"]
    assert outcome.result["certificate_id"] == ident and served(sim)[sim.vip] == pair.fingerprint
    (entry,) = outcome.json["diff"]
    assert entry["after"]["fingerprint_sha256"] == pair.fingerprint
    assert entry["after"]["display_name"].startswith("put-") and entry["after"]["not_after"]


@pytest.mark.versions("4.2")
@pytest.mark.parametrize("reference, code", [
    ({"certificate_id": "0b5d3c1e-0000-4000-8000-000000000000"}, "certificate-not-found"),
    ({"fingerprint_sha256": "0" * 64}, "certificate-not-found"),
    ({"file": "missing.crt"}, "source-unavailable")])
def test_reference_that_leads_nowhere(sim, program, tmp_path, reference, code):
    outcome = program.run(register_request(sim, reference), cwd=tmp_path)
    assert (outcome.code, outcome.error) == (1, code) and writes(sim) == []
    assert outcome.json["error"]["pointer"] == "/parameters/certificate"


@pytest.mark.versions("4.2")
def test_entry_without_key_is_no_match(sim, program):
    pair = pair_for(sim)
    api.put(sim, pair, "no key", with_key=False)
    outcome = program.run(register_request(sim, pair.chain))
    assert (outcome.code, outcome.error) == (1, "certificate-not-found")


@pytest.mark.versions("2.4", "4.2")
def test_the_way_back(sim, program):
    """The README's request: previous_certificate_id, lint warn, allow_name_mismatch."""
    factory = served(sim)[sim.vip]
    pair, _ = imported(sim)
    forth = program.run(register_request(sim, pair.chain, scope="cluster"))
    previous = forth.result["previous_certificate_id"]
    assert previous
    reference = {"certificate_id": previous}
    # Not without saying so: the factory certificate names no VIP.
    refused = program.run(register_request(sim, pair.chain, scope="cluster") | {
        "parameters": {"certificate": reference, "scope": "cluster"},
        "manager": register_request(sim, "", manager_changes={"tls": {
            "pin_sha256": [*pki.fingerprints(sim.factory_pem), pair.fingerprint]}})["manager"]})
    assert (refused.code, refused.error) == (1, "name-mismatch")
    back = program.run(register_request(
        sim, reference, scope="cluster", lint="warn", allow_name_mismatch=True,
        manager_changes={"tls": {"pin_sha256": [*pki.fingerprints(sim.factory_pem), pair.fingerprint]}}))
    assert back.code == 0 and back.json["changed"], back.json["error"]
    assert served(sim)[sim.vip] == factory


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("position", ["null", "absent", "factory"])
def test_nothing_set_yet(sim, program, position):
    sim.switches({"api_certificate_unset": position})
    pair, ident = imported(sim)
    outcome = program.run(register_request(sim, pair.chain, scope="cluster"))
    assert outcome.code == 0 and outcome.result["certificate_id"] == ident
    assert outcome.result["previous_certificate_id"] not in (None, ident)


# -- half done, done by others ---------------------------------------------------------


@pytest.mark.versions("2.4", "4.2")
def test_only_what_differs_is_touched(sim, program):
    pair, ident = imported(sim)
    assert program.run(register_request(sim, pair.chain)).code == 0
    node = sim.nodes[1]["address"]
    sim.patch({"uses": {node: api.put(sim, pair_for(sim), "other")}})
    done = len(sim.log())
    outcome = program.run(register_request(sim, pair.chain, manager_changes={"tls": {"insecure": True}}))
    assert outcome.code == 0, outcome.json["error"]
    assert [address_of(sim, entry) for entry in writes(sim, done)] == [node]
    assert [step["outcome"] for step in outcome.json["steps"]].count("unchanged") == 3
    assert outcome.result["certificate_id"] == ident


@pytest.mark.versions("4.2")
def test_wire_and_api_that_disagree_are_both_mended(sim, program):
    """Served but not registered, and registered but not served: both are work to do."""
    pair, ident = imported(sim)
    third = api.put(sim, pair_for(sim), "third")
    sim.patch({"serves": {"vip": ident}})
    outcome = program.run(register_request(sim, pair.chain, scope="cluster", confirm_after_seconds=1))
    assert outcome.code == 0 and outcome.json["changed"]
    assert outcome.json["steps"][0]["reasons"] == ["the API names another certificate"]
    assert sim.state()["registered"] == ident
    # The API says ours, the wire shows another one: it may be about to change, so that is waited for first.
    sim.patch({"serves": {"vip": third}})
    sim.switches(NO_WAIT)
    outcome = program.run(register_request(sim, pair.chain, scope="cluster", settle_timeout_seconds=1,
                                           manager_changes={"tls": {"insecure": True}}))
    assert outcome.code == 0 and outcome.json["changed"], outcome.json["error"]
    assert served(sim)[sim.vip] == pair.fingerprint


# -- the cluster says no -----------------------------------------------------------------


@pytest.mark.versions("2.4", "4.2")
def test_not_stable(sim, program):
    pair, _ = imported(sim)
    done = len(writes(sim))
    sim.patch({"status": "DEGRADED"})
    for dry_run in (True, False):
        outcome = program.run(register_request(sim, pair.chain, dry_run=dry_run))
        assert (outcome.code, outcome.error) == (75, "cluster-unstable")
        assert "DEGRADED" in outcome.json["error"]["detail"] and not outcome.json["changed"]
    assert len(writes(sim)) == done
    outcome = program.run(register_request(sim, pair.chain, allow_degraded=True))
    assert outcome.code == 0 and "cluster-degraded" in outcome.warnings
    # Nothing to do is nothing to do, whatever the cluster says.
    assert program.run(register_request(sim, pair.chain)).code == 0


@pytest.mark.versions("2.4", "4.2")
def test_manager_that_is_down(sim, program):
    """In a degraded cluster the others and the VIP can still be reached."""
    pair, _ = imported(sim)
    holder = sim.state()["vip_holder"]
    down = [node for node in sim.nodes if node["uuid"] != holder][0]
    sim.patch({"nodes": {down["uuid"]: {"up": False}}})
    outcome = program.run(register_request(sim, pair.chain))
    assert (outcome.code, outcome.error) == (75, "cluster-unstable")
    outcome = program.run(register_request(sim, pair.chain, scope="cluster", allow_degraded=True))
    assert outcome.code == 0 and "node-not-checked" in outcome.warnings, outcome.json["error"]
    # Where it is to get the certificate itself no other manager is touched.
    done = len(writes(sim))
    for dry_run in (True, False):
        outcome = program.run(register_request(sim, pair.chain, allow_degraded=True, dry_run=dry_run, deadline=8))
        assert (outcome.code, outcome.error) == (75, "unreachable")
        assert outcome.json["error"]["endpoint"] == down["address"] and not outcome.json["changed"]
    assert len(writes(sim)) == done


@pytest.mark.versions("2.4", "4.2")
def test_manager_that_restarts_is_waited_for(sim, program):
    pair, _ = imported(sim)
    sim.fault({"what": "refuse", "target": sim.nodes[0]["address"]})
    outcome = program.run(register_request(sim, pair.chain))
    assert outcome.code == 0, outcome.json["error"]
    assert set(served(sim).values()) == {pair.fingerprint}


@pytest.mark.versions("2.4")  # later ones judge the names themselves, by what they know of their own
def test_server_name_stands_in_place_of_the_address(sim, program):
    """Managers that clients know by names which DNS does not have yet."""
    root = pki.make("Test Root", ca=True, key=pki.rsa_key(1), days=3000)
    names = [f"nsx{number}.corp.example" for number in range(4)]
    pair = pki.make(names[0], names, issuer=root)
    api.put(sim, pair, "named")
    changes = {"server_name": names[0],
               "nodes": [{"address": node["address"], "server_name": name} for node, name in zip(sim.nodes, names[1:])]}
    outcome = program.run(register_request(sim, pair.chain, manager_changes=changes))
    assert outcome.code == 0, outcome.json["error"]
    outcome = program.run(verify_request(sim, expected=pair.chain, require_node_names=True, manager_changes=changes))
    assert outcome.code == 0 and outcome.warnings == [], outcome.json["error"]
    changes["server_name"] = "other.corp.example"
    outcome = program.run(verify_request(sim, expected=pair.chain, manager_changes=changes))
    assert outcome.code == 3 and not any(one["checks"]["name"] for one in outcome.result["endpoints"])


@pytest.mark.versions("2.4", "4.2")
def test_lint(sim, program):
    pair, ident = imported(sim, start=-30, days=10)
    done = len(writes(sim))
    outcome = program.run(register_request(sim, pair.chain))
    assert (outcome.code, outcome.error) == (1, "certificate-unfit") and len(writes(sim)) == done
    assert "expired" in [one["code"] for one in outcome.json["error"]["errors"]]
    outcome = program.run(register_request(sim, pair.chain, lint="warn"))
    assert outcome.code == 0 and "expired" in outcome.warnings, outcome.json["error"]
    assert outcome.result["certificate_id"] == ident


@pytest.mark.versions("2.4", "4.2")
def test_name_mismatch(sim, program):
    pair, _ = imported(sim, "elsewhere.sim.test")
    done = len(writes(sim))
    for dry_run in (True, False):
        outcome = program.run(register_request(sim, pair.chain, dry_run=dry_run))
        assert (outcome.code, outcome.error) == (1, "name-mismatch") and len(writes(sim)) == done
        assert "san-lacks-vip" in [one["code"] for one in outcome.json["error"]["errors"]]
    outcome = program.run(register_request(sim, pair.chain, allow_name_mismatch=True))
    assert outcome.code == 0, outcome.json["error"]


@pytest.mark.versions("2.4", "4.2")
def test_signed_certificate_must_name_the_managers_that_get_it(sim, program):
    root = pki.make("Test Root", ca=True, key=pki.rsa_key(1), days=3000)
    pair = pki.make(sim.vip, issuer=root)
    api.put(sim, pair, "signed")
    outcome = program.run(register_request(sim, pair.chain))
    assert (outcome.code, outcome.error) == (1, "name-mismatch")
    assert "san-lacks-node" in [one["code"] for one in outcome.json["error"]["errors"]]
    assert program.run(register_request(sim, pair.chain, scope="cluster")).code == 0


@pytest.mark.versions("2.4", "4.2")
def test_signed_certificate_may_name_the_managers_by_what_the_cluster_publishes(sim, program):
    root = pki.make("Test Root", ca=True, key=pki.rsa_key(1), days=3000)
    pair = pki.make(sim.vip, [sim.vip, *(node["fqdn"] for node in sim.nodes)], issuer=root)
    api.put(sim, pair, "signed")
    outcome = program.run(register_request(sim, pair.chain))
    assert outcome.code == 0, outcome.json["error"]
    assert set(served(sim).values()) == {pair.fingerprint}


@pytest.mark.versions("4.2")
def test_only_signed_ones_allowed(sim, program):
    sim.switches({"ca_signed_only": "on"})
    pair, _ = imported(sim)
    outcome = program.run(register_request(sim, pair.chain))
    assert (outcome.code, outcome.error) == (1, "certificate-unfit")
    assert "self-signed-refused" in [one["code"] for one in outcome.json["error"]["errors"]]


@pytest.mark.versions("4.2")
def test_what_an_endpoint_serves_must_be_in_the_store_in_a_dry_run_too(sim, program):
    with Servers() as servers:
        reference = {"endpoint": servers.serve(pair_for(sim))}
        for dry_run in (True, False):
            outcome = program.run(register_request(sim, reference, dry_run=dry_run))
            assert (outcome.code, outcome.error) == (1, "certificate-not-found"), outcome.json


@pytest.mark.versions("2.4", "4.2")
def test_manager_named_twice_is_written_to_once(sim, program):
    pair, _ = imported(sim)
    first, second = (node["address"] for node in sim.nodes[:2])
    done = len(writes(sim))
    outcome = program.run(register_request(sim, pair.chain, scope="nodes", manager_changes={
        "nodes": [first, f"{first}:{sim.port}", second]}))
    assert outcome.code == 0 and len(writes(sim)) == done + 2
    assert sorted(one["address"] for one in outcome.result["endpoints"]) == sorted([first, second])


@pytest.mark.versions("2.4", "4.2")
def test_node_that_is_no_member(sim, program):
    pair, _ = imported(sim)
    done = len(writes(sim))
    outcome = program.run(register_request(sim, pair.chain, manager_changes={"nodes": ["127.20.0.99"]}))
    assert (outcome.code, outcome.error) == (1, "node-unknown") and len(writes(sim)) == done
    assert outcome.json["error"]["endpoint"] == "127.20.0.99"


@pytest.mark.versions("2.4", "4.2")
def test_role_that_may_not_register(sim, program):
    pair, _ = imported(sim)
    auth = {"username": sim.info["auditor_username"], "password": sim.info["auditor_password"]}
    outcome = program.run(register_request(sim, pair.chain, scope="cluster", manager_changes={"auth": auth}))
    assert (outcome.code, outcome.error) == (77, "role-missing") and not outcome.json["changed"]
