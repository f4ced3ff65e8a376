# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 on one accepted connection: requests in, responses out."""
import asyncio
import socket
import struct

import h11

from .messages import Request

BODY_LIMIT = 16 * 1024 * 1024
IDLE_SECONDS = 30


class Wire:
    """One connection as HTTP sees it."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=256 * 1024)

    async def serve(self, respond):
        """Answer requests by `await respond(request)` until either side ends."""
        try:
            while True:
                request = await asyncio.wait_for(self._next_request(), IDLE_SECONDS)
                if request is None or not await self._answer(respond, request):
                    break
        except h11.RemoteProtocolError as error:
            self._refuse(error)
        except (ConnectionError, asyncio.TimeoutError, OSError):
            pass
        finally:
            self.writer.close()

    async def _event(self):
        while True:
            if self._http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                self.writer.write(self._http.send(go_on))
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            self._http.receive_data(await self.reader.read(65536))

    async def _next_request(self):
        head = await self._event()
        if not isinstance(head, h11.Request):
            return None
        body = bytearray()
        while True:
            event = await self._event()
            if isinstance(event, h11.Data):
                body += event.data
                if len(body) > BODY_LIMIT:
                    return None
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                return None
        headers = {name.decode("latin-1").lower(): value.decode("latin-1")
                   for name, value in head.headers}
        return Request(head.method.decode("latin-1"), head.target.decode("latin-1"), headers,
                       bytes(body), head.http_version.decode("latin-1"))

    async def _answer(self, respond, request):
        response = await respond(request)
        if response is None:
            return False
        if response.wire:
            await response.wire(self.writer, response, self.head_of(response))
            return False
        if response.close:
            response.set_header("Connection", "close")
        body = b"" if request.method == "HEAD" else response.body
        if not self._has_length(response):
            response.set_header("Content-Length", str(len(response.body)))
        head = h11.Response(status_code=response.status, headers=response.headers)
        self.writer.write(self._http.send(head) + (self._http.send(h11.Data(data=body)) or b"")
                          + (self._http.send(h11.EndOfMessage()) or b""))
        await self.writer.drain()
        if response.close or self._http.our_state is not h11.DONE:
            return False
        if self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    @staticmethod
    def _has_length(response):
        return any(name.lower() in ("content-length", "transfer-encoding")
                   for name, _ in response.headers)

    @staticmethod
    def head_of(response, length=None):
        """The raw head that would go out; for faults that write bytes themselves."""
        size = len(response.body) if length is None else length
        lines = [f"HTTP/1.1 {response.status} OK" if response.status == 200
                 else f"HTTP/1.1 {response.status} Answer"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        lines.append(f"Content-Length: {size}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _refuse(self, error):
        text = f"Bad Request: {error}\n".encode()
        head = f"HTTP/1.1 {error.error_status_hint} Bad Request\r\nContent-Type: text/plain\r\n"
        self.writer.write(f"{head}Content-Length: {len(text)}\r\nConnection: close\r\n\r\n"
                          .encode() + text)


def reset_socket(sock):
    """The next close of this socket sends RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset(writer):
    """End a connection with RST, without close_notify."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        reset_socket(sock)
    writer.transport.abort()
