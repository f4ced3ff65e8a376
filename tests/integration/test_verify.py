# SPDX-License-Identifier: Apache-2.0
"""verify: every check by itself, what wins, what is told, and what is never sent."""
import datetime
import json
import signal
import socket

import api
import pki
import pytest
from endpoints import Servers
from registering import SOME, imported, pair_for, served, verify_request
from simulator.fixture import Simulator

ALL = ("fingerprint", "chain", "validity", "name", "server_auth", "common_name")


def put_to_use(sim, pair, ident=None):
    ident = ident or api.put(sim, pair, f"put-{pair.fingerprint[:12]}")
    sim.patch({"uses": {"vip": ident, **{node["uuid"]: ident for node in sim.nodes}}})
    sim.patch({"registered": ident})
    return ident


def by_address(outcome):
    return {one["address"]: one for one in outcome.result["endpoints"]}


def plain(endpoints, **parameters):
    """A request without a manager."""
    return {"api_version": "nsxcert/v1", "operation": "verify", "deadline_seconds": 30,
            "parameters": {"endpoints": endpoints, **parameters}}


# -- what wins -----------------------------------------------------------------------


@pytest.mark.versions(*SOME)
def test_in_sync(sim, program):
    pair = pair_for(sim)
    ident = put_to_use(sim, pair)
    done = len(sim.log())
    outcome = program.run(verify_request(sim, expected=pair.chain), secrets=[sim.password])
    log = sim.log()[done:]
    assert outcome.code == 0 and outcome.result["status"] == "in_sync" and not outcome.json["changed"]
    assert outcome.steps == {"verify": "done"}
    assert len(outcome.result["endpoints"]) == 4
    for one in outcome.result["endpoints"]:
        assert one["status"] == "in_sync" and one["reachable"]
        assert one["checks"] == dict.fromkeys(ALL, True)
        assert one["presented"]["leaf"]["fingerprint_sha256"] == pair.fingerprint
    certificate = outcome.result["certificate"]
    assert certificate["fingerprint_sha256"] == pair.fingerprint and certificate["certificate_id"] == ident
    assert certificate["certificate_pem"] == pair.chain
    assert outcome.result["api"]["status"] == "in_sync"
    assert outcome.result["api"]["cluster"]["matches"] is True
    assert [node["matches"] for node in outcome.result["api"]["nodes"]] == [True] * 3
    # The budget: version, current, that certificate, cluster; one connection, and one probe an endpoint.
    assert len(log) == 4 and {entry["method"] for entry in log} == {"GET"}
    assert outcome.json["meta"]["tls_connections"] == 5


@pytest.mark.versions(*SOME)
def test_drifted(sim, program):
    pair = pair_for(sim)
    put_to_use(sim, pair)
    other = api.put(sim, pair_for(sim), "other")
    node = sim.nodes[2]
    sim.patch({"serves": {node["uuid"]: other}})
    outcome = program.run(verify_request(sim, expected=pair.chain))
    assert (outcome.code, outcome.error, outcome.result["status"]) == (3, "drifted", "drifted")
    assert outcome.json["error"]["endpoint"] == node["address"]
    found = by_address(outcome)
    assert found[node["address"]]["checks"]["fingerprint"] is False
    assert [one["status"] for one in found.values()].count("drifted") == 1


@pytest.mark.versions("2.4", "4.2")
def test_api_and_wire_that_disagree_are_drifted(sim, program):
    pair = pair_for(sim)
    ident = put_to_use(sim, pair)
    other = api.put(sim, pair_for(sim), "other")
    sim.patch({"registered": other, "serves": {"vip": ident}})
    outcome = program.run(verify_request(sim, expected=pair.chain))
    assert outcome.code == 3 and outcome.result["api"]["cluster"]["matches"] is False
    assert all(one["status"] == "in_sync" for one in outcome.result["endpoints"])


@pytest.mark.versions("4.2")
def test_a_dead_manager_hides_nothing(sim, program):
    pair = pair_for(sim)
    put_to_use(sim, pair)
    dead, drifted = sim.nodes[0], sim.nodes[1]
    sim.fault({"what": "refuse", "target": dead["address"], "ms": 0})
    outcome = program.run(verify_request(sim, expected=pair.chain))
    assert (outcome.code, outcome.error, outcome.result["status"]) == (75, "not-verified", "unknown")
    assert outcome.result["reason"] == "unreachable"
    found = by_address(outcome)
    assert found[dead["address"]]["status"] == "unknown" and found[dead["address"]]["reason"]
    assert not found[dead["address"]]["reachable"] and found[dead["address"]]["presented"] is None
    assert [one["status"] for one in found.values()].count("in_sync") == 3
    # Something that does not hold wins over what could not be looked at.
    sim.patch({"serves": {drifted["uuid"]: api.put(sim, pair_for(sim), "other")}})
    outcome = program.run(verify_request(sim, expected=pair.chain))
    assert (outcome.code, outcome.result["status"]) == (3, "drifted")


@pytest.mark.versions("4.2")
def test_refused_credentials_leave_the_wire(sim, program):
    pair = pair_for(sim)
    put_to_use(sim, pair)
    auth = {"username": sim.username, "password": "wrong"}
    nodes = [node["address"] for node in sim.nodes]
    done = len(sim.log())
    request = verify_request(sim, expected=pair.chain, manager_changes={"auth": auth, "nodes": nodes})
    outcome = program.run(request)
    assert (outcome.code, outcome.error, outcome.result["status"]) == (77, "credentials-refused", "unknown")
    assert all(one["status"] == "in_sync" for one in outcome.result["endpoints"])
    assert len(outcome.result["endpoints"]) == 4 and "api-not-read" in outcome.warnings
    assert len(sim.log()) - done == 1  # tried once
    sim.patch({"serves": {"vip": api.put(sim, pair_for(sim), "other")}, "unlock": True})
    outcome = program.run({**request, "manager": {**request["manager"], "tls": {"insecure": True}}})
    assert outcome.code == 3  # drifted comes before refused


@pytest.mark.versions("4.2")
@pytest.mark.parametrize("what, target", [("hang_before", None), ("accept_hang", "vip")])
def test_silent_api_leaves_time_for_the_wire(sim, program, what, target):
    pair = pair_for(sim)
    put_to_use(sim, pair)
    sim.fault({"what": what, "times": 0, **({"target": target} if target else {"path": "/api/v1/cluster*"})})
    nodes = [node["address"] for node in sim.nodes]
    outcome = program.run(verify_request(sim, expected=pair.chain, deadline=10, manager_changes={"nodes": nodes}))
    assert (outcome.code, outcome.error, outcome.result["status"]) == (75, "not-verified", "unknown")
    assert [by_address(outcome)[address]["status"] for address in nodes] == ["in_sync"] * 3
    assert "api-not-read" in outcome.warnings and outcome.result["api"]["status"] == "unknown"


@pytest.mark.versions("4.2")
def test_api_is_held_against_the_wire(sim, program):
    """What the API says is served: so it matches, though something else was expected."""
    put_to_use(sim, pair_for(sim))
    outcome = program.run(verify_request(sim, expected=pair_for(sim).chain, manager_changes={"tls": {"insecure": True}}))
    assert outcome.code == 3 and outcome.result["status"] == "drifted"
    assert outcome.result["api"]["cluster"]["matches"] is True
    assert [node["matches"] for node in outcome.result["api"]["nodes"]] == [True] * 3


@pytest.mark.versions("2.4", "4.2")
def test_without_credentials(sim, program):
    pair = pair_for(sim)
    put_to_use(sim, pair)
    done = len(sim.log())
    request = verify_request(sim, expected=pair.chain)
    del request["manager"]["auth"]
    outcome = program.run(request)
    assert outcome.code == 0 and outcome.result["status"] == "in_sync" and outcome.result["api"] is None
    assert "nodes-not-checked" in outcome.warnings and len(outcome.result["endpoints"]) == 1
    request["manager"]["nodes"] = [node["address"] for node in sim.nodes]
    outcome = program.run(request)
    assert outcome.code == 0 and len(outcome.result["endpoints"]) == 4 and outcome.warnings == []
    assert len(sim.log()) == done and outcome.json["meta"]["http_requests"] == 0
    assert outcome.json["meta"]["tls_connections"] == 4


# -- on_drift: report -------------------------------------------------------------------


@pytest.mark.versions("4.2")
@pytest.mark.parametrize("case, reason", [
    ("drifted", None), ("network", "unreachable"), ("trust", "untrusted-manager"),
    ("credentials", "credentials-refused"), ("role", "role-missing"), ("source", "source-unavailable"),
    ("secret", "secret-unavailable"), ("id", "certificate-not-found")])
def test_report(sim, program, case, reason):
    pair = pair_for(sim)
    put_to_use(sim, pair)
    options = {"expected": pair.chain, "on_drift": "report"}
    changes = {}
    if case == "drifted":
        options["expected"] = pair_for(sim).chain
    elif case == "network":
        sim.fault({"what": "refuse", "target": sim.nodes[0]["address"], "ms": 0})
    elif case == "trust":
        options.pop("expected")
        changes["tls"] = {"pin_sha256": ["0" * 64]}
    elif case == "credentials":
        changes["auth"] = {"username": sim.username, "password": "wrong"}
    elif case == "role":
        sim.fault({"what": "status_403", "path": "/api/v1/cluster", "error_message": "not permitted", "times": 0})
    elif case == "source":
        options["expected"] = {"file": "/nonexistent/nsx.crt"}
    elif case == "secret":
        changes["auth"] = {"username": sim.username, "password": {"env": "NOT_SET_ANYWHERE"}}
    elif case == "id":
        options["expected"] = {"certificate_id": "0b5d3c1e-0000-4000-8000-000000000000"}
        changes["tls"] = {"pin_sha256": [pair.fingerprint]}
    outcome = program.run(verify_request(sim, manager_changes=changes, **options))
    assert outcome.code == 0 and outcome.error is None, outcome.json["error"]
    assert outcome.result["status"] == ("drifted" if case == "drifted" else "unknown")
    assert outcome.result["reason"] == reason
    failing = verify_request(sim, manager_changes=changes, **{**options, "on_drift": "fail"})
    sim.patch({"unlock": True})
    assert program.run(failing).code in (1, 3, 75, 77)


@pytest.mark.versions("4.2")
def test_report_still_fails_on_a_wrong_request(sim, program):
    outcome = program.run(verify_request(sim, expected="", on_drift="report", nonsense=1))
    assert (outcome.code, outcome.error) == (64, "invalid-request")


# -- each check by itself, on servers of our own -------------------------------------------


@pytest.fixture
def servers():
    with Servers() as running:
        yield running


NAME = "nsx.sim.test"


def one_check(program, servers, pair, *, failing, expected=None, **parameters):
    """Only `failing` does not hold."""
    at = {"address": servers.serve(pair), "server_name": NAME}
    outcome = program.run(plain([at], expected=(expected or pair).chain, **parameters))
    (found,) = outcome.result["endpoints"]
    wrong = {name for name, holds in found["checks"].items() if holds is False}
    assert wrong == set(failing), found
    assert outcome.code == (3 if failing else 0)
    return outcome


def test_all_hold(program, servers):
    one_check(program, servers, pki.make(NAME, key=pki.ec_key()), failing=[])


def test_expired(program, servers):
    one_check(program, servers, pki.make(NAME, key=pki.ec_key(), start=-20, days=10), failing=["validity"])


def test_not_yet_valid(program, servers):
    one_check(program, servers, pki.make(NAME, key=pki.ec_key(), start=5, days=10), failing=["validity"])


def test_wrong_name(program, servers):
    one_check(program, servers, pki.make("other.sim.test", key=pki.ec_key()), failing=["name"])


def test_another_leaf_of_the_same_issuer(program, servers):
    root = pki.make("Root", ca=True, key=pki.ec_key(), days=3000)
    first, second = (pki.make(NAME, key=pki.ec_key(), issuer=root) for _ in range(2))
    one_check(program, servers, second, expected=first, failing=["fingerprint"])


def test_chain_that_ends_elsewhere(program, servers):
    root, other = (pki.make("Root", ca=True, key=pki.ec_key(), days=3000) for _ in range(2))
    one_check(program, servers, pki.make(NAME, key=pki.ec_key(), issuer=root), trust=[other.pem], failing=["chain"])


def test_chain_cut_on_the_wire(program, servers):
    root = pki.make("Root", ca=True, key=pki.ec_key(), days=3000)
    middle = pki.make("Issuing", ca=True, key=pki.ec_key(), issuer=root, days=2000)
    pair = pki.make(NAME, key=pki.ec_key(), issuer=middle)
    at = {"address": servers.serve(pki.Pair(pair.certificate, pair.key)), "server_name": NAME}
    outcome = program.run(plain([at], expected=pair.chain))
    (found,) = outcome.result["endpoints"]
    assert outcome.code == 3 and found["checks"]["chain"] is False and found["checks"]["fingerprint"] is True


def test_no_server_auth(program, servers):
    one_check(program, servers, pki.make(NAME, key=pki.ec_key(), usage="client"), failing=["server_auth"])


def test_common_name(program, servers):
    pair = pki.make("something else", [NAME], key=pki.ec_key())
    one_check(program, servers, pair, failing=["common_name"])
    one_check(program, servers, pair, failing=[], common_name_is_address=False)


def test_common_name_of_a_signed_one_is_asked_for(program, servers):
    root = pki.make("Root", ca=True, key=pki.ec_key(), days=3000)
    pair = pki.make("something else", [NAME], key=pki.ec_key(), issuer=root)
    one_check(program, servers, pair, failing=[])
    one_check(program, servers, pair, failing=["common_name"], common_name_is_address=True)


def test_min_remaining_days(program, servers):
    pair = pki.make(NAME, key=pki.ec_key(), days=20)
    one_check(program, servers, pair, failing=[], min_remaining_days=19)
    one_check(program, servers, pair, failing=["validity"], min_remaining_days=21)


def test_renewal_due_alone_is_no_drift(program, servers):
    pair = pki.make(NAME, key=pki.ec_key(), start=-80, days=90)
    outcome = one_check(program, servers, pair, failing=[])
    assert outcome.result["renewal_due"] is True and "renewal-due" in outcome.warnings
    fresh = pki.make(NAME, key=pki.ec_key(), days=90)
    outcome = one_check(program, servers, fresh, failing=[])
    assert outcome.result["renewal_due"] is False
    at = datetime.datetime.fromisoformat(outcome.result["renewal_at"])
    assert abs(at - (fresh.certificate.not_valid_after_utc - datetime.timedelta(days=30))) < datetime.timedelta(seconds=2)


def test_own_name_without_server_name(program, servers):
    pair = pki.make("127.0.0.1", key=pki.ec_key())
    outcome = program.run(plain([servers.serve(pair)], expected=pair.chain))
    assert outcome.code == 0


def test_without_expected_all_must_be_the_same(program, servers):
    first, second = (pki.make("127.0.0.1", key=pki.ec_key()) for _ in range(2))
    same = [servers.serve(first), servers.serve(first)]
    assert program.run(plain(same)).code == 0
    outcome = program.run(plain([*same, servers.serve(second)]))
    assert outcome.code == 3
    assert [one["status"] for one in outcome.result["endpoints"]] == ["in_sync", "in_sync", "drifted"]


# -- names of managers --------------------------------------------------------------------


@pytest.mark.versions("2.4", "4.2")
def test_node_names(sim, program):
    pair = pair_for(sim, sim.vip)
    put_to_use(sim, pair)
    outcome = program.run(verify_request(sim, expected=pair.chain))
    assert outcome.code == 0 and outcome.warnings == ["san-lacks-node"]
    outcome = program.run(verify_request(sim, expected=pair.chain, require_node_names=True))
    assert outcome.code == 3
    assert {one["address"] for one in outcome.result["endpoints"] if one["checks"]["name"] is False} == {
        node["address"] for node in sim.nodes}


# -- what the console said ---------------------------------------------------------------------


@pytest.mark.versions("4.2")
def test_reported(sim, program):
    pair = pair_for(sim)
    put_to_use(sim, pair)
    node = sim.nodes[0]["address"]
    console = f"Tue Nov 24 2026 UTC 10:00:00.000\r\nnsx> get certificate api\r\n{pair.chain}\r\n".replace("\n", "\r\n")
    good = [{"endpoint": node, "service": "api", "text": console},
            {"endpoint": node, "service": "cluster", "text": pair.chain}]
    outcome = program.run(verify_request(sim, expected=pair.chain, reported=good))
    assert outcome.code == 0, outcome.json
    assert [one["status"] for one in outcome.result["reported"]] == ["in_sync"] * 2
    assert outcome.result["reported"][0]["fingerprint_sha256"] == pair.fingerprint
    empty = {"endpoint": node, "service": "api", "text": "% Command not found: get cert\n"}
    outcome = program.run(verify_request(sim, expected=pair.chain, reported=[*good, empty]))
    assert (outcome.code, outcome.result["status"]) == (75, "unknown")
    assert [one["status"] for one in outcome.result["reported"]] == ["in_sync", "in_sync", "unknown"]
    wrong = {"endpoint": node, "service": "api", "text": pair_for(sim).chain}
    outcome = program.run(verify_request(sim, expected=pair.chain, reported=[empty, wrong, *good]))
    assert (outcome.code, outcome.result["status"]) == (3, "drifted")
    elsewhere = {"endpoint": "192.0.2.99", "service": "api", "text": pair.chain}
    outcome = program.run(verify_request(sim, expected=pair.chain, reported=[elsewhere]))
    assert outcome.code == 75


# -- logging in --------------------------------------------------------------------------------


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("kind", ["basic", "session", "remote", "token", "client"])
def test_ways_to_log_in(sim, program, kind):
    pair = pair_for(sim)
    put_to_use(sim, pair)
    client = pki.make("pi-user", key=pki.rsa_key(3), usage="client")
    auth = {"basic": {"username": sim.username, "password": sim.password},
            "session": {"username": sim.username, "password": sim.password, "scheme": "session"},
            "remote": {"username": "ops@corp.sim.test", "password": sim.password, "scheme": "remote"},
            "token": {"token": sim.info["token"]},
            "client": {"client_certificate": client.pem, "client_key": client.key_pem}}[kind]
    if kind == "token" and sim.version == "2.4":
        auth = {"token": "none"}
    if kind == "client":
        sim.patch({"principal_identities": [{"certificate_pem": client.pem, "name": "pi", "role": "enterprise_admin"}]})
    outcome = program.run(verify_request(sim, expected=pair.chain, manager_changes={"auth": auth}))
    if kind == "token" and sim.version == "2.4":
        assert outcome.code == 77
        return
    assert outcome.code == 0 and outcome.result["api"]["status"] == "in_sync", outcome.json["error"]
    assert sim.state()["sessions"] == 0


# -- proxies, redirects, other hosts --------------------------------------------------------------


@pytest.mark.versions("4.2")
def test_proxy_for_calls_and_probes(sim, program, servers):
    pair = pair_for(sim)
    put_to_use(sim, pair)
    proxy = servers.proxy("user", "open sesame")
    member = {"url": proxy.url, "username": "user", "password": "open sesame"}
    outcome = program.run(verify_request(sim, expected=pair.chain, manager_changes={"proxy": member}),
                          secrets=["open sesame"])
    assert outcome.code == 0, outcome.json["error"]
    assert len(proxy.asked) == 5 and {host for host, _ in proxy.asked} == {sim.vip, *(n["address"] for n in sim.nodes)}
    member["password"] = "wrong"
    outcome = program.run(verify_request(sim, expected=pair.chain, deadline=5, manager_changes={"proxy": member}))
    assert outcome.code == 75 and outcome.result["status"] == "unknown"


@pytest.mark.versions("4.2")
@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_proxies_of_the_environment_are_ignored(sim, program, servers, variable):
    pair = pair_for(sim)
    put_to_use(sim, pair)
    proxy = servers.proxy("user", "pass")
    outcome = program.run(verify_request(sim, expected=pair.chain), env={variable: proxy.url})
    assert outcome.code == 0 and proxy.asked == []


@pytest.mark.versions("4.2")
def test_redirects_are_not_followed(sim, program, servers):
    """Not even to a host that would be trusted."""
    pair = pair_for(sim)
    put_to_use(sim, pair)
    there = servers.serve(pair)
    sim.fault({"what": "redirect_other_host", "location": f"https://{there}/api/v1/node/version", "times": 0})
    outcome = program.run(verify_request(sim, expected=pair.chain))
    assert (outcome.code, outcome.error) == (75, "not-verified") or outcome.code == 1
    assert servers.accepted(there) == 0


@pytest.fixture(scope="module")
def six():
    with Simulator.start("4.2", ipv6=True, quiet=True) as running:
        yield running


def test_ipv6(six, program):
    pair = pair_for(six, six.vip, "::1")
    put_to_use(six, pair)
    for address in (f"[::1]:{six.port}", f"[0:0:0:0:0:0:0:1]:{six.port}"):
        outcome = program.run(verify_request(six, expected=pair.chain, manager_changes={"address": address}))
        assert outcome.code == 0, outcome.json["error"]
        assert outcome.json["target"]["address"] == address
    lacking = pair_for(six, six.vip)
    put_to_use(six, lacking)
    outcome = program.run(verify_request(six, expected=lacking.chain, manager_changes={"address": address}))
    assert outcome.code == 3 and by_address(outcome)[address]["checks"]["name"] is False


# -- endings -------------------------------------------------------------------------------------------


def test_signal_while_looking(program):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        at = f"127.0.0.1:{silent.getsockname()[1]}"
        process = program.start({**plain([at]), "deadline_seconds": 60})
        silent.settimeout(30)
        connection, _ = silent.accept()
        process.send_signal(signal.SIGTERM)
        stdout, _ = process.communicate(timeout=30)
        connection.close()
    value = json.loads(stdout)
    assert process.returncode == -signal.SIGTERM and value["error"]["code"] == "interrupted"


def test_deadline_while_looking(program):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        at = f"127.0.0.1:{silent.getsockname()[1]}"
        outcome = program.run({**plain([at]), "deadline_seconds": 1})
    assert outcome.code == 75 and outcome.result["endpoints"][0]["status"] == "unknown"


@pytest.mark.versions("4.2")
def test_references(sim, program):
    pair, ident = imported(sim)
    put_to_use(sim, pair, ident)
    for expected in ({"certificate_id": ident}, {"fingerprint_sha256": pair.fingerprint.upper()},
                     {"endpoint": sim.endpoint(sim.nodes[0]["address"])}):
        outcome = program.run(verify_request(sim, expected=expected, manager_changes={
            "tls": {"pin_sha256": [pair.fingerprint]}}))
        assert outcome.code == 0, outcome.json["error"]
        assert outcome.result["certificate"]["fingerprint_sha256"] == pair.fingerprint
    assert set(served(sim).values()) == {pair.fingerprint}
