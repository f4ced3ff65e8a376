# SPDX-License-Identifier: Apache-2.0
"""One address that a manager listens on: TCP, then TLS, then HTTP.

Connections are accepted by hand, so that faults below HTTP are possible and
the certificate is chosen when the client's first byte arrives.
"""
import asyncio
import asyncio.sslproto
import itertools
import socket
import ssl
import time

from . import http1

HANDSHAKE_SECONDS = 20


class AlertingProtocol(asyncio.sslproto.SSLProtocol):
    """asyncio drops the alert of a failed handshake; a manager sends it."""

    def _on_handshake_complete(self, handshake_exc):
        if handshake_exc is not None:
            self._process_outgoing()
        super()._on_handshake_complete(handshake_exc)


asyncio.sslproto.SSLProtocol = AlertingProtocol


def bind(address, port):
    """A listening socket; raises OSError when the address is taken."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((address, port))
        sock.listen(512)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


class Connection:
    """One accepted connection; `number` is counted over the whole process."""

    numbers = itertools.count(1)

    def __init__(self, peer):
        self.number = next(self.numbers)
        self.source = peer[0]
        self.writer = None
        self.client_der = None

    def end(self, how):
        """Close it from outside: `close` politely, `reset` with RST."""
        if self.writer is None or self.writer.transport.is_closing():
            return
        if how == "reset":
            http1.reset(self.writer)
        else:
            self.writer.close()


class Listener:
    """`owner` decides what is served:

    owner.admit(listener, connection) -> fault below HTTP or None
    owner.context(listener, fault) -> ssl.SSLContext
    await owner.respond(listener, connection, request) -> Response or None
    """

    def __init__(self, owner, address, port, role):
        self.owner = owner
        self.address = address
        self.port = port
        self.role = role  # "vip", or the node
        self.window = "up"  # or refused, reset, 502, 503
        self._sock = None
        self._tasks = set()
        self.connections = set()
        self.accepted = 0
        self.accepted_at = None

    @property
    def is_open(self):
        return self._sock is not None

    def open(self, sock=None):
        if self._sock is not None:
            return
        self._sock = sock or bind(self.address, self.port)
        self.port = self._sock.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._sock.fileno(), self._accept)

    def close(self):
        """Stop listening: new connections are refused, open ones go on."""
        if self._sock is not None:
            asyncio.get_running_loop().remove_reader(self._sock.fileno())
            self._sock.close()
            self._sock = None

    def end_connections(self, how="close"):
        for connection in list(self.connections):
            connection.end(how)

    def abandon(self):
        """Close everything at once, running requests included."""
        self.close()
        self.end_connections("reset")
        for task in list(self._tasks):
            task.cancel()

    def _accept(self):
        for _ in range(64):
            try:
                sock, peer = self._sock.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                return
            sock.setblocking(False)
            self.accepted += 1
            self.accepted_at = time.time()
            task = asyncio.get_running_loop().create_task(self._serve(sock, peer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, sock, peer):
        connection = Connection(peer)
        try:
            fault = self.owner.admit(self, connection)
            if await self._before_tls(sock, fault):
                await self._serve_tls(sock, connection, fault)
        except (OSError, ssl.SSLError, asyncio.TimeoutError):
            pass
        finally:
            self.connections.discard(connection)

    async def _before_tls(self, sock, fault):
        """True when the handshake may begin; else the socket has been closed."""
        go_on = False
        try:
            if self.window == "reset":
                http1.reset_socket(sock)
            elif fault and fault.before_tls:
                await fault.before_tls(sock)
            else:
                go_on = await self._speaks_tls(sock)
        finally:
            if not go_on:
                sock.close()
        return go_on

    @staticmethod
    async def _speaks_tls(sock):
        """Wait for the first byte; plain HTTP gets the words a manager has for it."""
        first = await asyncio.wait_for(peek(sock), HANDSHAKE_SECONDS)
        if first in (b"", b"\x16"):
            return bool(first)
        text = b"Bad Request\r\nThis combination of host and port requires TLS.\r\n"
        sock.recv(65536)
        await asyncio.get_running_loop().sock_sendall(
            sock, b"HTTP/1.1 400 \r\nContent-Type: text/plain;charset=UTF-8\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
        return False

    async def _serve_tls(self, sock, connection, fault):
        """From here on the transport owns the socket, and closes it."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=1 << 20)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol, sock, ssl=self.owner.context(self, fault),
            ssl_handshake_timeout=HANDSHAKE_SECONDS, ssl_shutdown_timeout=1)
        connection.writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        connection.client_der = transport.get_extra_info("ssl_object").getpeercert(True)
        self.connections.add(connection)
        try:
            if fault and fault.after_tls:
                await fault.after_tls(connection.writer)
            else:
                await http1.Wire(reader, connection.writer).serve(
                    lambda request: self.owner.respond(self, connection, request))
        finally:
            transport.close()


async def peek(sock):
    """The first byte a client sends, left in the socket; empty when it closed."""
    loop = asyncio.get_running_loop()
    arrived = loop.create_future()
    loop.add_reader(sock.fileno(), lambda: arrived.done() or arrived.set_result(None))
    try:
        await arrived
    finally:
        loop.remove_reader(sock.fileno())
    return sock.recv(1, socket.MSG_PEEK)
