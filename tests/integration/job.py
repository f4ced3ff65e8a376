# SPDX-License-Identifier: Apache-2.0
"""The main job as a pipeline has it: four requests that are never edited, and a clock that moves."""
import functools
import glob
import os
import subprocess

from pki import fingerprints

OPERATIONS = ("generate", "import", "register", "verify")


class Job:
    """generate, import, register, verify in one folder, against one cluster."""

    def __init__(self, program, sim, folder, **changes):
        self.program = program
        self.sim = sim
        self.folder = folder
        self._days = 0
        scope = changes.pop("scope", "all")
        manager = {
            "address": sim.endpoint(sim.vip),
            "nodes": [node["address"] for node in sim.nodes],
            "auth": {"username": sim.username, "password": {"env": "NSXT_PASSWORD"}},
            "tls": {"pin_sha256": fingerprints(sim.factory_pem)},
            **changes,
        }
        files = {"certificate": {"file": "nsx.crt"}}
        self.requests = {
            "generate": request("generate", {
                "common_name": sim.vip, "key": {"type": "rsa", "bits": 2048},
                "certificate_path": "nsx.crt", "key_path": "nsx.key"}),
            "import": request("import", {**files, "private_key": {"file": "nsx.key"}}, manager),
            "register": request("register", {**files, "scope": scope, "confirm_after_seconds": 0,
                                             "settle_timeout_seconds": 30}, manager),
            "verify": request("verify", {"expected": {"file": "nsx.crt"}, "scope": scope}, manager),
        }

    @property
    def days(self):
        return self._days

    @days.setter
    def days(self, days):
        """Moves the clocks of the program and of the managers."""
        self._days = days
        self.sim.patch({"clock_offset_seconds": days * 86400})

    @property
    def environment(self):
        return {"NSXT_PASSWORD": self.sim.password, **(moved_clock(self.days) if self.days else {})}

    def run(self, operation, *flags):
        return self.program.run(self.requests[operation], *flags, env=self.environment, cwd=self.folder,
                                secrets=[self.sim.password])

    def start(self, operation):
        return self.program.start(self.requests[operation], env=self.environment, cwd=self.folder)

    def run_all(self):
        """{operation: outcome}; each must succeed."""
        outcomes = {}
        for operation in OPERATIONS:
            outcomes[operation] = self.run(operation)
            assert outcomes[operation].code == 0, (operation, outcomes[operation].json)
        return outcomes

    def changed(self, outcomes):
        return [operation for operation in OPERATIONS if outcomes[operation].json["changed"]]


def request(operation, parameters, manager=None):
    return {"api_version": "nsxcert/v1", "operation": operation,
            **({"manager": manager} if manager else {}), "parameters": parameters}


@functools.cache
def preloads():
    """libfaketime, behind the sanitizer's runtime if the program has one: that must come first."""
    linked = subprocess.run(["ldd", os.environ["NSXCERT"]], capture_output=True, text=True, check=True).stdout
    runtime = [line.split()[2] for line in linked.splitlines() if "libasan" in line]
    (faketime,) = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    return " ".join([*runtime, faketime])


def moved_clock(days):
    """The environment in which the program believes that so many days have passed."""
    return {"LD_PRELOAD": preloads(), "FAKETIME": f"+{days}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
