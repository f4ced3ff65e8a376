# SPDX-License-Identifier: Apache-2.0
"""verify of 10,000 endpoints: bounded in memory, every one told."""
import asyncio
import json
import ssl
import subprocess
import sys
import threading

import pki
import pytest

COUNT = 10000
DEAD = 7
LISTENERS = 50  # addresses 127.1.0.x: no address runs out of ports
PEAK_KIB = 64 * 1024  # bounded; the budget of 32 MiB is a matter of the benchmarks


class Server:
    """TLS listeners in one thread."""

    def __init__(self, pair, folder):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.num_tickets = 0
        path = folder / "server.pem"
        path.write_text(pair.chain + pair.key_pem)
        self._context.load_cert_chain(path)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.ports = []

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)

    def _run(self):
        self._loop.run_until_complete(self._listen())
        self._loop.run_forever()

    async def _listen(self):
        for number in range(LISTENERS):
            server = await asyncio.start_server(answer, f"127.1.0.{number + 1}", 0, ssl=self._context, backlog=1024)
            self.ports.append(server.sockets[0].getsockname()[1])
        self._ready.set()


async def answer(reader, writer):
    try:
        await reader.read(1)
    except (OSError, ssl.SSLError):
        pass
    writer.transport.abort()


# The peak of a child starts with that of whoever started it: a fresh interpreter is small, this one is not.
LAUNCHER = """
import resource, subprocess, sys
code = subprocess.call([sys.argv[1]], stdout=open(sys.argv[2], "wb"))
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_of(program, request, result):
    """(exit code, peak memory in KiB) of one run, its result in a file."""
    done = subprocess.run([sys.executable, "-S", "-c", LAUNCHER, program, result], input=request,
                          stdout=subprocess.PIPE, timeout=300, check=True)
    code, peak = map(int, done.stdout.split())
    return code, peak


@pytest.mark.long
def test_ten_thousand(nsxcert_release, tmp_path):
    pair = pki.make("nsx.sim.test", key=pki.ec_key())
    with Server(pair, tmp_path) as server:
        endpoints = [{"address": f"127.1.0.{number % LISTENERS + 1}:{server.ports[number % LISTENERS]}",
                      "server_name": "nsx.sim.test"} for number in range(COUNT - DEAD)]
        endpoints += [{"address": f"127.1.0.{number + 1}:1", "server_name": "nsx.sim.test"} for number in range(DEAD)]
        request = json.dumps({"api_version": "nsxcert/v1", "operation": "verify", "deadline_seconds": 300,
                              "parameters": {"expected": pair.chain, "endpoints": endpoints}}).encode()
        code, peak = peak_of(nsxcert_release, request, tmp_path / "result.json")
    value = json.loads((tmp_path / "result.json").read_text())
    found = value["result"]["endpoints"]
    assert len(found) == COUNT and [one["status"] for one in found].count("in_sync") == COUNT - DEAD
    assert code == 75 and value["meta"]["tls_connections"] >= COUNT - DEAD
    assert value["result"]["status"] == "unknown"
    assert peak <= PEAK_KIB
