# SPDX-License-Identifier: Apache-2.0
"""Canaries in every secret slot, and where they must not be found."""
import base64
import json
import subprocess
import time
from pathlib import Path

import pki
import pytest
from program import Program
from registering import pair_for, register_request, verify_request
from requests_for import import_request

CANARY = "canary-7f3a-\u00e4-\"-end"
PATIENCE = 30


@pytest.fixture
def program(nsxcert_release):
    """/proc of a sanitizer's process says nothing about the program that is shipped."""
    return Program(nsxcert_release)


def body_of(key_pem):
    """A stretch of a key that nothing but the key holds."""
    return "".join(key_pem.splitlines()[2:4])[:64]


def given(secret, how, folder, environment, name):
    """The member that holds a secret, as text, by a file or by a variable."""
    if how == "literal":
        return secret
    if how == "file":
        path = folder / f"{name}.secret"
        path.write_text(secret)
        path.chmod(0o600)
        return {"file": str(path)}
    environment[name.upper()] = secret
    return {"env": name.upper()}


def slots(sim, how, folder, environment):
    """[(request, its secrets)]: each secret slot of the operations that talk to a manager."""
    pair = pair_for(sim)
    client = pki.make("client", key=pki.ec_key(), usage="client")

    def member(secret, name):
        return given(secret, how, folder, environment, name)

    password, token, proxy, passphrase = (f"{CANARY}-{name}" for name in ("pass", "token", "proxy", "phrase"))
    user = {"username": sim.username, "password": member(password, "password")}
    return [
        (import_request(sim, pair, private_key=member(pair.encrypted_key(passphrase), "key"),
                        passphrase=member(passphrase, "passphrase"), manager_changes={"auth": user}),
         [password, passphrase, body_of(pair.key_pem)]),
        (import_request(sim, pair, private_key=member(pair.key_pem, "key")), [body_of(pair.key_pem), sim.password]),
        (register_request(sim, pair.chain, manager_changes={"auth": {**user, "scheme": "session"}}), [password]),
        (verify_request(sim, expected=pair.chain, manager_changes={"auth": {"token": member(token, "token")}}),
         [token]),
        (verify_request(sim, expected=pair.chain, manager_changes={"auth": {
            "client_certificate": client.pem, "client_key": member(client.key_pem, "client_key")}}),
         [body_of(client.key_pem)]),
        (verify_request(sim, expected=pair.chain, deadline=2, manager_changes={"proxy": {
            "url": "http://127.0.0.1:9", "username": "user", "password": member(proxy, "proxy")}}), [proxy]),
    ]


def forms(secret):
    """As it is, as JSON writes it, and as Basic carries it."""
    return {secret, json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode().rstrip("=")[4:-4]}


def must_not_hold(text, secrets, where):
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    for secret in secrets:
        for form in forms(secret):
            assert form not in text, f"a secret stands in {where}"


@pytest.mark.versions("4.2")
@pytest.mark.parametrize("how", ["literal", "file", "env"])
@pytest.mark.parametrize("view", [["--debug"], ["--debug", "--output", "result.json"], ["--format", "text", "--debug"]])
def test_found_nowhere(sim, program, tmp_path, how, view):
    folder, work, temporary = (tmp_path / name for name in ("given", "work", "tmp"))
    for one in (folder, work, temporary):
        one.mkdir()
    environment = {"TMPDIR": str(temporary)}
    for request, secrets in slots(sim, how, folder, environment):
        sim.patch({"unlock": True})
        process = program.start(request, *view, env=environment, cwd=work)
        stdout, stderr = process.communicate(timeout=60)
        assert "nsxcert" in stderr or stdout  # it did run
        must_not_hold(stdout, secrets, "stdout")
        must_not_hold(stderr, secrets, "stderr")
        if view[0] != "--format":
            for format_ in ("text", "markdown", "prometheus"):
                rendered = render(program, stdout, format_)
                must_not_hold(rendered, secrets, format_)
        for path in [*work.rglob("*"), *temporary.rglob("*")]:
            must_not_hold(path.read_bytes(), secrets, path.name)
    assert sorted(path.name for path in work.iterdir()) == (["result.json"] if "--output" in view else [])
    assert list(temporary.iterdir()) == []
    must_not_hold(json.dumps(sim.log()), [CANARY, sim.password], "the log of the simulator")


def render(program, result, format_):
    return subprocess.run([program.path, "--render", format_], input=result, capture_output=True, text=True,
                          timeout=60, check=False).stdout


@pytest.mark.versions("4.2")
@pytest.mark.parametrize("how", ["literal", "file", "env"])
def test_not_in_the_process_table(sim, program, tmp_path, how):
    """While the manager holds its request: arguments, and the environment, from which it was wiped."""
    environment = {}
    request, secrets = slots(sim, how, tmp_path, environment)[0]
    sim.fault({"what": "hang_before"})
    process = program.start(request, env=environment, cwd=tmp_path)
    try:
        end = time.monotonic() + PATIENCE
        while not any(fault["strikes"] for fault in sim.faults()):
            assert process.poll() is None and time.monotonic() < end, "the request never came"
        proc = Path("/proc") / str(process.pid)
        for name in ("cmdline", "environ"):
            try:
                must_not_hold((proc / name).read_bytes(), secrets, name)
            except PermissionError:  # not dumpable: its own user is not let in at all
                assert name == "environ"
    finally:
        process.kill()
        process.communicate()


@pytest.mark.versions("4.2")
def test_a_refused_request_tells_no_secret(sim, program):
    """The findings name places, not values."""
    pair = pair_for(sim)
    request = import_request(sim, pair, manager_changes={"auth": {"username": "u", "password": CANARY, "tokn": CANARY}})
    request["parameters"]["passphrase"] = [CANARY]
    outcome = program.run(request)
    assert outcome.code == 64
    must_not_hold(outcome.stdout + outcome.stderr, [CANARY, body_of(pair.key_pem)], "the findings")
    text = json.dumps(request)[:-5]
    broken = subprocess.run([program.path, "--debug"], input=text, capture_output=True, text=True, timeout=60, check=False)
    assert broken.returncode == 64
    must_not_hold(broken.stdout + broken.stderr, [CANARY, body_of(pair.key_pem)], "the findings")
