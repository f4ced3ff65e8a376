# SPDX-License-Identifier: Apache-2.0
"""What a benchmark works with: built floors, requests, servers, and ways to count what a command costs."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))

from simulator.fixture import Simulator  # noqa: E402  (needs the path above)

CFLAGS = "-std=gnu17 -O2 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Wshadow -fPIE -pie -Wl,-z,relro,-z,now".split()
SERVER_SECONDS = 900
# Valgrind counts each byte that `rep stosb` or `rep movsb` writes as an instruction; the processor does 32 or 64 at once. So
# the C library is told to clear and copy by plain stores, as it does on processors that are not quick at those two.
PLAIN_STORES = {"GLIBC_TUNABLES": "glibc.cpu.x86_rep_stosb_threshold=0x40000000:glibc.cpu.x86_rep_movsb_threshold=0x40000000"}
ADDRESSES = ["192.0.2.10", "192.0.2.11", "192.0.2.12", "192.0.2.13"]


class BenchError(Exception):
    """A command did not do what it was measured for."""


class Workshop:
    """Use as a context manager: the folder of the measured files goes with it."""

    def __init__(self):
        self.build = Path(os.environ.get("BUILD", ROOT / "build")).resolve()
        self.program = Path(os.environ.get("NSXCERT_RELEASE", self.build / "release" / "nsxcert")).resolve()
        self.tools = self.build / "bench-tools"

    def __enter__(self):
        self.tools.mkdir(parents=True, exist_ok=True)
        # In the build folder: what is synced there is synced to a real disk.
        self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.tools))
        self._build_tools()
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def _build_tools(self):
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "openssl", "jansson", "libcurl"],
                               check=True, capture_output=True, text=True).stdout.split()
        for source in [*sorted(HERE.glob("floor/*.c")), HERE / "server.c", HERE / "peak.c"]:
            # A floor loads the libraries that nsxcert loads, also those it never calls; the launcher none.
            libraries = [] if source.stem == "peak" else ["-Wl,--no-as-needed", *flags]
            subprocess.run([os.environ.get("CC", "gcc"), *CFLAGS, "-o", self.tools / source.stem, source, *libraries],
                           check=True)

    # -- commands -----------------------------------------------------------------

    def floor(self, name, *arguments):
        return [str(self.tools / name), *map(str, arguments)]

    def nsxcert(self, *flags, request=None):
        """The command line; a request becomes a file, so that the command needs no stdin."""
        command = [str(self.program), *flags]
        return command if request is None else [*command, "--request-file", self.save(request)]

    def save(self, request):
        text = request if isinstance(request, str) else json.dumps(request)
        descriptor, path = tempfile.mkstemp(prefix="request-", suffix=".json", dir=self.folder)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        return path

    def run(self, command, expect=0, **more):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **more)
        if done.returncode != expect:
            raise BenchError(f"exit {done.returncode}, not {expect}: {' '.join(command)}\n{done.stderr[-1500:]}"
                             f"{done.stdout[-1500:]}")
        return done

    def instructions(self, command, expect=0, env=None):
        """Instructions of the whole process, by callgrind."""
        valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        done = self.run([*valgrind, *command], expect, env={**(env or os.environ), **PLAIN_STORES})
        return int(re.search(r"Collected : (\d+)", done.stderr).group(1))

    def peak_mib(self, command, expect=0, **more):
        """The most memory the process had resident."""
        done = self.run([str(self.tools / "peak"), *command], expect, **more)
        return int(re.findall(r"^peak (\d+)$", done.stderr, re.MULTILINE)[-1]) / 1024

    def system_calls(self, command, only=None, expect=0, **more):
        """The system calls made, a line each; `only` names some of them, joined by commas."""
        trace = self.folder / "trace"
        self.run(["strace", "-f", "-qq", "-o", str(trace), *(["-e", f"trace={only}"] if only else []), *command],
                 expect, **more)
        return [line for line in trace.read_text().splitlines() if "(" in line and "resumed>" not in line]

    # -- requests -----------------------------------------------------------------

    def generate(self, stem="nsx", **parameters):
        return {"api_version": "nsxcert/v1", "operation": "generate", "parameters": {
            "common_name": ADDRESSES[0], "san": {"dns": ["nsx.example.com"], "ip": ADDRESSES},
            "key": {"type": "ec", "curve": "P-256"}, "certificate_path": str(self.folder / f"{stem}.crt"),
            "key_path": str(self.folder / f"{stem}.key"), **parameters}}

    def verify(self, endpoints, **parameters):
        # The manager is not talked to without credentials; it carries a timeout that valgrind does not reach.
        return {"api_version": "nsxcert/v1", "operation": "verify", "deadline_seconds": 600,
                "manager": {"address": endpoints[0], "connect_timeout_seconds": 300, "tls": {"pin_sha256": ["0" * 64]}},
                "parameters": {
            "expected": {"file": str(self.folder / "server.crt")}, "endpoints": endpoints, **parameters}}

    def _managed(self, sim, operation, parameters):
        return {"api_version": "nsxcert/v1", "operation": operation, "parameters": parameters,
                "manager": {"address": sim.endpoint(sim.vip), "tls": {"pin_sha256": [sim.pin]},
                            "auth": {"username": sim.username, "password": sim.password}}}

    def import_request(self, sim):
        return self._managed(sim, "import", {"certificate": {"file": str(self.folder / "managed.crt")},
                                             "private_key": {"file": str(self.folder / "managed.key")}})

    def register_request(self, sim):
        return self._managed(sim, "register", {"certificate": {"file": str(self.folder / "managed.crt")},
                                               "confirm_after_seconds": 0})

    # -- what is measured together with its floor --------------------------------

    def verify_command(self, server, count):
        return self.nsxcert(request=self.verify(server.endpoints[:count]))

    def handshake_command(self, server, count):
        return self.floor("handshake", server.first(count), self.folder / "server.crt", 256)

    def search_command(self, sim):
        """import in a dry run reads the whole store once."""
        return self.nsxcert("--dry-run", request=self.import_request(sim))

    def paging_command(self, sim, way):
        return self.floor("paging", sim.url, sim.factory_pem, way)

    def make_pair(self, stem="nsx", **parameters):
        self.run(self.nsxcert(request=self.generate(stem, **parameters)))

    # -- servers ------------------------------------------------------------------

    @contextmanager
    def server(self, count):
        """TLS endpoints ("127.0.0.1:PORT") that serve server.crt; ends with {"handshakes", "in", "out"} in its `told`."""
        if not (self.folder / "server.crt").exists():
            self.make_pair("server", common_name="127.0.0.1", san={"ip": ["127.0.0.1"]})
        path = self.folder / f"endpoints-{count}"
        command = self.floor("server", self.folder / "server.crt", self.folder / "server.key", count, SERVER_SECONDS, path)
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if process.stdout.readline() != "ready\n":
                raise BenchError("the TLS server did not start")
            server = Server(path)
            yield server
            process.stdin.close()
            words = process.stdout.read().split()
            server.told = dict(zip(words[::2], map(int, words[1::2])))
        finally:
            process.stdin.close()
            process.wait(10)
            process.stdout.close()

    @contextmanager
    def store(self, certificates):
        """A simulated cluster with that many certificates; `url` and `environment` are for the floor of paging."""
        with Simulator.start("4.1", certificates=certificates, switch=["throttle=off"]) as sim:
            shown = self.run(self.nsxcert(request={"api_version": "nsxcert/v1", "operation": "inspect",
                                                   "parameters": {"endpoint": sim.endpoint(sim.vip)}}))
            if not (self.folder / "managed.crt").exists():
                # Managers of this version refuse an EC key's usage, so this one is RSA; its making is not measured.
                self.make_pair("managed", common_name=sim.vip, san={"ip": [sim.vip]}, key={"type": "rsa", "bits": 2048})
            sim.pin = json.loads(shown.stdout)["result"]["certificates"][0]["fingerprint_sha256"]
            sim.url = f"https://{sim.endpoint(sim.vip)}/api/v1/trust-management/certificates?page_size=200"
            sim.environment = {**os.environ, "BENCH_USER": f"{sim.username}:{sim.password}"}
            yield sim


class Server:
    def __init__(self, path):
        self.path = path
        self.endpoints = path.read_text().split()
        self.told = {}

    def first(self, count):
        """A file with the first `count` endpoints, for a floor."""
        path = self.path.with_name(f"{self.path.name}-first-{count}")
        path.write_text("\n".join(self.endpoints[:count]) + "\n")
        return path
