# SPDX-License-Identifier: Apache-2.0
"""Faults below HTTP: the socket, the handshake, the certificate."""
import asyncio

from .. import certs
from ..cluster import VIP
from ..http1 import reset_socket
from ..listener import peek

DAY = 86400


async def reset_accept(_fault, sock):
    reset_socket(sock)


async def hang(fault, _sock):
    await fault.released.wait()


async def hang_tls(fault, _writer):
    await fault.released.wait()


async def hello(sock):
    """Take the ClientHello out of the socket, so that a close is no reset."""
    await asyncio.wait_for(peek(sock), 20)
    sock.recv(65536)


async def handshake_reset(_fault, sock):
    await hello(sock)
    reset_socket(sock)


async def handshake_close(_fault, sock):
    await hello(sock)


async def alert(fault, sock):
    await hello(sock)
    record = bytes((21, 3, 3, 0, 2, 2, fault.params["alert"] & 0xff))
    await asyncio.get_running_loop().sock_sendall(sock, record)


async def plain(_fault, sock):
    await hello(sock)
    text = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    await asyncio.get_running_loop().sock_sendall(sock, text)


# -- other certificates: (cluster, listener, entry) -> (PEM, key) or None ---------

def _made(cluster, entry, begin, days, subject=None, names=None):
    key = cluster.sim.keys.take(cluster.rng.randrange(4))
    cert = certs.make_certificate(
        subject or entry.leaf.subject, key.public_key(), key, cluster.new_serial(),
        cluster.clock.now() + begin * DAY, days,
        names=sorted(certs.names_of(entry.leaf)) if names is None else names)
    return certs.cert_to_pem(cert), key


def expired(cluster, _listener, entry):
    return _made(cluster, entry, -60, 30)


def not_yet_valid(cluster, _listener, entry):
    return _made(cluster, entry, 30, 365)


def wrong_name(cluster, _listener, entry):
    name = "wrong.sim.test"
    return _made(cluster, entry, -1, 365, certs.common_name(name), [name])


def self_made(cluster, _listener, entry):
    return _made(cluster, entry, -1, 365)


def chain_cut(cluster, _listener, entry):
    """The leaf alone; of a self-signed one, a copy whose issuer is not there."""
    if len(entry.chain) > 1:
        return certs.cert_to_pem(entry.leaf), entry.key
    cert = certs.make_certificate(
        entry.leaf.subject, entry.key.public_key(), cluster.sim.keys.signer,
        cluster.new_serial(), cluster.clock.now() - DAY, 365,
        issuer=certs.common_name("Missing CA"), names=sorted(certs.names_of(entry.leaf)))
    return certs.cert_to_pem(cert), entry.key


def previous(cluster, listener, _entry):
    service = VIP if listener.role == "vip" else ("API", listener.role.uuid)
    old = cluster.previous.get(service)
    return old and (old.pem, old.key)
