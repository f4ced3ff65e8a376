# SPDX-License-Identifier: Apache-2.0
"""`nsxcert --terraform` as the program of `data "external"`, against a simulated cluster and without Terraform."""
import json
import os
import signal
import subprocess
import time

import pytest

import pki
from integration.registering import pair_for
from integration.requests_for import manager

FLAT = {"status", "changed", "renewal_due", "certificate_id", "display_name", "fingerprint_sha256", "not_after",
        "certificate_pem", "warnings", "reason", "result_json"}
SECONDS = 120


class Asker:
    """Asks as the provider does; files are looked for in a folder of its own."""

    def __init__(self, path, folder, password):
        self.path, self.folder = path, folder
        self.environment = {**os.environ, "NSXT_PASSWORD": password}
        self.password = password

    def start(self, query):
        process = subprocess.Popen([self.path, "--terraform"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=self.environment, cwd=self.folder)
        process.stdin.write(query if isinstance(query, bytes) else json.dumps({"request": json.dumps(query)}).encode())
        process.stdin.close()
        process.stdin = None
        return process

    def raw(self, query):
        process = self.start(query)
        stdout, stderr = process.communicate(timeout=SECONDS)
        for canary in (self.password.encode(), b"PRIVATE KEY"):
            assert canary not in stdout and canary not in stderr
        return process.returncode, stdout, stderr.decode()

    def answer(self, query):
        """The flat object, and its bytes."""
        code, stdout, stderr = self.raw(query)
        assert (code, stderr) == (0, ""), stderr
        assert stdout.endswith(b"\n") and stdout.count(b"\n") == 1
        flat = json.loads(stdout)
        assert set(flat) == FLAT and all(isinstance(value, str) for value in flat.values())
        whole = json.loads(flat["result_json"])
        assert "meta" not in whole and flat["result_json"] == json.dumps(whole, sort_keys=True, ensure_ascii=False,
                                                                          separators=(",", ":"))
        return flat, stdout

    def error(self, query, code):
        """The text of an error: all that is printed."""
        found, stdout, stderr = self.raw(query)
        assert (found, stdout) == (code, b""), stderr
        assert stderr.startswith("nsxcert: ") and "\nnsxcert: remedy: " in stderr
        return stderr


@pytest.fixture
def ask(nsxcert, tmp_path, cluster):
    folder = tmp_path / "work"
    folder.mkdir()
    return Asker(nsxcert, folder, cluster.password)


def request(sim, operation="verify", parameters=None, **changes):
    auth = {"username": sim.username, "password": {"env": "NSXT_PASSWORD"}}
    return {"api_version": "nsxcert/v1", "operation": operation, "deadline_seconds": 60,
            "manager": manager(sim, auth=auth), "parameters": parameters or {}, **changes}


def nodes_of(sim):
    return [node["address"] for node in sim.nodes]


@pytest.fixture
def pair(ask, cluster):
    """A pair in the folder that is not registered."""
    made = pair_for(cluster)
    (ask.folder / "nsx.crt").write_text(made.pem)
    (ask.folder / "nsx.key").write_text(made.key_pem)
    return made


def test_drift_is_no_failure(ask, cluster, pair):
    flat, _ = ask.answer(request(cluster, parameters={"expected": {"file": "nsx.crt"}}))
    factory = pki.fingerprints(cluster.factory_pem)
    assert (flat["status"], flat["changed"], flat["reason"]) == ("drifted", "false", "")
    assert flat["fingerprint_sha256"] in {*factory, pair.fingerprint}


def test_drift_fails_only_where_asked(ask, cluster, pair):
    del pair
    parameters = {"expected": {"file": "nsx.crt"}, "on_drift": "fail"}
    assert "(drifted)" in ask.error(request(cluster, parameters=parameters), 3)


@pytest.mark.parametrize("operation, parameters", [
    ("generate", {"common_name": "a.example.com", "certificate_path": "a.crt", "key_path": "a.key"}),
    ("import", {"certificate": {"file": "nsx.crt"}, "private_key": {"file": "nsx.key"}}),
    ("register", {"certificate": {"file": "nsx.crt"}}),
])
def test_what_writes_needs_a_dry_run(ask, cluster, pair, operation, parameters):
    wanted = request(cluster, operation, parameters)
    if operation == "generate":
        del wanted["manager"]
    before = sorted(ask.folder.iterdir())
    text = ask.error(wanted, 64)
    assert "(usage)" in text and "dry_run" in text and "local-exec" in text
    flat, _ = ask.answer(wanted | {"dry_run": True})
    assert (flat["status"], flat["changed"]) == ("drifted", "true")
    assert sorted(ask.folder.iterdir()) == before and not cluster.log(writes=True) and pair


def test_literal_secrets_are_refused(ask, cluster):
    wanted = request(cluster)
    wanted["manager"]["auth"]["password"] = cluster.password
    assert "(literal-secret)" in ask.error(wanted, 64)
    assert not cluster.log()


@pytest.mark.parametrize("query", [b"", b"{}", b"[]", b'{"request": 1}', b'{"request": "{"}', b'{"request": "{}"}',
                                   b'{"request": "{}", "other": ""}'])
def test_a_malformed_query_is_an_error(ask, query):
    ask.error(query, 64)


REASONS = {
    "refused": ("unreachable",), "no password": ("secret-unavailable",), "no file": ("source-unavailable",),
    "deadline": ("unreachable", "deadline-exceeded"),
}


@pytest.mark.parametrize("prevents", ["refused", "untrusted", "password", "no password", "no file", "deadline", "silence"])
def test_what_prevents_looking_is_an_answer(ask, cluster, prevents):
    """Nothing but a malformed request stops a plan."""
    wanted = request(cluster, parameters={"expected": {"file": "nsx.crt"}} if prevents == "no file" else {})
    wanted["manager"]["nodes"] = nodes_of(cluster)
    if prevents == "refused":
        cluster.fault({"what": "refuse", "ms": 0})
        wanted["deadline_seconds"] = 2
    elif prevents == "untrusted":
        wanted["manager"]["tls"] = {"pin_sha256": ["00" * 32]}
    elif prevents == "password":
        ask.environment["NSXT_PASSWORD"] = "another-password-1"
    elif prevents == "no password":
        del ask.environment["NSXT_PASSWORD"]
    elif prevents in ("deadline", "silence"):
        cluster.fault({"what": "accept_hang" if prevents == "deadline" else "handshake_hang", "times": 0})
        wanted["deadline_seconds"] = 1
    flat, _ = ask.answer(wanted)
    # What is served can be looked at without trust or login, and the factory's certificates are a drift.
    assert flat["status"] == ("drifted" if prevents in ("untrusted", "password", "silence") else "unknown")
    if flat["status"] == "unknown":
        assert flat["reason"] in REASONS[prevents]
    else:
        assert "api-not-read" in flat["warnings"]


@pytest.mark.parametrize("operation", ["inspect", "import", "register"])
def test_other_operations_end_with_75_where_nobody_answers(ask, cluster, pair, operation):
    """Only verify makes an answer of it."""
    parameters = {"inspect": {"endpoint": cluster.endpoint(cluster.vip)}, "register": {"certificate": {"file": "nsx.crt"}},
                  "import": {"certificate": {"file": "nsx.crt"}, "private_key": {"file": "nsx.key"}}}
    wanted = request(cluster, operation, parameters[operation], deadline_seconds=2)
    if operation == "inspect":
        del wanted["manager"]
    else:
        wanted["dry_run"] = True
    cluster.fault({"what": "refuse", "ms": 0})
    ask.error(wanted, 75)
    assert pair


@pytest.mark.parametrize("world", ["drifted", "in_sync", "unknown"])
def test_two_answers_about_the_same_world_are_the_same_bytes(ask, cluster, pair, world):
    wanted = request(cluster, parameters={"expected": {"file": "nsx.crt"}})
    wanted["manager"]["nodes"] = nodes_of(cluster)
    if world == "in_sync":
        name = {"address": cluster.endpoint(cluster.vip), "server_name": cluster.nodes[0]["fqdn"]}
        wanted["parameters"] = {"endpoints": [name]}
    if world == "unknown":
        cluster.fault({"what": "refuse", "ms": 0})
        wanted["deadline_seconds"] = 2
    first, once = ask.answer(wanted)
    if world == "drifted":  # another pace and another order of the answers
        cluster.fault({"what": "late", "ms": 150, "target": "vip", "times": 1})
    _, twice = ask.answer(wanted)
    assert once == twice
    assert first["status"] == world and pair


def test_killed_at_any_time_it_leaves_nothing(ask, cluster, pair):
    """Terraform cancels by SIGKILL: no file, no lock, no child, and the next one answers."""
    wanted = request(cluster, "register", {"certificate": {"file": "nsx.crt"}}, dry_run=True)
    before = sorted(ask.folder.iterdir())
    for what in ("handshake_hang", "hang_before"):
        cluster.fault({"what": what})
        process = ask.start(wanted)
        end = time.monotonic() + SECONDS
        while not any(fault["strikes"] for fault in cluster.faults()) and time.monotonic() < end:
            assert process.poll() is None
        children = subprocess.run(["ps", "--no-headers", "--ppid", str(process.pid)], capture_output=True, check=False)
        assert children.stdout == b""
        process.send_signal(signal.SIGKILL)
        assert process.communicate(timeout=SECONDS) == (b"", b"")
        assert process.returncode == -signal.SIGKILL
        assert sorted(ask.folder.iterdir()) == before
        cluster.clear_faults()
    assert not cluster.log(writes=True) and pair
    assert ask.answer(request(cluster))[0]["status"] == "drifted"
