# SPDX-License-Identifier: Apache-2.0
"""The fault switchboard: where a fault strikes, how often, and what it does."""
import asyncio
import fnmatch
import random
import time

from . import below
from .kinds import BY_NAME, TABLE

WHERE = {"cluster": None, "target": "any", "method": "*", "path": "*", "action": "*",
         "nth": 1, "times": 1, "probability": 1.0, "seed": None, "after": 0}
WHOLE = {"nth": 1, "times": 0, "after": 0}  # whole numbers and their least value


class Fault:
    """One fault that was added."""

    def __init__(self, sim, ident, wanted):
        wanted = dict(wanted)
        self.sim = sim
        self.id = ident
        self.name = wanted.pop("what", None)
        self.kind = BY_NAME.get(self.name)
        if self.kind is None:
            raise ValueError(f"unknown fault {self.name!r}; GET /faults/names lists them")
        self.where = {**WHERE, **self.kind.where}
        self.params = dict(self.kind.params)
        for member, value in wanted.items():
            place = self.where if member in self.where else self.params
            if member not in place:
                known = sorted([*self.where, *self.params])
                raise ValueError(f"unknown member {member!r} of {self.name}; there are {known}")
            place[member] = value
        self._check()
        self.random = random.Random(f"{self.where['seed'] or sim.options.seed}-{ident}")
        self.matches = self.strikes = self.requests = 0
        self.since = None  # of the first strike
        self.released = asyncio.Event()
        self.known = {cluster.index: {entry.id for entry in cluster.store}
                      for cluster in sim.clusters} if self.kind.visible else {}
        self.made = {}

    def _check(self):
        for member, least in WHOLE.items():
            value = self.where[member]
            if type(value) is not int or value < least:
                raise ValueError(f"{member} is a whole number, {least} or more")
        if not 0 <= self.where["probability"] <= 1:
            raise ValueError("probability is a number from 0 to 1")
        for member, default in self.kind.params.items():
            if isinstance(default, int) and not isinstance(self.params[member], int):
                raise ValueError(f"{member} is a whole number")

    # -- where ------------------------------------------------------------------

    def at(self, listener):
        """Whether the target is this listener."""
        cluster, target = self.where["cluster"], self.where["target"]
        if cluster not in (None, listener.cluster.index, listener.cluster.name):
            return False
        if listener.role == "vip":
            return target in ("any", "vip", listener.address)
        return target in ("any", "node", listener.address, listener.role.uuid,
                          listener.role.index)

    def suits(self, request):
        return all(matches(self.where[member], getattr(request, member))
                   for member in ("method", "path", "action"))

    @property
    def armed(self):
        return self.requests >= self.where["after"]

    @property
    def over(self):
        if self.where["times"] and self.strikes >= self.where["times"]:
            return True
        ms = self.params.get("ms", 0) if self.kind.timed else 0
        return bool(ms and self.since and time.monotonic() > self.since + ms / 1000)

    def strike(self):
        """Count a match; True when the fault strikes at it."""
        if self.over or not self.armed:
            return False
        self.matches += 1
        if self.matches < self.where["nth"]:
            return False
        if self.random.random() >= self.where["probability"]:
            return False
        self.strikes += 1
        self.since = self.since or time.monotonic()
        return True

    def to_json(self):
        return {"id": self.id, "what": self.name, **self.where, **self.params,
                "matches": self.matches, "strikes": self.strikes, "armed": self.armed}

    # -- what ---------------------------------------------------------------------

    @property
    def before_tls(self):
        step = self.kind.before_tls
        return step and (lambda sock: step(self, sock))

    @property
    def after_tls(self):
        step = self.kind.after_tls
        return step and (lambda writer: step(self, writer))

    @property
    def tls(self):
        return dict(self.kind.tls)

    def certificate(self, cluster, listener, entry):
        """(PEM, key) to serve instead, or None."""
        if self.kind.certificate is None:
            return None
        name = (listener.address, entry.id)
        if name not in self.made:
            self.made[name] = self.kind.certificate(cluster, listener, entry)
        return self.made[name]

    async def instead(self, request, listener):
        """An answer without the work, or None."""
        return await self.kind.instead(self, request, listener) if self.kind.instead else None

    async def after(self, response, listener):
        """What becomes of the answer once the work is done."""
        if self.kind.after is None:
            return response
        return await self.kind.after(self, response, listener)

    def shape(self, replacement):
        if self.kind.shape:
            self.kind.shape(self, replacement)

    def visible(self, entries, cluster):
        if not self.kind.visible:
            return entries
        return [entry for entry in entries if entry.id in self.known[cluster.index]]


def matches(pattern, word):
    """Shell patterns, several of them joined by `|`."""
    return any(fnmatch.fnmatchcase(word, one) for one in str(pattern).split("|"))


class Faults:
    """All faults; the oldest that strikes wins."""

    def __init__(self, sim):
        self.sim = sim
        self._faults = {}
        self._refusing = {}  # fault id -> listeners
        self._count = 0

    def add(self, wanted):
        fault = Fault(self.sim, self._count + 1, wanted)
        self._count += 1
        self._faults[fault.id] = fault
        if fault.kind.refuses and fault.armed:
            self._refuse(fault)
        return fault.to_json()

    def list(self):
        return [fault.to_json() for fault in self._faults.values()]

    def remove(self, ident):
        if ident not in self._faults:
            raise ValueError(f"no fault {ident}")
        fault = self._faults.pop(ident)
        fault.released.set()
        self._accept_again(fault)

    def clear(self):
        for ident in list(self._faults):
            self.remove(ident)
        self._count = 0

    # -- refused connections --------------------------------------------------------

    def refuses(self, listener):
        return any(listener in listeners for listeners in self._refusing.values())

    def _refuse(self, fault):
        listeners = [one for one in self.sim.all_listeners() if fault.at(one)]
        fault.strikes += 1
        self._refusing[fault.id] = listeners
        for listener in listeners:
            listener.close()
        if fault.params["ms"]:
            asyncio.get_running_loop().call_later(fault.params["ms"] / 1000,
                                                  self._accept_again, fault)

    def _accept_again(self, fault):
        for listener in self._refusing.pop(fault.id, ()):
            if self.sim.knows(listener):
                self.sim.refresh(listener)

    # -- where requests and connections pass ------------------------------------------

    def at_connection(self, listener, _connection):
        """The fault below HTTP that strikes this connection, or None."""
        for fault in list(self._faults.values()):
            kind = fault.kind
            if kind.level != "connection" or kind.refuses or not fault.at(listener):
                continue
            if kind.timed and below.previous(listener.cluster, listener, None) is None:
                continue
            if fault.strike():
                return fault
        return None

    def at_request(self, listener, request):
        """The fault that strikes this request, or None."""
        found = None
        for fault in list(self._faults.values()):
            if fault.kind.level == "connection" or not fault.at(listener):
                continue
            if fault.suits(request) and found is None and fault.strike():
                found = fault
        return found

    def arm(self, listener, request):
        """Count an answered request for faults that wait for one; True when a
        connection fault has just been armed, so that this connection must end."""
        armed = False
        for fault in list(self._faults.values()):
            if fault.armed or not (fault.at(listener) and fault.suits(request)):
                continue
            fault.requests += 1
            if fault.armed and fault.kind.level == "connection":
                armed = True
                if fault.kind.refuses:
                    self._refuse(fault)
        return armed


def names():
    return [kind.describe() for kind in TABLE]
