# SPDX-License-Identifier: Apache-2.0
"""Putting a certificate to use: answer first, restart, then serve it."""
import asyncio
import time

from . import certs
from .cluster import VIP
from .messages import ApiError
from .store import Entry

#: milliseconds by pace: (answer to restart, restart, gap of a flap)
PACES = {"fast": (40, 160, 300), "realistic": (1000, 6000, 8000)}


class Replacement:
    """One change of one or more services of a cluster, from answer to end."""

    def __init__(self, cluster, services, entry, variant="normal"):
        self.cluster = cluster
        self.services = services
        self.entry = entry
        self.variant = variant
        self.started = time.time()
        self.ended = None
        self.held_by = None  # a fault: the restart lasts until it is removed
        self._task = None

    def start(self):
        for service in self.services:
            self.cluster.use(service, self.entry, on_wire=False)
        self.cluster.running.append(self)
        self._task = asyncio.get_running_loop().create_task(self._run())

    def cancel(self):
        if self._task:
            self._task.cancel()

    async def wait(self):
        await asyncio.wait([self._task])

    async def _run(self):
        delay, window, gap = pace(self.cluster.sim)
        try:
            await asyncio.sleep(delay)
            for group in self._groups():
                await self._restart(group, window)
            if self.variant == "flap":
                await self._flap(window, gap)
        finally:
            self.ended = time.time()
            if self in self.cluster.running:
                self.cluster.running.remove(self)

    def _groups(self):
        """Services that restart together, in order."""
        if self.variant == "vip-first" and VIP in self.services:
            return [[VIP], [service for service in self.services if service != VIP]]
        return [self.services]

    async def _restart(self, services, window):
        listeners = listeners_of(self.cluster, services)
        kind = self.cluster.sim.switches.restart_window
        for listener in listeners:
            begin_window(self.cluster, listener, kind)
        await asyncio.sleep(window)
        if self.held_by:
            await self.held_by.released.wait()
        if self.variant != "never":
            entry = third_certificate(self.cluster) if self.variant == "third" else self.entry
            for service in services:
                self.cluster.serve(service, entry)
        for listener in listeners:
            end_window(self.cluster, listener)

    async def _flap(self, window, gap):
        """After it settled, the old certificate is back for a while."""
        await asyncio.sleep(window)
        old = {service: self.cluster.previous.get(service) for service in self.services}
        for service, entry in old.items():
            if entry:
                self.cluster.served[service] = entry
        await asyncio.sleep(gap)
        for service in self.services:
            self.cluster.served[service] = self.entry


def pace(sim):
    """(delay, window, flap gap) in seconds."""
    delay, window, gap = PACES[sim.options.pace]
    if sim.switches.restart_delay_ms >= 0:
        delay = sim.switches.restart_delay_ms
    if sim.switches.restart_window_ms >= 0:
        window = sim.switches.restart_window_ms
    return delay / 1000, window / 1000, gap / 1000


def listeners_of(cluster, services):
    """The listeners that restart with these services."""
    found = []
    for kind, node in services:
        if kind == "MGMT_CLUSTER":
            found += cluster.sim.listeners(cluster, "vip")
        elif kind == "API":
            found += cluster.sim.listeners(cluster, cluster.node_of(node))
            holder = node == cluster.holder.uuid
            if holder and cluster.sim.switches.restart_scope == "manager":
                found += cluster.sim.listeners(cluster, "vip")
    return list(dict.fromkeys(found))


def begin_window(cluster, listener, kind):
    """The service goes away: sessions are lost, open connections end."""
    listener.window = kind
    if kind == "refused":
        listener.close()
    cluster.access.drop_sessions(listener.address)
    if cluster.sim.switches.kept_alive != "keep":
        listener.end_connections(cluster.sim.switches.kept_alive)


def end_window(cluster, listener):
    if not cluster.sim.knows(listener):
        return
    listener.window = "up"
    cluster.sim.refresh(listener)


def third_certificate(cluster):
    """One that nobody asked for."""
    entry = cluster.factory_entry("third", cluster.vip_fqdn, 2)
    return cluster.store.add(entry)


def self_signed_copy(cluster, old):
    """A fresh self-signed certificate with the old one's names, valid from now."""
    key = cluster.sim.keys.take(cluster.rng.randrange(4))
    subject = old.leaf.subject
    names = sorted(certs.names_of(old.leaf))
    cert = certs.make_certificate(subject, key.public_key(), key, cluster.new_serial(),
                                  cluster.clock.now() - 60, names=names)
    entry = Entry(cluster.new_id(), certs.cert_to_pem(cert), key, old.name, cluster.clock.now(),
                  "system", chain=[cert])
    return cluster.store.add(entry)


def refuse_second(cluster):
    """From 3.1 on a replacement is refused while another one runs."""
    busy = cluster.running or (cluster.batch and cluster.batch.ended is None)
    if busy and cluster.profile.has("one-replacement"):
        raise ApiError(int(cluster.sim.switches.second_replacement),
                       "Another certificate replacement is in progress. Try again later.")


def replace(cluster, services, entry, fault=None):
    """Begin a replacement; a fault may change how it ends."""
    replacement = Replacement(cluster, services, entry, cluster.sim.switches.settle)
    if fault:
        fault.shape(replacement)
    replacement.start()
    return replacement
