# SPDX-License-Identifier: Apache-2.0
"""TLS clients of other makes accept what is served with the right anchor, and only then.

Each client connects to 127.0.0.1 and checks for a name of the certificate. It answers 0: accepted, 1: the certificate
is refused, 2: something else happened.
"""
import ipaddress
import socket
import ssl

import pytest
from server import serving
from tools import ROOT, run, run_well, tool

HERE = ROOT / "tests/second_opinion"


@pytest.fixture(scope="session")
def go_client(tmp_path_factory):
    path = tmp_path_factory.mktemp("go") / "client"
    run_well(tool("go"), "build", "-o", path, HERE / "client.go")
    return lambda *words: run(path, *words).returncode


@pytest.fixture(scope="session")
def node_client():
    return lambda *words: run(tool("node"), HERE / "client.js", *words).returncode


@pytest.fixture(scope="session")
def python_client():
    def connect(address, name, anchor=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        if anchor:
            context.load_verify_locations(anchor)
        host, port = address.split(":")
        try:
            with socket.create_connection((host, int(port)), timeout=20) as connection, \
                    context.wrap_socket(connection, server_hostname=name):
                return 0
        except ssl.SSLCertVerificationError:
            return 1
    return connect


@pytest.fixture(scope="session")
def curl_client():
    def connect(address, name, anchor=None):
        host = f"[{name}]" if ":" in name else name
        port = address.split(":")[1]
        words = ["--cacert", anchor] if anchor else []
        process = run(tool("curl"), "--silent", "--show-error", "--max-time", "20", "--noproxy", "*", *words,
                      "--connect-to", f"{host}:{port}:{address}", f"https://{host}:{port}/")
        # 52, 56: the handshake is done, and our server says nothing. 60: the certificate is refused.
        return {0: 0, 52: 0, 56: 0, 60: 1}.get(process.returncode, 2)
    return connect


@pytest.fixture(params=["go_client", "node_client", "python_client", "curl_client"])
def client(request):
    return request.getfixturevalue(request.param)


def other_name(name):
    return "2001:db8::99" if is_ip(name) else "other.example.com"


def is_ip(name):
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def test_accepted_with_its_anchor_and_refused_without(made, client):
    with serving(made.certificate, made.key) as address:
        assert client(address, made.name, made.anchor) == 0
        assert client(address, made.name) == 1
        assert client(address, other_name(made.name), made.anchor) == 1


def test_accepted_for_an_address(made, client):
    """An IP entry of the SAN counts; an address that stands there as DNS entry alone would not."""
    if made.kind == "ipv6-only":
        return
    with serving(made.certificate, made.key) as address:
        assert client(address, "127.0.0.1", made.anchor) == 0
        assert client(address, "127.0.0.2", made.anchor) == 1
