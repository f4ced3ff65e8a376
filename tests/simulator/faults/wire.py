# SPDX-License-Identifier: Apache-2.0
"""Faults that put their own bytes on the wire, and end the connection."""
import asyncio

from ..http1 import reset
from ..messages import Response

CHUNK = 1 << 16


def no_work(send):
    """The request is read, nothing is done, `send` is all that happens."""
    async def instead(fault, _request, _listener):
        return Response(status=0, wire=bound(send, fault))
    return instead


def instead_of(send):
    """The work is done; `send` takes the place of the answer."""
    async def after(fault, response, _listener):
        response.wire = bound(send, fault)
        if send in (send_reset, send_nothing, send_silence):
            response.status = 0
        return response
    return after


def bound(send, fault):
    async def wire(writer, response, head):
        await send(fault, writer, response, head)
    return wire


async def send_reset(_fault, writer, _response, _head):
    reset(writer)


async def send_nothing(_fault, _writer, _response, _head):
    pass


async def send_silence(fault, _writer, _response, _head):
    await fault.released.wait()


async def send_some_then_reset(fault, writer, response, head):
    writer.write((head + response.body)[:max(0, fault.params["bytes"])])
    await writer.drain()
    await asyncio.sleep(0.02)  # let it reach the client before the reset overtakes it
    reset(writer)


async def send_drip(fault, writer, response, head):
    raw, step = head + response.body, max(1, fault.params["bytes"])
    for at in range(0, len(raw), step):
        writer.write(raw[at:at + step])
        await writer.drain()
        await asyncio.sleep(fault.params["ms"] / 1000)


async def send_cut_head(_fault, writer, _response, head):
    writer.write(head[:head.index(b"\r\n") + 5])


async def send_cut_body(_fault, writer, response, head):
    writer.write(head + response.body[:len(response.body) // 2])


def with_length(response, head, length):
    return head.replace(b"Content-Length: %d\r\n" % len(response.body),
                        b"Content-Length: %d\r\n" % length)


async def send_long_length(_fault, writer, response, head):
    writer.write(with_length(response, head, len(response.body) + 100) + response.body)


async def send_short_length(_fault, writer, response, head):
    length = max(0, len(response.body) - 5)
    writer.write(with_length(response, head, length) + response.body + b"more than was said")


async def send_bad_chunks(_fault, writer, response, head):
    line = b"Content-Length: %d" % len(response.body)
    writer.write(head.replace(line, b"Transfer-Encoding: chunked") + b"zz\r\n" + response.body)


async def send_bad_status(_fault, writer, response, head):
    writer.write(b"HTP/x " + head.partition(b" ")[2] + response.body)


async def send_huge_header(fault, writer, response, head):
    first, _, rest = head.partition(b"\r\n")
    filler = b"X-Filler: " + b"f" * max(0, fault.params["bytes"])
    writer.write(first + b"\r\n" + filler + b"\r\n" + rest + response.body)
    await writer.drain()


async def send_huge_body(fault, writer, response, head):
    """White space before the JSON: well-formed, only large."""
    left = max(0, fault.params["bytes"])
    writer.write(with_length(response, head, left + len(response.body)))
    while left > 0 and not writer.transport.is_closing():
        writer.write(b" " * min(CHUNK, left))
        left -= CHUNK
        await writer.drain()
    writer.write(response.body)
    await writer.drain()
