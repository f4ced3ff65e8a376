# SPDX-License-Identifier: Apache-2.0
"""The managers' command line over SSH, by OpenSSH's own client."""
import contextlib
import json
import os
import pathlib
import pty
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from plain import Client, make_signed
from simulator.certs import load_chain, thumbprint
from simulator.fixture import Simulator
from test_process import COMMAND, ENVIRON, wait_gone

SECONDS = 20


@pytest.fixture
def sim(running):
    return running("4.1", ssh=True, clusters=2, first_cluster=910)


def run(sim, address, *command, environ=None, before=(), **more):
    """The finished client of one command or session."""
    words = [*before, *sim.ssh_command(address, *command, **more)]
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS,
                          check=False, env={**os.environ, **(environ or {})})


def say(sim, address, *command):
    done = run(sim, address, *command)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def shown(sim, address, service="api"):
    [cert] = load_chain(say(sim, address, f"get certificate {service}"))
    return thumbprint(cert)


def descendants(pid):
    """A process's children, and theirs."""
    try:
        words = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [one for word in words for one in [int(word), *descendants(int(word))]]


@contextlib.contextmanager
def session(sim, address):
    """An interactive client whose prompt has come: (process, its terminal)."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(sim.ssh_command(address), stdin=theirs, stdout=theirs,
                               stderr=subprocess.DEVNULL)
    os.close(theirs)
    try:
        read_to_prompt(ours)
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def read_to_prompt(terminal):
    seen = b""
    while not seen.endswith(b"nsxmgr-1> "):
        part = os.read(terminal, 65536)
        assert part, seen
        seen += part
    return seen


def test_each_manager_shows_its_certificate(sim):
    client = Client(sim)
    assert len(sim.clusters) == 2
    for cluster in sim.clusters:
        node = cluster["nodes"][-1]
        assert shown(sim, node["address"]) == client.served(node["address"])
        assert shown(sim, node["address"], "cluster") == client.served(cluster["vip"])


def test_host_keys_differ_and_are_known(sim):
    lines = pathlib.Path(sim.ssh["known_hosts"]).read_text(encoding="ascii").splitlines()
    names = [line.split()[0] for line in lines]
    assert sorted(names) == sorted(f"[{node['address']}]:{sim.ssh['port']}"
                                   for cluster in sim.clusters for node in cluster["nodes"])
    assert len({line.split()[2] for line in lines}) == len(lines)


def test_a_command_that_it_does_not_know(sim):
    for line in ("get foo", "sh -c 'exit 3'", "get certificate\napi2", "$(id)"):
        done = run(sim, sim.nodes[0]["address"], line)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.startswith(b"% Command not found: ") and b"uid" not in done.stdout


def test_nothing_else_is_to_be_had(sim):
    address = sim.nodes[0]["address"]
    assert run(sim, address, "sftp", options=["-s"]).returncode != 0
    forward = run(sim, address, options=["-W", f"{sim.vip}:{sim.port}"])
    assert forward.returncode != 0 and b"forwarding failed" in forward.stderr


def test_a_session_on_a_terminal(sim):
    with session(sim, sim.nodes[0]["address"]) as (process, terminal):
        os.write(terminal, b"get certificate api\n")
        text = read_to_prompt(terminal).decode()
        assert text.startswith("get certificate api\r\n-----BEGIN CERTIFICATE-----\r\n")
        assert text.count("\n") == text.count("\r\n")
        assert thumbprint(load_chain(text)[0]) == Client(sim).served(sim.nodes[0]["address"])
        os.write(terminal, b"\n")
        assert read_to_prompt(terminal) == b"\r\nnsxmgr-1> "
        os.write(terminal, b"get foo\n")
        assert read_to_prompt(terminal) == b"get foo\r\n% Command not found: get foo\r\nnsxmgr-1> "
        os.write(terminal, b"exit\n")
        assert process.wait(SECONDS) == 0


def test_a_session_without_a_terminal_has_no_prompt(sim):
    done = subprocess.run(sim.ssh_command(sim.nodes[0]["address"]), input=b"get foo\nget certificate api",
                          capture_output=True, timeout=SECONDS, check=True)
    assert done.stdout.startswith(b"% Command not found: get foo\n-----BEGIN CERTIFICATE-----\n")
    assert done.stdout.endswith(b"-----END CERTIFICATE-----\n")


def test_a_replacement_shows_in_new_and_open_sessions(sim):
    client, node = Client(sim), sim.nodes[0]
    pair = make_signed(names=[node["fqdn"]])
    with session(sim, node["address"]) as (_, terminal):
        ident = client.add(pair.pem, pair.key).json["results"][0]["id"]
        done = client.post(f"trust-management/certificates/{ident}?action=apply_certificate"
                           f"&service_type=API&node_id={node['uuid']}", address=node["address"])
        assert done.status == 200
        client.wait_served(pair.sha256, node["address"])
        client.idle()
        assert say(sim, node["address"], "get certificate api") == pair.pem
        assert say(sim, node["address"], "get certificate api thumbprint") == pair.sha256 + "\n"
        os.write(terminal, b"get certificate api\n")
        assert pair.pem.replace("\n", "\r\n").encode() in read_to_prompt(terminal)


def test_one_manager_shows_another_certificate_than_its_wire(sim):
    client, other = Client(sim), make_signed()
    first, second = (node["address"] for node in sim.nodes[:2])
    sim.patch({"add_certificate": {"id": "other", "pem_encoded": other.pem}})
    sim.patch({"cli": {first: {"api": "other"}}})
    assert say(sim, first, "get certificate api") == other.pem
    assert client.served(first) != other.sha256
    assert shown(sim, second) == client.served(second)


def test_the_password_is_the_api_s(sim):
    def log_in(password):
        done = run(sim, sim.nodes[0]["address"], "get certificate api", password=True,
                   before=["sshpass", "-e"], environ={"SSHPASS": password})
        return done.returncode == 0 and b"BEGIN CERTIFICATE" in done.stdout

    assert log_in(sim.password) and not log_in("wrong")
    sim.patch({"users": {"admin": {"password": "changed", "role": "enterprise_admin"}}})
    assert log_in("changed") and not log_in(sim.password)


def test_another_key_and_another_account_are_refused(sim, tmp_path):
    own = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", own], check=True)
    words = sim.ssh_command(sim.nodes[0]["address"], "get certificate api")
    for old, new in ((sim.ssh["private_key"], str(own)), ("admin", "root")):
        done = subprocess.run([new if word == old else word for word in words], timeout=SECONDS,
                              capture_output=True, check=False)
        assert done.returncode == 255 and b"Permission denied" in done.stderr


def test_a_manager_that_is_down_refuses_and_one_that_joins_answers(sim):
    address = sim.nodes[1]["address"]
    sim.patch({"nodes": {1: {"up": False}}})
    assert b"Connection refused" in run(sim, address, "get certificate api").stderr
    sim.patch({"nodes": {1: {"up": True}}, "join": True})
    joined = sim.state()["nodes"][3]["address"]
    assert shown(sim, address) and shown(sim, joined) == Client(sim).served(joined)
    sim.patch({"leave": joined})
    assert b"Connection refused" in run(sim, joined, "get certificate api").stderr
    sim.reset()
    assert shown(sim, address)


def test_a_session_ends_with_its_manager(sim):
    with session(sim, sim.nodes[0]["address"]) as (process, _):
        sim.patch({"nodes": {0: {"up": False}}})
        assert process.wait(SECONDS) == 255


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_it_ends(number):
    with Simulator.start("4.1", ssh=True, first_cluster=930) as sim, \
            session(sim, sim.nodes[0]["address"]) as (process, _):
        with socket.create_connection((sim.nodes[1]["address"], sim.ssh["port"]), SECONDS) as early:
            assert early.recv(4) == b"SSH-"  # an sshd that waits for a login
            found = descendants(sim.pid)
            assert len(found) >= 4  # of the session three, of the login one or two
            os.kill(sim.pid, number)
            assert wait_gone(sim.pid) and [pid for pid in found if not wait_gone(pid)] == []
        assert process.wait(SECONDS) == 255
        folder = pathlib.Path(sim.ssh["private_key"]).parents[1]
        if number == signal.SIGTERM:
            assert not folder.exists()
        shutil.rmtree(folder, ignore_errors=True)


def test_without_the_option_no_manager_listens_for_ssh(start):
    sim, _ = start("4.1")
    assert sim.ssh is None and descendants(sim.pid) == []


def test_private_keys_are_for_their_owner_alone(sim):
    folder = pathlib.Path(sim.ssh["private_key"]).parent
    secret = [*folder.glob("*.key"), *folder.glob("shadow*")]
    assert len(secret) > 6 and {path.stat().st_mode & 0o777 for path in secret} == {0o600}
    assert oct(folder.stat().st_mode & 0o777) == "0o711"


def prepared(preparation, *words):
    """A command that starts the simulator with --ssh, after some Python."""
    return [sys.executable, "-c", f"import os, sys\nfrom simulator import ssh\n"
            f"from simulator.__main__ import main\n{preparation}\n"
            f"sys.argv[1:] = {[*COMMAND[3:], '--ssh', *words]!r}\nsys.exit(main())"]


def fails(command):
    done = subprocess.run(command, env=ENVIRON, timeout=60, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


@pytest.mark.parametrize("preparation,said", [
    ("ssh.PATH = '/nowhere'", "--ssh needs sshd, which is not installed (Debian: apt-get install openssh-server)"),
    ("ssh.WRAPPER = 'libnss_wrapper_none.so'", "--ssh needs libnss_wrapper_none.so, which is not installed"
     " (Debian: apt-get install libnss-wrapper)")])
def test_what_is_missing_is_named(preparation, said):
    assert f"simulator: cannot start: {said}\n" in fails(prepared(preparation))


def test_a_port_that_is_taken_is_explained(sim):
    with socket.create_server(("127.23.180.12", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"cannot start: --ssh-port {port}: Address already in use" in \
            fails([*COMMAND, "--ssh", "--ssh-port", str(port)])


def test_the_port_can_be_chosen():
    with socket.create_server(("127.23.180.12", 0)) as probe:
        port = probe.getsockname()[1]
    with Simulator.start("4.1", ssh=True, ssh_port=port, first_cluster=930) as sim:
        assert sim.ssh["port"] == port and shown(sim, sim.nodes[0]["address"])


def test_it_needs_no_root():
    give_up = "os.geteuid() or (os.setgroups([]), os.setgid(65534), os.setuid(65534))"
    with subprocess.Popen(prepared(give_up), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          env=ENVIRON) as process:
        try:
            sim = Simulator(process, json.loads(process.stdout.readline()))
            key = pathlib.Path(sim.ssh["private_key"])
            assert key.stat().st_uid == (os.geteuid() or 65534)
            done = run(sim, sim.nodes[0]["address"], "get certificate api", password=True,
                       before=["sshpass", "-e"], environ={"SSHPASS": sim.password})
            assert b"BEGIN CERTIFICATE" in done.stdout
        finally:
            process.terminate()
