# SPDX-License-Identifier: Apache-2.0
"""batch-replace (4.2): every use of old certificates moves to new ones."""
import asyncio

from .cluster import VIP
from .replace import Replacement, self_signed_copy

ESTIMATE = {"API": 60, "MGMT_CLUSTER": 60}


class Item:
    """One service that changes its certificate."""

    def __init__(self, cluster, service, entry):
        self.id = cluster.new_id()
        self.service = service
        self.entry = entry
        self.started = self.ended = None
        self.message = ""

    def to_json(self):
        kind, node = self.service
        body = {"id": self.id, "certificate_id": self.entry.id,
                "certificate_name": self.entry.name, "service_type": kind, "node_id": node,
                "affected_services": [kind], "estimated_duration": ESTIMATE.get(kind, 30),
                "message": self.message}
        for name, value in (("start_time", self.started), ("end_time", self.ended)):
            if value:
                body[name] = int(value * 1000)
        done = "FAILED" if self.message else "COMPLETED"
        body["status"] = done if self.ended else "IN_PROGRESS" if self.started else "PENDING"
        return body


class Batch:
    """Items one after the other; `variant` is how the wire settles."""

    def __init__(self, cluster, pairs, variant="normal"):
        self.cluster = cluster
        self.variant = variant
        self.started = cluster.clock.now()
        self.ended = None
        self.items = [Item(cluster, service, new) for old, new in pairs
                      for service, used in cluster.uses.items() if used is old]
        if variant == "vip-first":
            self.items.sort(key=lambda item: item.service != VIP)
        self._task = None

    def start(self):
        self.cluster.batch = self
        self._task = asyncio.get_running_loop().create_task(self._run())

    def cancel(self):
        if self._task:
            self._task.cancel()

    async def _run(self):
        failing = self.cluster.sim.switches.batch_item == "first-fails"
        try:
            for item in self.items:
                item.started = self.cluster.clock.now()
                if failing:
                    item.message, failing = "The service could not be restarted.", False
                else:
                    await self._replace(item)
                item.ended = self.cluster.clock.now()
        finally:
            self.ended = self.cluster.clock.now()

    async def _replace(self, item):
        if item.service[0] in ("API", "MGMT_CLUSTER"):
            replacement = Replacement(self.cluster, [item.service], item.entry, self.variant)
            replacement.start()
            await replacement.wait()
        else:
            self.cluster.use(item.service, item.entry)

    def to_json(self):
        pending = sum(ESTIMATE.get(item.service[0], 30) for item in self.items if not item.ended)
        body = {"results": [item.to_json() for item in self.items],
                "result_count": len(self.items), "start_time": int(self.started * 1000),
                "pending_estimated_duration": pending}
        if self.ended:
            body["end_time"] = int(self.ended * 1000)
        return body


def renew_due(cluster, days=31, skipped=()):
    """Replace self-signed appliance certificates that end within `days`; the
    number of certificates that are replaced."""
    limit = cluster.clock.now() + days * 86400
    due = []
    for (kind, _), entry in cluster.uses.items():
        if entry is None or entry in due or kind in skipped:
            continue
        own = entry.leaf.subject == entry.leaf.issuer
        if own and entry.leaf.not_valid_after_utc.timestamp() < limit:
            due.append(entry)
    if due:
        pairs = [(old, self_signed_copy(cluster, old)) for old in due]
        Batch(cluster, pairs, cluster.sim.switches.settle).start()
    return len(due)


def running(cluster):
    return cluster.batch is not None and cluster.batch.ended is None
