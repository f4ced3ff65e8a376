# SPDX-License-Identifier: Apache-2.0
"""Requests of register and verify, and what a simulated cluster says afterwards."""
import api
import pki
from requests_for import manager

NEW_CALLS = ("3.2", "4.0", "4.1", "4.2", "4.2.1", "9.0")  # apply_certificate for everything
SOME = ("2.4", "3.2", "4.2", "9.0")
#: Switches where a test allows little time to settle: nothing but the looking itself takes any.
NO_WAIT = {"restart_delay_ms": 0, "restart_window_ms": 0}


def pair_for(sim, *names, **options):
    """A self-signed certificate for the VIP and every manager: quick to make where elliptic keys are taken."""
    names = names or [sim.vip or sim.nodes[0]["address"], *(node["address"] for node in sim.nodes)]
    if sim.version in NEW_CALLS:
        options.setdefault("key", pki.ec_key())
    return pki.make(names[0], names, **options)


def imported(sim, *names, **options):
    """A new pair that is in the store already; (pair, id)."""
    pair = pair_for(sim, *names, **options)
    return pair, api.put(sim, pair, f"put-{pair.fingerprint[:12]}")


def register_request(sim, certificate, *, dry_run=False, deadline=60, manager_changes=None, **parameters):
    return {
        "api_version": "nsxcert/v1",
        "operation": "register",
        "dry_run": dry_run,
        "deadline_seconds": deadline,
        "manager": manager(sim, **(manager_changes or {})),
        "parameters": {"certificate": certificate, "scope": "all", "confirm_after_seconds": 0,
                       "settle_timeout_seconds": 30, **parameters},
    }


def verify_request(sim, *, deadline=60, manager_changes=None, **parameters):
    return {
        "api_version": "nsxcert/v1",
        "operation": "verify",
        "deadline_seconds": deadline,
        "manager": manager(sim, **(manager_changes or {})),
        "parameters": parameters,
    }


def served(sim):
    """{address: SHA-256} on the wire, by the simulator's own word."""
    return {one["address"]: one["sha256"] for one in sim.state()["serves"].values()}


def order_of_replacement(sim):
    """Followers, the leader, the VIP: addresses."""
    holder = sim.state()["vip_holder"]
    nodes = sorted(sim.nodes, key=lambda node: node["uuid"] == holder)
    return [*(node["address"] for node in nodes), *([sim.vip] if sim.vip else [])]


def writes(sim, done=0):
    return [entry for entry in sim.log()[done:] if entry["write"]]


def address_of(sim, entry):
    """Who gets the certificate of a logged replacement."""
    by_uuid = {node["uuid"]: node["address"] for node in sim.nodes}
    if entry["path"].endswith("/cluster/api-certificate") or entry["query"].get("service_type") == "MGMT_CLUSTER":
        return sim.vip
    if "node_id" in entry["query"]:
        return by_uuid[entry["query"]["node_id"]]
    parts = entry["path"].split("/")
    if "cluster" in parts:
        return by_uuid[parts[parts.index("cluster") + 1]]
    return entry["manager"]
