# SPDX-License-Identifier: Apache-2.0
"""Budgets that no machine changes: files, system calls, fsync, bytes on the wire, peak memory."""
import re

from rows import Row

MANY = 10000
BIG = 16 << 20


def files(shop):
    opened = [line for line in shop.system_calls(shop.nsxcert("--version"), "open,openat") if "ENOENT" not in line]
    others = [line for line in opened if not re.search(r'\.so[.\d]*"|/ld\.so\.cache"', line)]
    yield Row("start", "files opened beside libraries", len(others), "files", 0)


def generate(shop):
    def syncs(*flags, **parameters):
        command = shop.nsxcert(*flags, request=shop.generate("synced", **parameters))
        return len(shop.system_calls(command, "fsync,fdatasync,sync,syncfs"))

    yield Row("generate", "fsync, dry run", syncs("--dry-run"), "calls", 0)
    yield Row("generate", "fsync, new pair", syncs(), "calls", 3)
    yield Row("generate", "fsync, second run", syncs(), "calls", 0)
    command = shop.nsxcert(request=shop.generate("synced"))
    beyond = len(shop.system_calls(command)) - len(shop.system_calls(shop.floor("start")))
    yield Row("generate", "second run, calls beyond a start", beyond, "calls", 85, 110)


def probes(shop):
    told = {}
    for name, command in (("nsxcert", shop.verify_command), ("floor", shop.handshake_command)):
        with shop.server(30) as server:
            shop.run(command(server, 30))
        told[name] = server.told
    yield Row("tls", "bytes sent to an endpoint", told["nsxcert"]["in"] / 30, "bytes", 401)
    yield Row("tls", "bytes received, against the floor", told["nsxcert"]["out"] / told["floor"]["out"], "x floor", 1.02)
    with shop.server(60) as server:
        calls = [len(shop.system_calls(shop.verify_command(server, count))) for count in (30, 60)]
    yield Row("tls", "system calls an endpoint", (calls[1] - calls[0]) / 30, "calls", 14, 24)


def local_memory(shop):
    request = shop.generate("remembered")
    peak = max(shop.peak_mib(shop.nsxcert(request=request)) for _ in range(2))
    yield Row("memory", "generate", peak, "MiB", 8, 13)
    inspect = {"api_version": "nsxcert/v1", "operation": "inspect",
               "parameters": {"certificate": {"file": request["parameters"]["certificate_path"]}}}
    yield Row("memory", "inspect", shop.peak_mib(shop.nsxcert(request=inspect)), "MiB", 8, 13)


def bombs():
    """Requests of 16 MiB that are refused."""
    whole = BIG - 2
    yield "one string", '"' + "x" * whole + '"'
    yield "numbers", "[" + "0," * (whole // 2 - 1) + "0]"
    yield "objects", "[" + "{}," * (whole // 3 - 1) + "{}]"
    yield "brackets", "[" * BIG
    yield "names", "{" + ",".join(f'"{at:06x}":0' for at in range(1400000)) + "}"
    yield "strings of 4 MiB", "{" + ",".join(f'"{at}":"{"y" * (4 * 1024 * 1024 - 16)}"' for at in range(4)) + "}"
    many = "{}," * 99000
    yield "objects to the limit, then strings", '{"a":[' + many + ",".join(['"' + "y" * 4000000 + '"'] * 3) + "]}"


def refused_memory(shop):
    for case, text in bombs():
        yield Row("memory", f"refused: {case}", shop.peak_mib(shop.nsxcert(request=text), expect=64), "MiB", 64)


def network_memory(shop):
    with shop.store(0) as sim:
        for name, request in (("import", shop.import_request(sim)), ("register", shop.register_request(sim))):
            yield Row("memory", name, shop.peak_mib(shop.nsxcert(request=request)), "MiB", 16)
    with shop.store(MANY) as sim:
        yield Row("memory", "search in 10,000 certificates", shop.peak_mib(shop.search_command(sim)), "MiB", 20)
    with shop.server(MANY) as server:
        yield Row("memory", "verify of 10,000", shop.peak_mib(shop.verify_command(server, MANY)), "MiB", 32)


PARTS = [files, generate, probes, local_memory, refused_memory, network_memory]


def rows(shop):
    for part in PARTS:
        yield from part(shop)
