# SPDX-License-Identifier: Apache-2.0
"""The log of requests, without secrets: they are replaced by their SHA-256."""
import hashlib
import json
import sys
import time
from urllib.parse import parse_qsl

SECRETS = {"private_key", "passphrase", "password", "j_password", "token", "key",
           "client_secret", "api_key"}
KEPT = 100000


def digest(value):
    raw = value if isinstance(value, bytes) else str(value).encode()
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def redact(value, name=""):
    """A copy of a JSON value with every secret replaced by its digest."""
    if isinstance(value, dict):
        return {key: redact(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [redact(inner, name) for inner in value]
    if name.lower() in SECRETS and value is not None:
        return digest(value if isinstance(value, str) else json.dumps(value))
    if isinstance(value, str) and "PRIVATE KEY" in value:
        return digest(value)
    return value


def readable_body(request):
    """The body of a request as the log shows it."""
    if not request.body:
        return None
    try:
        return redact(json.loads(request.body))
    except (ValueError, RecursionError):
        pass
    if request.header("content-type").startswith("application/x-www-form-urlencoded"):
        return redact(dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True)))
    return {"sha256": hashlib.sha256(request.body).hexdigest(), "bytes": len(request.body)}


def is_write(request):
    return (request.method not in ("GET", "HEAD", "OPTIONS")
            and not request.path.startswith("/api/session/"))


class Log:
    def __init__(self, quiet=False):
        self._quiet = quiet
        self.entries = []

    def clear(self):
        self.entries.clear()

    def request(self, cluster, listener, connection, request):
        """Begin an entry; its status and fault are filled in by the caller."""
        node = "vip" if listener.role == "vip" else listener.role.uuid
        entry = {
            "number": len(self.entries) + 1, "time": round(time.time(), 6),
            "cluster": cluster.name, "manager": listener.address, "role": node,
            "connection": connection.number, "source": connection.source,
            "method": request.method, "path": request.path,
            "query": redact(request.query), "action": request.action or None,
            "authorization": request.header("authorization").partition(" ")[0] or None,
            "content_type": request.header("content-type") or None,
            "user_agent": request.header("user-agent") or None,
            "write": is_write(request), "body": readable_body(request),
            "user": None, "status": None, "done": False, "fault": None,
        }
        if len(self.entries) < KEPT:
            self.entries.append(entry)
        return entry

    def finish(self, entry, listener):
        """One readable line; the query of this API carries no secrets."""
        fault = f"  fault {entry['fault']}" if entry["fault"] else ""
        query = "&".join(f"{name}={value}" for name, value in entry["query"].items())
        self.say(f"{listener.address} #{entry['connection']} {entry['method']} {entry['path']}"
                 f"{'?' + query if query else ''} -> {entry['status'] or 'no answer'}{fault}")

    def say(self, text):
        if not self._quiet:
            now = time.time()
            stamp = time.strftime("%H:%M:%S", time.localtime(now)) + f".{int(now * 1000) % 1000:03}"
            print(f"{stamp} {text}", file=sys.stderr, flush=True)

    def select(self, writes=False):
        return [entry for entry in self.entries if entry["write"] or not writes]
