# SPDX-License-Identifier: Apache-2.0
"""One cluster: its managers, what each uses and what each serves.

`uses` is what the API says, `served` what the wire shows.  They differ while a
service restarts, and as long as a test wants them to.
"""
import random
import uuid
from dataclasses import dataclass

from . import certs
from .access import Access
from .clock import Clock
from .profiles import Profile
from .store import Entry, Store

VIP = ("MGMT_CLUSTER", None)
DAY = 86400


@dataclass
class Node:
    index: int
    address: str
    uuid: str
    fqdn: str
    up: bool = True


class Cluster:
    def __init__(self, sim, index, number):
        self.sim = sim
        self.index = index
        self.name = f"cluster-{index}"
        self.network = f"127.{20 + number // 250}.{number % 250}"
        self.profile = Profile(sim.options.nsx_version)
        self.clock = Clock()
        self._factory = None
        self.reset()

    # -- the start state -------------------------------------------------

    def reset(self):
        self.rng = random.Random(f"{self.sim.options.seed}-{self.index}")
        self.clock.offset = 0.0
        self.id = self.new_id()
        self.nodes = [self.new_node(at) for at in range(self.sim.options.managers)]
        self.vip = f"{self.network}.10" if self.sim.options.vip == "configured" else None
        self.vip6 = None
        self.vip_fqdn = f"nsx.{self.name}.sim.test"
        self.holder = self.nodes[0]
        self.access = Access(self)
        self.running = []  # replacements under way
        self.batch = None
        self.security = {}
        self.security_revision = 0
        self.renewal_days = 31
        self.api_service = {}
        self.api_service_revision = 0
        self.csrs = {}
        self.addresses_in_use = set()
        self.addresses_without_dns = set()
        self.status = None  # overrides the computed state
        self.crl_calls = {}
        self.lease = 1
        self.cli = {}  # (node, "api" or "cluster"): what its command line shows instead
        self.was_set = False  # somebody registered a certificate for the VIP
        self.uses = {}
        self.served = {}
        self.previous = {}
        self._load_factory()

    def new_id(self):
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def new_serial(self):
        return self.rng.getrandbits(63) | 1 << 63

    def new_node(self, at):
        return Node(at, f"{self.network}.{11 + at}", self.new_id(),
                    f"nsxmgr-{at + 1}.{self.name}.sim.test")

    def _load_factory(self):
        # A reset goes on behind the ids that the factory's entries have, so that no other entry gets one of them.
        if self._factory is None:
            self._factory = self._make_factory()
            self._behind_factory = self.rng.getstate()
        self.rng.setstate(self._behind_factory)
        self.store = Store([entry for entry, _ in self._factory])
        for entry, services in self._factory:
            entry.stale = False
            for service in services:
                at = service[1]
                self.use((service[0], None if at is None else self.nodes[at].uuid), entry)
        for entry in self.sim.filler(self):
            self.store.add(entry)

    def _make_factory(self):
        """[(entry, [(service, index of the node)])]; the same after every reset."""
        everywhere = range(len(self.nodes))
        vip = [] if self.sim.options.vip_certificate == "node" else [VIP]
        if self.profile.has("shared-factory-certificate"):
            names = [node.fqdn for node in self.nodes]
            shared = self.factory_entry("mp-cluster", self.nodes[0].fqdn, 0, names)
            inner = self.factory_entry("aph", self.nodes[0].fqdn, 1, names)
            return [(shared, [("API", at) for at in everywhere] + vip),
                    (inner, [(kind, at) for at in everywhere for kind in ("APH", "APH_TN", "CCP")])]
        made = [(self.factory_entry("tomcat", self.nodes[at].fqdn, at), [("API", at)])
                for at in everywhere]
        return made + [(self.factory_entry("mp-cluster", self.vip_fqdn, 3), vip)]

    def factory_entry(self, name, host, key_index, names=()):
        """A self-signed certificate as the installer makes it: no address in it."""
        key = self.sim.keys.take(key_index)
        cert = certs.make_certificate(certs.common_name(host), key.public_key(), key,
                                      self.new_serial(), self.clock.now() - DAY,
                                      names=names or [host])
        return Entry(self.new_id(), certs.cert_to_pem(cert), key, name, self.clock.now() - DAY,
                     "system", chain=[cert])

    def factory_pem(self):
        return "".join(entry.pem for entry, _ in self._factory)

    # -- who uses and serves what ----------------------------------------

    def use(self, service, entry, on_wire=True):
        """Let a service use an entry; on_wire=False leaves the wire as it is."""
        self.uses[service] = entry
        if on_wire:
            self.serve(service, entry)

    def serve(self, service, entry):
        if self.served.get(service) is not entry:
            self.previous[service] = self.served.get(service)
        self.served[service] = entry

    def served_at(self, role):
        """The entry on the wire at a listener: role is "vip" or a Node."""
        if role == "vip":
            entry = self.served.get(VIP)
            return entry or self.served[("API", self.holder.uuid)]
        return self.served[("API", role.uuid)]

    def registered(self):
        entry = self.uses.get(VIP)
        return entry and entry.id

    def used_by(self, ident):
        """The used_by list of a certificate."""
        found = {}
        for (service, node), entry in self.uses.items():
            if entry is None or entry.id != ident:
                continue
            for owner in [node] if node else self._cluster_owners():
                found.setdefault(owner, []).append(service)
        return [{"node_id": node, "service_types": kinds} for node, kinds in found.items()]

    def _cluster_owners(self):
        how = self.sim.switches.mgmt_cluster_used_by
        if how == "every-node":
            return [node.uuid for node in self.nodes]
        return [self.id if how == "cluster" else self.holder.uuid]

    def security_setting(self, name):
        """crl_checking, ca_signed_only, eku_checking or auto_renewal, as now set."""
        if name in self.security:
            return self.security[name]
        return getattr(self.sim.switches, name) == "on"

    # -- lookups ----------------------------------------------------------

    def node_of(self, word):
        """A node by UUID, address or index; None if there is none."""
        for node in self.nodes:
            if word in (node.uuid, node.address, node.index, str(node.index), node.fqdn):
                return node
        return None

    def overall_status(self):
        if self.status:
            return self.status
        if len(self.online()) * 2 <= len(self.nodes):
            return "UNAVAILABLE"
        return "STABLE" if len(self.online()) == len(self.nodes) else "DEGRADED"

    def online(self):
        return [node for node in self.nodes if node.up]
