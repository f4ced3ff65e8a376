# SPDX-License-Identifier: Apache-2.0
"""What PATCH /state can do to a cluster: one function a member."""
import asyncio

from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from . import batch, certs, replace
from .access import ROLES, User
from .cli import SERVICES
from .cluster import VIP
from .store import Entry


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


def set_vip(cluster, value):
    """Another virtual IP, or none, at once."""
    cluster.sim.move_vip(cluster, value)


def set_holder(cluster, value):
    """Failover: the leader moves, sessions die, the VIP is away for a moment."""
    cluster.holder = node_of(cluster, value)
    cluster.lease += 1
    _, gap, _ = replace.pace(cluster.sim)
    for listener in cluster.sim.listeners(cluster, "vip"):
        replace.begin_window(cluster, listener, "refused")
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


def set_cli(cluster, value):
    """{node: {"api": id, "cluster": id}}: its command line shows another one; null: what is used."""
    for word, shown in value.items():
        node = node_of(cluster, word)
        for service, ident in (shown or dict.fromkeys(SERVICES)).items():
            if service not in SERVICES:
                raise ValueError(f"{service!r} is none of {', '.join(SERVICES)}")
            cluster.cli[(node.uuid, service)] = None if ident is None else entry_of(cluster, ident)


def set_nodes(cluster, value):
    """{node: {"up": bool}}"""
    for word, wanted in value.items():
        node = node_of(cluster, word)
        node.up = bool(wanted["up"])
    if not cluster.holder.up and cluster.online():
        set_holder(cluster, cluster.online()[0].uuid)
    for node in cluster.nodes:
        cluster.sim.refresh(cluster.sim.listener(cluster, node))
    for listener in cluster.sim.listeners(cluster, "vip"):
        cluster.sim.refresh(listener)


def join(cluster, _value):
    """One more manager: from 4.2 on with the VIP's certificate, before with its own."""
    node = cluster.new_node(max(one.index for one in cluster.nodes) + 1)
    entry = cluster.served_at("vip")
    if not cluster.profile.has("shared-factory-certificate"):
        entry = cluster.store.add(cluster.factory_entry("tomcat", node.fqdn, node.index))
    cluster.nodes.append(node)
    cluster.use(("API", node.uuid), entry)
    cluster.sim.add_node(cluster, node)


def leave(cluster, value):
    """A manager is removed from the cluster; its certificate stays in the store."""
    node = node_of(cluster, value)
    if len(cluster.nodes) == 1:
        raise ValueError("it is the last one")
    cluster.nodes.remove(node)
    for service in [one for one in cluster.uses if one[1] == node.uuid]:
        del cluster.uses[service]
    cluster.sim.remove_node(cluster, node)
    if cluster.holder is node:
        set_holder(cluster, cluster.nodes[0].uuid)


def auto_renew(cluster, _value):
    """The daily task of 4.2.1: self-signed certificates that end within 31 days."""
    if not cluster.profile.has("auto-renewal"):
        raise ValueError(f"{cluster.profile.version} has no automatic renewal")
    if cluster.security_setting("auto_renewal"):
        batch.renew_due(cluster, cluster.renewal_days, ("APH_TN", "CCP"))


def rival(cluster, _value):
    """Another tool imports a certificate of its own and registers it for the VIP."""
    entry = cluster.factory_entry("rival", cluster.vip_fqdn, 1)
    entry.user = "rival"
    cluster.use(VIP, cluster.store.add(entry))
    cluster.was_set = True


def add_certificate(cluster, value):
    """{pem_encoded, private_key, display_name, id}: put into the store without a rule."""
    key = value.get("private_key")
    entry = Entry(value.get("id") or cluster.new_id(), value["pem_encoded"],
                  load_pem_private_key(key.encode(), None) if key else None,
                  value.get("display_name"), cluster.clock.now(),
                  chain=certs.load_chain(value["pem_encoded"]))
    if not entry.chain:
        raise ValueError("pem_encoded holds no certificate")
    cluster.store.add(entry)


def delete_certificates(cluster, value):
    """Gone, whether in use or not; the wire goes on with what it has."""
    for ident in value:
        cluster.store.remove(entry_of(cluster, ident).id)


def stale(cluster, value):
    """These entries cannot be deleted (3.0 to 4.1)."""
    for ident in value:
        entry_of(cluster, ident).stale = True


def users(cluster, value):
    """{name: {"password", "role", "kind"}}, null removes one."""
    for name, wanted in value.items():
        if wanted is None:
            cluster.access.users.pop(name, None)
            continue
        if wanted["role"] not in ROLES:
            raise ValueError(f"role {wanted['role']!r} is none of {sorted(ROLES)}")
        cluster.access.users[name] = User(name, wanted["password"], wanted["role"],
                                          wanted.get("kind", "local"))


def identities(cluster, value):
    """[{"certificate_pem", "name", "role"}]: client certificates; without a role the
    handshake accepts it, and the API does not trust it."""
    found = []
    for wanted in value:
        cert = certs.load_chain(wanted["certificate_pem"])[0]
        user = None
        if wanted.get("role"):
            user = User(wanted.get("name", "identity"), "", wanted["role"])
            _ = user.writes
        found.append((cert.public_bytes(Encoding.DER), user))
    cluster.access.identities = found


def set_dict(name):
    def change(cluster, value):
        getattr(cluster, name).update(value)
    return change


def set_names(name):
    def change(cluster, value):
        setattr(cluster, name, set(value))
    return change


def set_status(cluster, value):
    """STABLE, DEGRADED, UNAVAILABLE; null: computed from the nodes again."""
    if value not in (None, "STABLE", "DEGRADED", "UNAVAILABLE"):
        raise ValueError(f"{value!r} is none of STABLE, DEGRADED, UNAVAILABLE, null")
    cluster.status = value


def unlock(cluster, _value):
    cluster.access.attempts.clear()


def drop_sessions(cluster, _value):
    cluster.access.drop_sessions()


MEMBERS = {
    "switches": set_switches, "clock_offset_seconds": set_clock, "vip": set_vip,
    "vip_holder": set_holder, "registered": set_registered, "uses": set_uses,
    "serves": set_serves, "cli": set_cli, "nodes": set_nodes, "join": join, "leave": leave,
    "auto_renew": auto_renew, "rival": rival, "add_certificate": add_certificate,
    "delete_certificates": delete_certificates, "stale": stale, "users": users,
    "principal_identities": identities, "security": set_dict("security"),
    "api_service": set_dict("api_service"), "addresses_in_use": set_names("addresses_in_use"),
    "addresses_without_dns": set_names("addresses_without_dns"), "status": set_status,
    "unlock": unlock, "drop_sessions": drop_sessions,
}
