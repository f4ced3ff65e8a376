# SPDX-License-Identifier: Apache-2.0
"""The NSX versions that can be played: which calls each opens, builds, TLS.

The table CALLS mirrors the version map of the API notes: the first version
that has a call, the last one (None: still there) and the version from which
the vendor marks it deprecated.  Cells that nobody has established are opened
by a switch instead (see switches.py).
"""
from dataclasses import dataclass

VERSIONS = ("2.4", "2.5", "3.0", "3.1", "3.2", "4.0", "4.1", "4.2", "4.2.1", "9.0")

#: version: (node_version, product_version).  The same release, but the builds
#: differ, as on a real manager.  Build numbers other than 2.4's and 4.1's are
#: assumed.
BUILDS = {
    "2.4": ("2.4.0.0.0.12456646", "2.4.0.0.0.12456291"),
    "2.5": ("2.5.0.0.0.14663979", "2.5.0.0.0.14663974"),
    "3.0": ("3.0.0.0.0.15946740", "3.0.0.0.0.15946738"),
    "3.1": ("3.1.3.0.0.18329010", "3.1.3.0.0.18329005"),
    "3.2": ("3.2.1.0.0.19801965", "3.2.1.0.0.19801959"),
    "4.0": ("4.0.1.1.0.20598730", "4.0.1.1.0.20598726"),
    "4.1": ("4.1.0.2.0.21761695", "4.1.0.2.0.21761691"),
    "4.2": ("4.2.0.0.0.24105824", "4.2.0.0.0.24105817"),
    "4.2.1": ("4.2.1.0.0.24304127", "4.2.1.0.0.24304122"),
    "9.0": ("9.0.0.0.0.24733065", "9.0.0.0.0.24733063"),
}


@dataclass(frozen=True)
class Span:
    """The versions that have a call or a member."""

    first: str
    last: str | None = None
    deprecated: str | None = None


#: Calls and members by name; routes and rules ask Profile.has(name).
CALLS = {
    "node": Span("2.4"),
    "cluster": Span("2.4"),
    "session": Span("2.4"),
    "health": Span("2.4"),
    "cluster-manager-status": Span("2.5", "3.1"),
    "node-http": Span("2.4"),
    "node-http-apply": Span("2.4", deprecated="4.1"),
    "api-certificate": Span("2.4"),
    "set-cluster-certificate": Span("2.4", deprecated="4.0"),
    "clear-cluster-certificate": Span("2.4", deprecated="3.0"),
    "trust": Span("2.4"),
    "validate": Span("3.0"),
    "validate-usage": Span("3.2"),
    "apply-certificate": Span("3.2"),
    "certificate-profiles": Span("3.2"),
    "certificate-class": Span("4.2"),
    "requires-private-key": Span("4.1"),
    "batch-replace": Span("4.2"),
    "batch-force": Span("9.0"),
    "renew-appliance": Span("4.2.1"),
    "csrs": Span("2.4"),
    "csrs-self-sign-new": Span("3.2"),
    "csrs-extended": Span("3.1"),
    "virtual-ip": Span("2.4"),
    "virtual-ip6": Span("4.0"),
    "api-service": Span("2.5"),
    "filter-api-certificate": Span("4.1"),
    "fmt": Span("9.0"),
    "key-and-purpose": Span("3.2"),
    "security-global-config": Span("3.0"),
    "policy-security-config": Span("3.1"),
    "api-listen-addr": Span("3.2"),
    "detailed-cluster-status": Span("2.5"),
    "one-replacement": Span("3.1"),
    "basic-constraints": Span("3.1"),
    "chain-at-import": Span("4.1"),
    "key-block-first": Span("4.1"),
    "strong-signatures": Span("4.2"),
    "endpoint-names": Span("4.2"),
    "shared-factory-certificate": Span("4.2"),
    "auto-renewal": Span("4.2.1"),
    "stale-entries": Span("3.0", "4.1"),
    "ku-check-ec": Span("4.1", "4.1"),
    "bearer": Span("3.0"),
    "no-old-tls": Span("4.2"),
    "tls13": Span("4.0"),
}

#: service types by the first version that lists them.
SERVICE_TYPES = {
    "2.4": ("MGMT_CLUSTER", "MGMT_PLANE", "API", "NOTIFICATION_COLLECTOR",
            "SYSLOG_SERVER", "RSYSLOG_CLIENT"),
    "3.2": ("APH", "GLOBAL_MANAGER", "LOCAL_MANAGER", "CLIENT_AUTH", "RMQ",
            "K8S_MSG_CLIENT"),
    "4.1": ("APH_TN", "WEB_PROXY", "CBM_CLUSTER_MANAGER", "COMPUTE_MANAGER",
            "CCP", "ANALYTICS"),
}


def order(version):
    return VERSIONS.index(version)


@dataclass(frozen=True)
class Profile:
    """One NSX version as the routes and the rules see it."""

    version: str

    def at_least(self, version):
        return order(self.version) >= order(version)

    def has(self, name):
        span = CALLS[name]
        last = order(span.last) if span.last else len(VERSIONS)
        return order(span.first) <= order(self.version) <= last

    def deprecated(self, name):
        since = CALLS[name].deprecated
        return since is not None and self.at_least(since)

    @property
    def node_version(self):
        return BUILDS[self.version][0]

    @property
    def product_version(self):
        return BUILDS[self.version][1]

    @property
    def service_types(self):
        return [name for first, names in SERVICE_TYPES.items()
                if self.at_least(first) for name in names]
