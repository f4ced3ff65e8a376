# SPDX-License-Identifier: Apache-2.0
"""GET and PATCH /state: look at a cluster, and change it by hand."""
import asyncio

from . import certs, replace
from .cluster import VIP


def describe(sim):
    return {"clusters": [describe_cluster(cluster) for cluster in sim.clusters],
            "switches": sim.switches.positions(), "requests": len(sim.log.entries)}


def describe_cluster(cluster):
    sim = cluster.sim
    listeners = {"vip": sim.listener(cluster, "vip")}
    listeners.update({node.uuid: sim.listener(cluster, node) for node in cluster.nodes})
    return {
        "name": cluster.name, "cluster_id": cluster.id, "vip": cluster.vip, "vip6": cluster.vip6,
        "vip_holder": cluster.holder.uuid, "registered": cluster.registered(),
        "was_set": cluster.was_set, "replacing": len(cluster.running),
        "clock_offset_seconds": cluster.clock.offset, "status": cluster.overall_status(),
        "certificates": len(cluster.store),
        "nodes": [{"address": node.address, "uuid": node.uuid, "fqdn": node.fqdn, "up": node.up,
                   "uses": cluster.uses[("API", node.uuid)].id} for node in cluster.nodes],
        "serves": {role: describe_listener(cluster, found)
                   for role, found in listeners.items() if found},
    }


def describe_listener(cluster, found):
    entry = cluster.served_at(found.role)
    return {"address": found.address, "certificate_id": entry.id,
            "sha256": certs.thumbprint(entry.leaf), "listening": found.is_open,
            "window": found.window, "connections_accepted": found.accepted}


def apply(sim, body):
    """Carry out a PATCH; raises ValueError naming what is wrong."""
    at = body.pop("cluster", 0)
    found = [one for one in sim.clusters if at in (one.index, one.name)]
    if not found:
        raise ValueError(f"no cluster {at!r}")
    unknown = [name for name in body if name not in MEMBERS]
    if unknown:
        raise ValueError(f"unknown members {unknown}; there are {sorted(MEMBERS)}")
    for name, value in body.items():
        MEMBERS[name](found[0], value)
    return describe(sim)


def node_of(cluster, word):
    node = cluster.node_of(word)
    if node is None:
        raise ValueError(f"no node {word!r}")
    return node


def entry_of(cluster, ident):
    entry = cluster.store.get(ident)
    if entry is None:
        raise ValueError(f"no certificate {ident!r}")
    return entry


def service_of(cluster, word):
    return VIP if word == "vip" else ("API", node_of(cluster, word).uuid)


def set_switches(cluster, value):
    cluster.sim.switches.update(value)


def set_clock(cluster, value):
    cluster.clock.offset = float(value)


def set_holder(cluster, value):
    """Failover: the leader moves, sessions die, the VIP is away for a moment."""
    cluster.holder = node_of(cluster, value)
    cluster.lease += 1
    listener = cluster.sim.listener(cluster, "vip")
    if listener is None:
        return
    replace.begin_window(cluster, listener, "refused")
    _, gap, _ = replace.pace(cluster.sim)
    asyncio.get_running_loop().call_later(gap, replace.end_window, cluster, listener)


def set_registered(cluster, value):
    """Use and serve a certificate at the VIP at once; null: none."""
    cluster.use(VIP, None if value is None else entry_of(cluster, value))
    cluster.was_set = True


def set_uses(cluster, value):
    """{node or "vip": certificate id}: what the API says and the wire shows."""
    for word, ident in value.items():
        cluster.use(service_of(cluster, word), entry_of(cluster, ident))


def set_serves(cluster, value):
    """{node or "vip": certificate id}: the wire alone, as after a drift."""
    for word, ident in value.items():
        cluster.serve(service_of(cluster, word), entry_of(cluster, ident))


def set_nodes(cluster, value):
    """{node: {"up": bool}}"""
    for word, wanted in value.items():
        node = node_of(cluster, word)
        node.up = bool(wanted["up"])
    for node in cluster.nodes:
        cluster.sim.refresh(cluster.sim.listener(cluster, node))
    if cluster.vip:
        cluster.sim.refresh(cluster.sim.listener(cluster, "vip"))


MEMBERS = {
    "switches": set_switches, "clock_offset_seconds": set_clock, "vip_holder": set_holder,
    "registered": set_registered, "uses": set_uses, "serves": set_serves, "nodes": set_nodes,
}
