# SPDX-License-Identifier: Apache-2.0
"""inspect asks an endpoint: whatever it serves is shown, nothing is sent to it, and it may be silent or absent."""
import contextlib
import os
import signal
import socket
import ssl
import threading

import pytest
from inspecting import inspect, request
from pki import ec_key, make, rsa_key

VIP = "192.0.2.10"


@pytest.fixture(scope="session")
def server():
    """Leaf, issuing CA, root."""
    root = make("root.example.com", key=rsa_key(1), ca=True, days=3650)
    issuing = make("issuing.example.com", key=rsa_key(2), ca=True, days=3000, issuer=root)
    return make(VIP, [VIP, "nsx.example.com"], key=rsa_key(3), issuer=issuing)


class Endpoint:
    """A TLS server on loopback, ended with its test."""

    def __init__(self, pair, folder, *, versions=None, cut=False):
        self.cut = cut
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (folder / "served.pem").write_text(pair.chain + pair.key_pem)
        self.context.load_cert_chain(folder / "served.pem")
        if versions:
            self.context.minimum_version = self.context.maximum_version = versions
        self.names = []
        self.received = []
        self.context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(60)
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                connection.settimeout(10)
                with connection, contextlib.suppress(OSError):
                    if self.cut:
                        continue
                    with self.context.wrap_socket(connection, server_side=True) as secure:
                        self.received.append(secure.recv(1000))

    def close(self):
        with contextlib.suppress(OSError):  # closed already
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(20)


@pytest.fixture
def serve(tmp_path):
    running = []

    def start(pair, **options):
        running.append(Endpoint(pair, tmp_path, **options))
        return running[-1]

    yield start
    for one in running:
        one.close()


@pytest.mark.parametrize("kind", ["good", "expired", "wrong name", "not yet valid", "weak"])
def test_endpoint_is_looked_at_without_any_check(program, serve, server, kind):
    pair = {"good": server, "expired": make(VIP, start=-30, days=10), "wrong name": make("other.example.com"),
            "not yet valid": make(VIP, start=10), "weak": make(VIP, key=ec_key())}[kind]
    endpoint = serve(pair)
    found = inspect(program, endpoint=endpoint.address)
    assert found["certificates"][0]["fingerprint_sha256"] == pair.fingerprint
    assert found["endpoint"] == endpoint.address and found["tls_version"] == "TLSv1.3"
    assert found["key_matches"] is None
    endpoint.close()
    assert b"".join(endpoint.received) == b"", "nothing is sent after the handshake"


def test_endpoint_chain_as_it_is_sent(program, serve, server):
    found = inspect(program, endpoint=serve(server).address)
    assert [one["subject"] for one in found["certificates"]] == [
        f"CN={VIP}", "CN=issuing.example.com", "CN=root.example.com"]
    assert found["chain"] == {"in_order": True, "complete": True}


def test_endpoint_with_an_old_protocol(program, serve, server):
    endpoint = serve(server, versions=ssl.TLSVersion.TLSv1_2)
    assert inspect(program, endpoint=endpoint.address)["tls_version"] == "TLSv1.2"


def test_server_name(program, serve, server):
    endpoint = serve(server)
    inspect(program, endpoint={"address": endpoint.address, "server_name": "nsx.example.com"})
    inspect(program, endpoint=endpoint.address)
    assert endpoint.names == ["nsx.example.com", None]


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return "127.0.0.1:%d" % listener.getsockname()[1]


def test_nobody_listens(program):
    address = closed_port()
    run = program.run(request(endpoint=address, deadline=2))
    assert (run.code, run.error) == (75, "unreachable") and run.json["error"]["retryable"]
    assert run.json["error"]["endpoint"] == address and run.steps == {"inspect": "failed"}
    assert f"nsxcert: inspect: {address}: " in run.stderr


def test_name_that_does_not_exist(program):
    run = program.run(request(endpoint="nsx.invalid", deadline=10))
    assert (run.code, run.error) == (75, "unreachable") and run.json["error"]["endpoint"] == "nsx.invalid"


def test_connection_that_is_cut(program, serve, server):
    run = program.run(request(endpoint=serve(server, cut=True).address, deadline=2))
    assert (run.code, run.error) == (75, "unreachable")


def test_no_tls_there(program):
    """A server that speaks something else at once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)

        def answer():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.sendall(b"220 mail.example.com\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        run = program.run(request(endpoint="127.0.0.1:%d" % listener.getsockname()[1], deadline=2))
        assert (run.code, run.error) == (75, "unreachable")
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(20)


def test_silent_endpoint_ends_with_the_deadline(program):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        run = program.run(request(endpoint="127.0.0.1:%d" % listener.getsockname()[1], deadline=1))
    assert run.code == 75 and run.error in ("unreachable", "deadline-exceeded")


def test_signal_while_an_endpoint_keeps_silent(program):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        process = program.start(request(endpoint="127.0.0.1:%d" % listener.getsockname()[1], deadline=60))
        connection, _ = listener.accept()
        with connection:
            os.kill(process.pid, signal.SIGTERM)
            run = program.finish(process)
    assert run.code == -signal.SIGTERM and run.error == "interrupted"
