# SPDX-License-Identifier: Apache-2.0
"""One operation, one fault, one request: what a sweep runs again and again, on simulators of its own."""
import concurrent.futures
import functools
import os
import threading
from collections import Counter

import api
import pki
from program import Program
from registering import address_of, register_request, verify_request
from requests_for import import_request
from simulator.fixture import Simulator

VERSION = "4.2"
DEADLINE = 8
TIMES = {"connect_timeout_seconds": 2, "request_timeout_seconds": 2}


@functools.cache
def pair_of(vip, nodes):
    return pki.make(vip, [vip, *nodes], key=pki.ec_key())


class Stage:
    """A simulator with the certificate that the operations are about; reset for each case."""

    def __init__(self, sim, program):
        self.sim = sim
        self.program = program
        self.pair = pair_of(sim.vip, tuple(node["address"] for node in sim.nodes))
        self.ident = None

    def prepare(self, operation, whole):
        sim = self.sim
        sim.reset()
        # Short restarts: what is swept is the faults, not the waiting.
        sim.switches({"restart_delay_ms": 10, "restart_window_ms": 50})
        if operation != "import":
            self.ident = api.put(sim, self.pair, "swept")
        if operation == "verify":
            sim.patch({"uses": {"vip": self.ident, **{node["uuid"]: self.ident for node in sim.nodes}}})
        return self.request(operation, whole)

    def request(self, operation, whole, deadline=DEADLINE):
        sim = self.sim
        changes = dict(TIMES)
        if not whole:
            changes["nodes"] = [sim.nodes[0]["address"]]
        options = {"deadline": deadline, "manager_changes": changes}
        if operation == "import":
            return import_request(sim, self.pair, **options)
        if operation == "register":
            return register_request(sim, self.pair.chain, settle_timeout_seconds=2, **options)
        return verify_request(sim, expected=self.pair.chain, **options)

    def run(self, request):
        """Every result is held against the contract; the log is what the run itself sent."""
        done = len(self.sim.log())
        outcome = self.program.run(request, secrets=[self.sim.password, self.pair.key_pem[40:100]])
        return outcome, self.sim.log()[done:]

    def written(self, log):
        """How often each target got its write done."""
        done = [entry for entry in log if entry["write"] and entry["done"]]
        return Counter("store" if entry["action"] == "import" else address_of(self.sim, entry)
                       for entry in done if entry["method"] == "POST")


class Stages:
    """As many stages as threads, each with a simulator of its own."""

    def __init__(self, path, version=VERSION):
        self._program = Program(path)
        self._version = version
        self._local = threading.local()
        self._all = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for stage in self._all:
            stage.sim.stop()

    @property
    def mine(self):
        stage = getattr(self._local, "stage", None)
        if stage is None:
            sim = Simulator.start(self._version, quiet=True)
            stage = self._local.stage = Stage(sim, self._program)
            self._all.append(stage)
        return stage

    def each(self, judge, cases):
        """judge(stage, *case) for all cases, in threads; what went wrong, in words."""
        def one(case):
            try:
                judge(self.mine, *case)
            except Exception as error:  # noqa: BLE001 - all of them are told together
                return f"{' '.join(map(str, case))}: {type(error).__name__}: {str(error)[:600]}"
            return None

        with concurrent.futures.ThreadPoolExecutor(max(2, min(6, os.cpu_count() * 2))) as pool:
            return [words for words in pool.map(one, cases) if words]


@functools.cache
def requests_of(path, operation, whole=False):
    """How many requests a run without faults sends."""
    with Stages(path) as stages:
        stage = stages.mine
        outcome, log = stage.run(stage.prepare(operation, whole))
        assert outcome.code == 0, outcome.json
        return len(log)


@functools.cache
def fault_kinds():
    with Simulator.start(VERSION, quiet=True) as sim:
        return tuple((kind["name"], kind["level"]) for kind in sim.fault_names())
