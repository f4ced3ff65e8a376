# SPDX-License-Identifier: Apache-2.0
"""Every fault of the switchboard, seen by a plain client."""
import gzip
import http.client
import json
import socket
import ssl
import time

import pytest

from plain import STORE, insecure, make, make_signed
from simulator.faults.kinds import TABLE
from simulator.fixture import SimulatorError

NAMES = [kind.name for kind in TABLE]


class Cut(Exception):
    """The other side ended the connection."""


def outcome(client, path=STORE, timeout=0.4):
    """What a client meets: a word for what is below HTTP, else (status, headers, body)."""
    try:
        plain = socket.create_connection((client.address, client.sim.port), 2)
    except ConnectionRefusedError:
        return "refused"
    except ConnectionResetError:
        return "handshake-reset"
    plain.settimeout(timeout)
    try:
        link = insecure().wrap_socket(plain, suppress_ragged_eofs=False)
    except ssl.SSLEOFError:
        return "handshake-eof"
    except ssl.SSLError as error:
        return f"tls {error.reason}"
    except TimeoutError:
        return "handshake-silence"
    except OSError:
        return "handshake-reset"
    if link.version() is None:  # the reset came before the handshake could begin
        return "handshake-reset"
    with link:
        head = "".join(f"{name}: {value}\r\n" for name, value in client.headers().items())
        link.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n".encode())
        return read_all(link)


def read_all(link):
    raw = bytearray()
    try:
        while part := link.recv(1 << 16):
            raw += part
        end = "end"
    except TimeoutError:
        end = "silence"
    except ConnectionResetError:
        end = "reset"
    except ssl.SSLError:
        end = "reset"
    return end, bytes(raw)


def split(found):
    end, raw = found
    assert end == "end", found
    head, _, body = raw.partition(b"\r\n\r\n")
    return head, body


def status(found):
    return int(split(found)[0].split(b" ")[1])


def not_json(found):
    with pytest.raises(ValueError):
        json.loads(split(found)[1])


def length_said(head):
    return int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])


def expect(name, found):
    """What a fault must look like; a KeyError here means an untested fault."""
    below = {
        "refuse": "refused", "reset_accept": "handshake-reset",
        "accept_hang": "handshake-silence", "handshake_reset": "handshake-reset",
        "handshake_close": "handshake-eof", "tls_not_spoken": "tls WRONG_VERSION_NUMBER"}
    if name in below:
        assert found == below[name]
    elif name == "tls_alert":
        assert "HANDSHAKE_FAILURE" in found
    elif name == "tls10_only":
        assert found.startswith("tls")
    elif name in ("reset_before", "work_reset"):
        assert found == ("reset", b"")
    elif name in ("close_before", "work_close"):
        assert found == ("end", b"")
    elif name in ("hang_before", "work_hang", "handshake_hang"):
        assert found == ("silence", b"")
    elif name == "login_401":
        assert status(found) == 401 and b"<form" in found[1]
    elif name.startswith(("status_", "html_503")):
        assert status(found) == int(name.split("_")[1])
        head = split(found)[0].lower()
        assert (b"retry-after" in head) == name.endswith(("seconds", "date"))
    elif name.startswith("redirect"):
        assert status(found) == 307 and b"Location: https://" in found[1]
    else:
        ANSWERS[name](found)


def good(found):
    assert status(found) == 200
    return json.loads(split(found)[1])


ANSWERS = {
    "late": good, "drip": good,
    "session_lost": good, "stale_list": good, "tls_tickets": good, "cert_expired": good,
    "cert_not_yet_valid": good, "cert_wrong_name": good, "cert_self_made": good,
    "cert_chain_cut": good, "cert_old": good, "restart_never_ends": good,
    "never_settles": good, "settles_to_third": good, "flap": good,
    "reset_after_bytes": lambda found: check(found[0] == "reset" and len(found[1]) == 20, found),
    "cut_head": lambda found: check(b"\r\n\r\n" not in found[1], found),
    "cut_body": lambda found: check(length_said(split(found)[0]) > len(split(found)[1]) > 0,
                                    found),
    "length_too_long": lambda found: check(
        length_said(split(found)[0]) == len(split(found)[1]) + 100, found),
    "length_too_short": lambda found: check(
        length_said(split(found)[0]) < len(split(found)[1]), found),
    "chunked_garbage": lambda found: check(b"chunked\r\n" in found[1], found),
    "bad_status_line": lambda found: check(found[1].startswith(b"HTP/x"), found),
    "huge_header": lambda found: check(len(split(found)[0]) > 1 << 20, "short"),
    "huge_body": lambda found: check(len(found[1]) > 1 << 20, "short"),
    "gzip": lambda found: json.loads(gzip.decompress(split(found)[1])),
    "html_200": lambda found: check(status(found) == 200 and b"<html" in found[1], found),
    "html_login": lambda found: check(status(found) == 200 and b"<form" in found[1], found),
    "text_200": not_json, "json_cut": not_json, "json_trailing": not_json,
    "json_invalid_utf8": not_json,
    "empty_body": lambda found: check(split(found)[1] == b"", found),
    "json_array": lambda found: check(isinstance(good(found), list), found),
    "json_string": lambda found: check(isinstance(good(found), str), found),
    "json_number": lambda found: check(isinstance(good(found), float), found),
    "json_null": lambda found: check(good(found) is None, found),
    "json_empty_object": lambda found: check(good(found) == {}, found),
    "json_other_types": lambda found: check(good(found)["results"] == {}, found),
    "json_duplicate_keys": lambda found: check(found[1].count(b'"result_count"') == 2, found),
    "json_nul": lambda found: check("\0" in good(found)["note"], found),
    "json_deep": lambda found: check(b"[" * 100000 in found[1], "flat"),
    "empty_used_by": lambda found: check(
        all(entry["used_by"] == [] for entry in good(found)["results"]), found),
}


def check(holds, found):
    assert holds, found


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_strikes_once_and_then_is_gone(start, name):
    sim, client = start("3.2")
    smaller = {"huge_body": {"bytes": 2 << 20}, "drip": {"ms": 1, "bytes": 400}}
    sim.fault({"what": name, "target": "vip", **smaller.get(name, {})})
    expect(name, outcome(client, timeout=0.4 if name.endswith("hang") or "hang_" in name else 5))
    sim.clear_faults()
    assert client.get("node").status == 200


def test_the_names_say_what_each_does(start):
    sim, _ = start("3.2")
    listed = sim.fault_names()
    assert [one["name"] for one in listed] == NAMES
    assert all(one["text"] and one["level"] in ("connection", "request", "answer", "state")
               for one in listed)


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
