# SPDX-License-Identifier: Apache-2.0
"""What is timed, and beside what. A peer whose tool is missing is left out with a line."""
import importlib.util
import json
import shutil
import sys

from timing import Case
from workshop import HERE

ENDPOINTS = 300
FEW_ENDPOINTS = 30
CERTIFICATES = 2000


def peers(*named):
    """Those of (name, command, what it needs) that can run here."""
    found = {}
    for name, command, needs in named:
        there = importlib.util.find_spec(needs[3:]) if needs.startswith("py:") else shutil.which(needs)
        if there:
            found[name] = command
        else:
            print(f"no {needs} here: {name} is left out", flush=True)
    return found


def script(name, *arguments):
    return [sys.executable, str(HERE / "peer" / name), *map(str, arguments)]


def start(shop):
    floor = shop.floor("start")
    programs = peers(("openssl", ["openssl", "version"], "openssl"), ("curl", ["curl", "--version"], "curl"),
                     ("python", [sys.executable, "-c", "pass"], "python3"))
    yield Case("start", "--version", {"floor": floor, "nsxcert": shop.nsxcert("--version"), **programs}, 1.15)
    yield Case("start", "--validate", {"floor": floor, "nsxcert": shop.nsxcert("--validate", request=shop.generate())}, 1.15)


def generate(shop):
    def forget():
        for name in ("timed.key", "timed.crt", "floor.key", "floor.crt"):
            (shop.folder / name).unlink(missing_ok=True)

    command = shop.nsxcert(request=shop.generate("timed"))
    openssl = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "365",
               "-subj", "/CN=192.0.2.10", "-addext", "subjectAltName=IP:192.0.2.10", "-keyout", str(shop.folder / "peer.key"),
               "-out", str(shop.folder / "peer.crt")]
    yield Case("generate", "P-256, first run", {
        "floor": shop.floor("generate", "first", shop.folder), "nsxcert": command,
        **peers(("openssl req", openssl, "openssl"), ("python", script("generate.py", shop.folder), "py:cryptography"))},
        1.25, {"openssl req": 1.2, "python": 0.1}, forget)
    shop.run(command)
    shop.run(shop.floor("generate", "first", shop.folder))
    check = ["openssl", "x509", "-in", str(shop.folder / "floor.crt"), "-noout", "-checkip", "192.0.2.10"]
    yield Case("generate", "second run", {"floor": shop.floor("generate", "second", shop.folder), "nsxcert": command,
                                          **peers(("openssl x509", check, "openssl"))}, 1.3)


def tls(shop):
    with shop.server(ENDPOINTS) as server:
        trust = shop.folder / "server.crt"
        few = server.first(FEW_ENDPOINTS)
        loop = ["sh", str(HERE / "peer" / "s_client.sh"), str(few)]
        yield Case("tls", f"{FEW_ENDPOINTS} endpoints", {
            "floor": shop.handshake_command(server, FEW_ENDPOINTS), "nsxcert": shop.verify_command(server, FEW_ENDPOINTS),
            **peers(("openssl s_client", loop, "openssl"))}, None, {"openssl s_client": 1 / 20})
        yield Case("tls", f"{ENDPOINTS} endpoints", {
            "floor": shop.handshake_command(server, ENDPOINTS), "nsxcert": shop.verify_command(server, ENDPOINTS),
            **peers(("python asyncio", script("handshake.py", server.path, trust), "python3"))},
            1.15, {"python asyncio": 1.0})


def requests(shop):
    with shop.store(0) as sim:
        sim.switches({"page_cap": 1})
        yield store_case(shop, sim, "requests", "import that finds nothing", 1.2)


def paging(shop):
    with shop.store(CERTIFICATES) as sim:
        yield store_case(shop, sim, "paging", f"search in {CERTIFICATES} certificates", None)


def store_case(shop, sim, area, name, goal):
    environment = sim.environment
    python = (script("paging.py", sim.url), environment)
    return Case(area, name, {
        "floor": (shop.paging_command(sim, "scanner"), environment), "nsxcert": shop.search_command(sim),
        "jansson": (shop.paging_command(sim, "jansson"), environment),
        **peers(("python requests", python, "py:requests"))}, goal, {"jansson": 1.1, "python requests": 1.0})


def json_(shop):
    text = json.dumps(shop.verify([f"198.51.100.{at % 250}:{1000 + at}" for at in range(850)]))
    path = shop.save(text)
    python = [sys.executable, "-c", "import json, sys; json.load(open(sys.argv[1]))", path]
    yield Case("json", "20 KB request", {"floor": shop.floor("json", path), "nsxcert": shop.nsxcert("--validate", request=text),
                                         **peers(("python", python, "python3"), ("jq", ["jq", ".", path], "jq"))}, None)


AREAS = {"start": start, "generate": generate, "requests": requests, "tls": tls, "paging": paging, "json": json_}
