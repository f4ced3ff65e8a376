# SPDX-License-Identifier: Apache-2.0
"""The peer of verify in Python: `handshake.py ENDPOINTS CA`, 256 at a time by asyncio."""
import asyncio
import hashlib
import ssl
import sys


async def probe(gate, context, endpoint):
    host, port = endpoint.rsplit(":", 1)
    async with gate:
        _, writer = await asyncio.open_connection(host, int(port), ssl=context)
        hashlib.sha256(writer.get_extra_info("ssl_object").getpeercert(True)).digest()
        writer.close()
        await writer.wait_closed()


async def main(path, trust):
    context = ssl.create_default_context(cafile=trust)
    gate = asyncio.Semaphore(256)
    with open(path) as file:
        await asyncio.gather(*(probe(gate, context, line.strip()) for line in file))


asyncio.run(main(*sys.argv[1:]))
