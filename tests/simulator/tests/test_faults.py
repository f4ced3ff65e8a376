# SPDX-License-Identifier: Apache-2.0
"""Every fault of the switchboard, seen by a plain client."""
import gzip
import json
import socket
import ssl

import pytest

from plain import STORE, insecure
from simulator.faults.kinds import TABLE

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
    "session_lost": good, "stale_list": good, "delete_race": good, "tls_tickets": good,
    "cert_expired": good,
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
