# SPDX-License-Identifier: Apache-2.0
"""The trust store that the managers of one cluster share."""
from . import certs


class Entry:
    """One certificate of the store.  `key` never leaves this process."""

    def __init__(self, ident, pem, key=None, name=None, now=0.0, user="admin", **extra):
        self.id = ident
        self.pem = pem
        self.key = key
        self.name = name or ident
        self.created = int(now * 1000)
        self.user = user
        self.description = extra.get("description")
        self.tags = extra.get("tags")
        self.purpose = extra.get("purpose")
        self.stale = False
        self._chain = extra.get("chain")

    @property
    def chain(self):
        """Parsed when first needed: a store may hold ten thousand."""
        if self._chain is None:
            self._chain = certs.load_chain(self.pem)
        return self._chain

    @property
    def leaf(self):
        return self.chain[0]

    @property
    def resource_type(self):
        if certs.is_ca(self.leaf) and self.key is None:
            return "certificate_ca"
        if certs.is_self_signed(self.leaf):
            return "certificate_self_signed"
        return "certificate_signed"

    def to_json(self, cluster, details=False, standard=False):
        body = {
            "id": self.id, "display_name": self.name, "resource_type": self.resource_type,
            "pem_encoded": certs.clean_pem(self.chain) if standard else self.pem,
            "used_by": cluster.used_by(self.id),
            "_create_time": self.created, "_create_user": self.user,
            "_last_modified_time": self.created, "_last_modified_user": self.user,
            "_system_owned": False, "_protection": "NOT_PROTECTED", "_revision": 0,
        }
        if cluster.profile.has("key-and-purpose"):
            body["has_private_key"] = self.key is not None
            if self.purpose:
                body["purpose"] = self.purpose
        for member in ("description", "tags"):
            if getattr(self, member) is not None:
                body[member] = getattr(self, member)
        if details:
            now = cluster.clock.now()
            body["details"] = [certs.describe(cert, now) for cert in self.chain]
        return body


class Store:
    """Entries in the order of their creation; generation counts changes."""

    def __init__(self, entries=()):
        self._entries = {entry.id: entry for entry in entries}
        self.generation = 0

    def __len__(self):
        return len(self._entries)

    def __iter__(self):
        return iter(list(self._entries.values()))

    def get(self, ident):
        return self._entries.get(ident)

    def add(self, entry):
        self._entries[entry.id] = entry
        self.generation += 1
        return entry

    def remove(self, ident):
        del self._entries[ident]
        self.generation += 1
