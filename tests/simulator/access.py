# SPDX-License-Identifier: Apache-2.0
"""Who may do what: logins, lock-out, sessions, roles."""
import base64
import binascii
import hashlib
from dataclasses import dataclass, field

from .messages import ApiError, refused_credentials

#: What each role may write; everybody may read.
ROLES = {
    "enterprise_admin": {"trust", "system", "cluster"},
    "auditor": set(),
    "certificate_admin": {"trust"},  # may import, but not register
}


@dataclass
class User:
    name: str
    password: str
    role: str
    kind: str = "local"  # or remote: user@domain

    @property
    def writes(self):
        return ROLES[self.role]


@dataclass
class Session:
    user: User
    token: str
    used: float


@dataclass
class Attempts:
    failures: list = field(default_factory=list)
    locked_until: float = 0.0


class Access:
    """The accounts and sessions of one cluster."""

    def __init__(self, cluster):
        self.cluster = cluster
        options = cluster.sim.credentials
        self.users = {
            user.name: user for user in (
                User("admin", options["password"], "enterprise_admin"),
                User("audit", options["auditor_password"], "auditor"),
                User("certadmin", options["password"], "certificate_admin"),
                User("ops@corp.sim.test", options["password"], "enterprise_admin", "remote"))}
        self.tokens = {options["token"]: self.users["admin"]}
        self.identities = []  # (DER, User or None)
        self.attempts = {}
        self.sessions = {}

    @property
    def _switches(self):
        return self.cluster.sim.switches

    def allows(self, way):
        """Whether "basic" or "cookie" is switched on, by a switch or by api-service."""
        member = {"basic": "basic_authentication_enabled",
                  "cookie": "cookie_based_authentication_enabled"}[way]
        position = getattr(self._switches, f"{way}_authentication")
        return self.cluster.api_service.get(member, position == "on")

    def authenticate(self, request, listener, connection):
        """The user behind a request; raises ApiError."""
        kind, _, rest = request.header("authorization").partition(" ")
        kind = kind.lower()
        if kind in ("basic", "remote"):
            return self._by_password(kind, rest, listener, connection)
        if kind == "bearer":
            user = self.tokens.get(rest.strip())
            if user and self.cluster.profile.has("bearer"):
                return user
            raise refused_credentials(int(self._switches.refused_status))
        if connection.client_der and not request.header("cookie"):
            return self._by_certificate(connection.client_der)
        return self._by_session(request, listener)

    def _by_password(self, kind, rest, listener, connection):
        refused = refused_credentials(int(self._switches.refused_status))
        if kind == "basic" and not self.allows("basic"):
            raise refused
        try:
            name, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise refused from None
        user = self.login(name, password, listener, connection.source)
        if user is None or (kind == "remote" and user.kind != "remote"):
            raise refused
        return user

    def login(self, name, password, listener, source):
        """The user, or None for a wrong password and for a locked account alike."""
        user = self.users.get(name)
        right = user is not None and user.password == password
        immune = source in self.cluster.api_service.get("lockout_immune_addresses", ())
        if immune or self._switches.lockout == "off" or self._switches.lockout_attempts <= 0:
            return user if right else None
        scope = listener.address if self._switches.lockout_scope == "manager" else ""
        attempts = self.attempts.setdefault((name, source, scope), Attempts())
        now = self.cluster.clock.now()
        period = self._switches.lockout_seconds
        if now < attempts.locked_until:
            if not right or self._switches.locked_try == "any":
                attempts.locked_until = now + period
            return None
        if right:
            attempts.failures.clear()
            return user
        attempts.failures = [at for at in attempts.failures if at > now - period] + [now]
        if len(attempts.failures) >= self._switches.lockout_attempts:
            attempts.locked_until = now + period
            attempts.failures.clear()
        return None

    def _by_certificate(self, der):
        for known, user in self.identities:
            if known == der and user:
                return user
        raise ApiError(500, "The client certificate is not trusted.", 99, "common-services")

    def client_pem(self):
        return "".join(_pem(der) for der, _ in self.identities)

    # -- sessions -----------------------------------------------------------

    def _place(self, listener):
        """Sessions live in one reverse proxy's memory."""
        if self._switches.sessions == "manager" and listener.role == "vip":
            return self.cluster.holder.address
        return listener.address

    def open_session(self, user, listener):
        seed = self.cluster.rng.getrandbits(128)
        ident = hashlib.sha256(f"{seed}".encode()).hexdigest()[:32].upper()
        session = Session(user, self.cluster.new_id(), self.cluster.clock.now())
        self.sessions[(self._place(listener), ident)] = session
        return ident, session.token

    def _find_session(self, request, listener):
        ident = cookies(request.header("cookie")).get("JSESSIONID")
        return (self._place(listener), ident)

    def close_session(self, request, listener):
        self.sessions.pop(self._find_session(request, listener), None)

    def _by_session(self, request, listener):
        where = self._find_session(request, listener)
        session = self.sessions.get(where)
        now = self.cluster.clock.now()
        if session and now - session.used > self._session_timeout():
            session = self.sessions.pop(where) and None
        if session is None or not self.allows("cookie"):
            raise refused_credentials(int(self._switches.refused_status))
        if request.header("x-xsrf-token") != session.token:
            raise ApiError(403, "The XSRF token is missing or wrong.", 98, "common-services",
                           bare=True)
        session.used = now
        return session.user

    def _session_timeout(self):
        return self.cluster.api_service.get("session_timeout", 1800)

    def drop_sessions(self, address=None):
        """Forget the sessions of a manager's address, or all."""
        for place, ident in list(self.sessions):
            if address is None or place == address:
                del self.sessions[(place, ident)]


def cookies(text):
    """A Cookie header as a dict; a trailing semicolon is harmless."""
    pairs = (part.strip().partition("=") for part in text.split(";") if part.strip())
    return {name: value for name, _, value in pairs}


def _pem(der):
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"
