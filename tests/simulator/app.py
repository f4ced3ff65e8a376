# SPDX-License-Identifier: Apache-2.0
"""The simulator: clusters, their listeners, and the way of a request."""
import asyncio
import email.utils
import os
import random
import tempfile
from urllib.parse import urlsplit

from . import certs, listener as net
from .cluster import Cluster
from .filler import make_filler
from .log import Log
from .messages import ApiError, html_response
from .routes import Call, UnknownPath, dispatch
from .routes import session
from .routes.table import TABLE
from .ssh import Ssh
from .switches import Switches
from .throttle import Throttle
from .tlscontext import Contexts
from .faults import Faults


class Simulator:
    def __init__(self, options):
        self.options = options
        self.folder = tempfile.TemporaryDirectory(prefix="nsx-simulator-")
        self.keys = certs.KeyPool()
        self.switches = Switches(options.switch)
        self.contexts = Contexts(self.folder.name)
        self.log = Log(options.quiet)
        self.faults = Faults(self)
        self.throttle = Throttle()
        self.credentials = make_credentials(options.seed)
        self._filler = {}
        self.clusters = [Cluster(self, at, options.first_cluster + at)
                         for at in range(options.clusters)]
        self.port = options.port
        self._listeners = {}
        self._extra = []  # the VIP on [::1]
        self._ssh = None

    def filler(self, cluster):
        """The entries of --certificates; made once a cluster."""
        if not self.options.certificates:
            return []
        if cluster.index not in self._filler:
            self._filler[cluster.index] = make_filler(cluster, self.options.certificates)
        return self._filler[cluster.index]

    # -- listeners ----------------------------------------------------------

    def start(self):
        """Open every listener; with port 0 one that is free on all addresses."""
        for _ in range(20):
            try:
                self._open_all()
                break
            except OSError:
                self._close_all()
                if self.options.port:
                    raise
                self.port = 0
        else:
            raise OSError("no port is free on every address; give --port")
        path = os.path.join(self.folder.name, "factory.pem")
        with open(path, "w", encoding="ascii") as file:
            file.write("".join(cluster.factory_pem() for cluster in self.clusters))
        self.factory_path = path

    def _open_all(self):
        for cluster in self.clusters:
            for node in cluster.nodes:
                self._add(cluster, node, node.address)
            if cluster.vip:
                self._add(cluster, "vip", cluster.vip)
        if self.options.ipv6 and self.clusters[0].vip:
            extra = net.Listener(self, "::1", self.port, "vip")
            extra.cluster = self.clusters[0]
            extra.open()
            self._extra.append(extra)

    def _add(self, cluster, role, address):
        found = net.Listener(self, address, self.port, role)
        found.cluster = cluster
        found.open()
        self.port = found.port
        self._listeners[(cluster.index, role if role == "vip" else role.uuid)] = found

    def _close_all(self):
        for found in self.all_listeners():
            found.abandon()
        self._listeners.clear()
        self._extra.clear()

    def all_listeners(self):
        return list(self._listeners.values()) + self._extra

    def listener(self, cluster, role):
        """The listener of the VIP ("vip") or of a node; None when there is none."""
        return self._listeners.get((cluster.index, role if role == "vip" else role.uuid))

    def listeners(self, cluster, role):
        """All of them: the VIP of the first cluster may be on [::1] as well."""
        extra = [one for one in self._extra if one.cluster is cluster and role == "vip"]
        return [one for one in [self.listener(cluster, role)] if one] + extra

    def knows(self, found):
        return found in self._listeners.values() or found in self._extra

    def refresh(self, found):
        """Open or close a listener as the state of its service wants it."""
        down = found.window == "refused" or self.faults.refuses(found)
        node = found.cluster.holder if found.role == "vip" else found.role
        if node.up and not down:
            found.open()
        else:
            found.close()
            if not node.up:
                found.end_connections()

    def refresh_later(self, found):
        """The same, after the answer under way has been sent."""
        asyncio.get_running_loop().call_later(0.02, self.refresh, found)

    def add_node(self, cluster, node):
        self._add(cluster, node, node.address)

    def remove_node(self, cluster, node):
        self._listeners.pop((cluster.index, node.uuid)).abandon()

    def move_vip(self, cluster, address):
        """Serve the VIP at another address, or nowhere (None)."""
        old = self._listeners.pop((cluster.index, "vip"), None)
        cluster.vip = address
        if address:
            self._add(cluster, "vip", address)
        if old:
            old.close()
            asyncio.get_running_loop().call_later(0.05, old.abandon)

    def start_ssh(self, control):
        """The managers' command line over SSH; control is the URL that its shell asks."""
        where = urlsplit(control)
        self._ssh = Ssh(self, (where.hostname, where.port))
        self._ssh.start()

    def sync_ssh(self):
        """Managers may have come, gone, or changed their state."""
        if self._ssh:
            self._ssh.sync()

    # -- what listeners ask ---------------------------------------------------

    def admit(self, found, connection):
        return self.faults.at_connection(found, connection)

    def context(self, found, fault=None):
        cluster = found.cluster
        entry = cluster.served_at(found.role)
        newest = self.switches.tls
        if newest == "profile":
            newest = "1.3" if cluster.profile.has("tls13") else "1.2"
        shape = {"newest": newest, "old_tls": not cluster.profile.has("no-old-tls"),
                 "client_pem": cluster.access.client_pem()}
        pem, key = entry.pem, entry.key
        if fault:
            pem, key = fault.certificate(cluster, found, entry) or (pem, key)
            if fault.kind.tickets:
                return self.contexts.resumable(found.address, pem, key, newest)
            shape.update(fault.tls)
        return self.contexts.get(pem, key, **shape)

    async def respond(self, found, connection, request):
        """One request: log, fault, work, answer."""
        entry = self.log.request(found.cluster, found, connection, request)
        fault = self.faults.at_request(found, request)
        entry["fault"] = fault and fault.name
        response = None
        if found.window in ("502", "503"):
            response = html_response(int(found.window), f"{found.window} Bad Gateway"
                                     if found.window == "502" else "503 Service Unavailable")
        if response is None and fault:
            response = await fault.instead(request, found)
        if response is None:
            call = self._call(found, request, fault)
            response = self._work(call, connection, entry)
            self._decorate(response, found.cluster)
            try:
                if fault:
                    response = await fault.after(response, found)
            finally:
                if call.counted:
                    self.throttle.leave(call.counted)
        if response is not None:
            entry["status"] = response.status or None
            if self.faults.arm(found, request):
                response.close = True
        self.log.finish(entry, found)
        return response

    def _call(self, found, request, fault):
        node = found.cluster.holder if found.role == "vip" else found.role
        return Call(self, found.cluster, found, node, request, fault=fault)

    def _work(self, call, connection, entry):
        request = call.request
        try:
            if request.path == session.CREATE and request.method == "POST":
                return session.create(call, connection)
            call.user = call.cluster.access.authenticate(request, call.listener, connection)
            entry["user"] = call.user.name
            self.throttle.check(call)
            call.counted = self.throttle.enter(call)
            route = dispatch(call, TABLE)
            if "target" in call.parts:
                call.node = target(call)
            answer = route.handler(call)
            entry["done"] = answer.status < 400 or answer.status == 504
            return answer
        except ApiError as error:
            return error.response(self.switches.error_members)
        except UnknownPath as unknown:
            return unknown.response(call)

    def _decorate(self, response, cluster):
        """Headers that every answer of a manager has."""
        if self.switches.content_type == "charset":
            for name, value in response.headers:
                if (name, value) == ("Content-Type", "application/json"):
                    response.set_header("Content-Type", "application/json;charset=UTF-8")
        response.set_header("Date", email.utils.formatdate(cluster.clock.now(), usegmt=True))
        response.set_header("Cache-Control", "no-cache, no-store")

    # -- control --------------------------------------------------------------

    def reset(self):
        """Back to the start state; open connections and running work end."""
        for found in self.all_listeners():
            found.abandon()
        for cluster in self.clusters:
            for replacement in list(cluster.running):
                replacement.cancel()
            if cluster.batch:
                cluster.batch.cancel()
        self.switches.reset()
        self.faults.clear()
        self.throttle.clear()
        self.log.clear()
        self.contexts.clear()
        self._listeners.clear()
        self._extra.clear()
        for cluster in self.clusters:
            cluster.reset()
        self._open_all()

    def stop(self):
        if self._ssh:
            self._ssh.stop()
        self._close_all()
        self.folder.cleanup()

    def describe(self):
        """The line that says where everything is."""
        return {
            "clusters": [{"name": cluster.name, "vip": cluster.vip, "cluster_id": cluster.id,
                          "nodes": [{"address": node.address, "uuid": node.uuid,
                                     "fqdn": node.fqdn} for node in cluster.nodes]}
                         for cluster in self.clusters],
            "port": self.port, "username": "admin", "auditor_username": "audit",
            **self.credentials, "factory_pem": self.factory_path,
            "version": self.options.nsx_version,
            "node_version": self.clusters[0].profile.node_version,
            **({"ssh": self._ssh.describe()} if self._ssh else {}),
        }


def target(call):
    """The node of cluster/NODE-ID/…; raises ApiError 404."""
    for node in call.cluster.nodes:
        if node.uuid == call.parts["target"] and node.up:
            return node
    raise ApiError(404, f"The node {call.parts['target']} does not exist.",
                   int(call.switches.not_found_code))


def make_credentials(seed):
    rng = random.Random(f"{seed}-credentials")
    words = {"password": "VMware-", "auditor_password": "Audit-", "token": "eyJ"}
    return {name: f"{start}{rng.getrandbits(96):024x}" for name, start in words.items()}


