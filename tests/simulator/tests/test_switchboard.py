# SPDX-License-Identifier: Apache-2.0
"""The switchboard: where faults strike, how often, and what is left behind."""
import http.client
import socket
import ssl
import time

import pytest

from plain import STORE, insecure, make, make_signed
from test_faults import outcome
from simulator.fixture import SimulatorError


def test_where_decides(start):
    sim, client = start("3.2")
    node = sim.nodes[1]["address"]
    ident = sim.fault({"what": "status_503", "target": node, "method": "GET",
                       "path": "/api/v1/node*", "nth": 2, "times": 2})
    assert client.get("node").status == 200  # another target
    assert client.get("cluster", address=node).status == 200  # another path
    assert [client.get("node", address=node).status for _ in range(4)] == [200, 503, 503, 200]
    assert [one["strikes"] for one in sim.faults()] == [2]
    assert sim.log()[-2]["fault"] == "status_503" and sim.log()[-1]["fault"] is None
    sim.clear_faults(ident)
    assert sim.faults() == []


def test_action_and_error_code(start):
    sim, client = start("3.2")
    sim.fault({"what": "status_409", "action": "import", "error_code": 98765,
               "error_message": "as asked"})
    answer = client.add(make().pem)
    assert (answer.status, answer.json["error_code"]) == (409, 98765)
    assert answer.json["error_message"] == "as asked"
    assert client.add(make().pem).status == 201


def test_probability_is_repeatable(start):
    sim, client = start("3.2")

    def run():
        sim.reset()
        sim.fault({"what": "status_500", "times": 0, "probability": 0.5, "seed": 7})
        return [client.get("node").status for _ in range(20)]

    first = run()
    assert first == run() and set(first) == {200, 500}


@pytest.mark.parametrize("name,done", (("reset_before", False), ("work_reset", True),
                                       ("status_503", False), ("status_504_done", True)))
def test_whether_the_work_is_done(start, name, done):
    sim, client = start("3.2")
    before = sim.state()["certificates"]
    sim.fault({"what": name, "action": "import"})
    try:
        client.add(make().pem)
    except (OSError, http.client.HTTPException):
        pass
    assert sim.state()["certificates"] == before + done
    assert [one["done"] for one in sim.log(writes=True)] == [done]


def test_below_http_after_some_requests(start):
    sim, client = start("3.2")
    sim.fault({"what": "handshake_reset", "target": "vip", "after": 2})
    link = client.connect()
    first = client.get("node", connection=link)
    second = client.get("node", connection=link)
    assert first.headers.get("Connection") is None
    assert second.headers["Connection"] == "close"
    link.close()
    assert outcome(client) == "handshake-reset"
    assert client.get("node").status == 200


def test_refused_for_a_while(start):
    sim, client = start("3.2")
    sim.fault({"what": "refuse", "target": "vip", "ms": 100})
    assert outcome(client) == "refused"
    assert client.get("node", address=sim.nodes[0]["address"]).status == 200
    client.wait(lambda state: state["serves"]["vip"]["listening"])
    assert client.get("node").status == 200


@pytest.mark.parametrize("name", ("cert_expired", "cert_wrong_name", "cert_self_made",
                                  "cert_chain_cut"))
def test_other_certificates(start, name):
    from cryptography import x509
    sim, client = start("3.2")
    before = client.served()
    sim.fault({"what": name, "target": "vip"})
    with socket.create_connection((client.address, sim.port), 5) as plain:
        with insecure().wrap_socket(plain) as link:
            cert = x509.load_der_x509_certificate(link.getpeercert(True))
    expired = cert.not_valid_after_utc.timestamp() < time.time()
    assert expired == (name == "cert_expired")
    assert ("wrong.sim.test" in cert.subject.rfc4514_string()) == (name == "cert_wrong_name")
    assert (cert.subject == cert.issuer) == (name != "cert_chain_cut")
    assert client.served() == before


def test_chain_cut_of_a_signed_certificate_is_its_leaf(start):
    sim, client = start("3.2")
    pair = make_signed(names=[sim.vip])
    ident = client.add(pair.pem, pair.key).json["results"][0]["id"]
    sim.patch({"registered": ident})
    sim.fault({"what": "cert_chain_cut", "target": "vip"})
    assert client.served() == pair.sha256


def test_old_certificate_on_one_manager(start):
    sim, client = start("3.2")
    node = sim.nodes[2]
    old, pair = client.served(node["address"]), make()
    ident = client.add(pair.pem, pair.key).json["results"][0]["id"]
    sim.fault({"what": "cert_old", "target": node["address"], "ms": 200})
    client.post(f"{STORE}/{ident}?action=apply_certificate&service_type=API"
                f"&node_id={node['uuid']}")
    client.idle()
    assert client.served(node["address"]) == old
    client.wait_served(pair.sha256, node["address"])


def test_a_resumed_session_hides_the_new_certificate(start):
    sim, client = start("3.2")
    context = insecure()
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    def connect(session=None):
        plain = socket.create_connection((client.address, sim.port), 5)
        return context.wrap_socket(plain, session=session)

    with connect() as link:
        session = link.session
    with connect(session) as link:
        assert not link.session_reused
    sim.fault({"what": "tls_tickets", "target": "vip"})
    with connect() as link:
        session = link.session
    pair = make()
    ident = client.add(pair.pem, pair.key).json["results"][0]["id"]
    sim.patch({"registered": ident})
    with connect(session) as link:
        assert link.session_reused
    assert client.served() == pair.sha256


def test_stale_list(start):
    sim, client = start("3.2")
    sim.fault({"what": "stale_list", "times": 2})
    ident = client.add(make().pem).json["results"][0]["id"]
    seen = [ident in [entry["id"] for entry in client.get(STORE).json["results"]]
            for _ in range(3)]
    assert seen == [False, False, True]
    assert client.get(f"{STORE}/{ident}").status == 200


def test_delete_race(start):
    sim, client = start("3.2")
    ident = client.add(make().pem).json["results"][0]["id"]
    sim.fault({"what": "delete_race"})
    assert client.delete(f"{STORE}/{ident}").status == 404


def registered(client, sim, **fault):
    pair = make()
    ident = client.add(pair.pem, pair.key).json["results"][0]["id"]
    fault_id = sim.fault(fault)
    client.post(f"cluster/api-certificate?action=set_cluster_certificate&certificate_id={ident}")
    return pair, fault_id


def test_restart_that_never_ends(start):
    sim, client = start("3.2")
    pair, ident = registered(client, sim, what="restart_never_ends")
    client.wait(lambda state: not state["serves"]["vip"]["listening"])
    sim.clear_faults(ident)
    client.wait_served(pair.sha256)


@pytest.mark.parametrize("name", ("never_settles", "settles_to_third"))
def test_where_the_wire_settles(start, name):
    sim, client = start("3.2")
    old = client.served()
    pair, _ = registered(client, sim, what=name)
    client.idle()
    found = client.served()
    assert found != pair.sha256
    assert (found == old) == (name == "never_settles")


def test_flap(start):
    sim, client = start("3.2")
    old = client.served()
    pair, _ = registered(client, sim, what="flap")
    client.wait_served(pair.sha256)
    client.wait_served(old)
    client.wait_served(pair.sha256)


@pytest.mark.parametrize("wrong", [
    {"what": "nothing"}, {}, {"what": "refuse", "tms": 1}, {"what": "refuse", "nth": 0},
    {"what": "late", "ms": "x"}, {"what": "late", "probability": 2}])
def test_wrong_faults_are_explained(start, wrong):
    sim, _ = start("3.2")
    with pytest.raises(SimulatorError, match="POST /faults: "):
        sim.fault(wrong)
