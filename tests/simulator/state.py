# SPDX-License-Identifier: Apache-2.0
"""GET and PATCH /state: look at a cluster, and change it."""
from . import certs, cli
from .change import MEMBERS


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
        "certificates": len(cluster.store), "sessions": len(cluster.access.sessions),
        "batch": cluster.batch and cluster.batch.to_json(),
        "nodes": [{"address": node.address, "uuid": node.uuid, "fqdn": node.fqdn, "up": node.up,
                   "uses": cluster.uses[("API", node.uuid)].id, "cli": cli.describe(cluster, node)} for node in cluster.nodes],
        "serves": {role: describe_listener(cluster, found)
                   for role, found in listeners.items() if found},
    }


def describe_listener(cluster, found):
    entry = cluster.served_at(found.role)
    return {"address": found.address, "certificate_id": entry.id,
            "sha256": certs.thumbprint(entry.leaf), "listening": found.is_open,
            "window": found.window, "connections_accepted": found.accepted,
            "last_accepted": found.accepted_at}


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
        try:
            MEMBERS[name](found[0], value)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{name}: {error}") from None
    return describe(sim)
