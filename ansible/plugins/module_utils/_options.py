# Copyright (c) The nsxcert project
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The options of all modules as tables: each names the member of nsxcert's request that it stands for.

From one table come the argument spec, which options exclude each other, and the request.
"""

from __future__ import annotations

import collections
import re

Option = collections.namedtuple("Option", "name member form spec")
"""member: the path in the request, or None for what is the module's own. form: how the value gets there, see FORMS."""

TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d))?(?:Z|[+]00:00)?")


def utc(value):
    """A point in time as the request has it. YAML makes an object of one without quotes, Ansible a text of its own of that."""
    parts = TIME.fullmatch(value)
    return "%sT%sZ" % (parts.group(1), parts.group(2) or "00:00:00") if parts else value


FORMS = {
    "value": lambda value: value,
    "time": utc,
    "file": lambda value: {"file": value},
    "env": lambda value: {"env": value},
    "certificate_id": lambda value: {"certificate_id": value},
    "fingerprint_sha256": lambda value: {"fingerprint_sha256": value},
    "endpoint": lambda value: {"endpoint": value},
    "files": lambda value: [{"file": path} for path in value],
    "texts": lambda value: [value],
    # validate_certs: only "no" is sent, since the member excludes every other way to trust.
    "denied": lambda value: None if value else True,
}
LISTS = ("files", "texts")
# Where a text of the program speaks of a member, these options are meant: of an object those that matter most.
IN_WORDS = {
    "manager.auth": "`username`, `token` or `client_certificate_path`",
    "manager.tls": "`ca_path` or `pin_sha256`",
    "manager.tls.insecure": "`validate_certs: false`",
    "manager.proxy": "`proxy_url`",
    "ca": "`ca_path`",
}


def option(name, member, form="value", **spec):
    spec.setdefault("type", "str")
    return Option(name, member, form, spec)


def source(name, member, path_aliases=(), content_aliases=()):
    """A certificate or other text that is no secret: from a file or as it is."""
    return [
        option(name + "_path", member, "file", type="path", aliases=list(path_aliases)),
        option(name + "_content", member, aliases=list(content_aliases)),
    ]


def reference(prefix, member, path_aliases=()):
    """Which certificate: from a file, as text, by what the manager knows of it, or what an endpoint serves."""
    base = "" if prefix == "certificate" else prefix + "_"
    return source(prefix, member, path_aliases) + [
        option(base + "certificate_id", member, "certificate_id"),
        option(base + "fingerprint_sha256", member, "fingerprint_sha256"),
        option(base + "endpoint", member, "endpoint", type="raw"),
    ]


def secret(name, member, literal=None, aliases=(), path_aliases=()):
    """A secret: literal, in a file, or in an environment variable of the machine that runs nsxcert."""
    return [
        option(literal or name, member, no_log=True, aliases=list(aliases)),
        option(name + "_path", member, "file", type="path", no_log=False, aliases=list(path_aliases)),
        option(name + "_env", member, "env", no_log=False),
    ]


RUN = [
    option("executable", None, type="path", fallback_env=["NSXCERT"]),
    option("request_id", "request_id"),
    option("deadline_seconds", "deadline_seconds", type="int"),
]

MANAGER = (
    [
        option("hostname", "manager.address", aliases=["host"], fallback_env=["NSXT_MANAGER_HOST"]),
        option("server_name", "manager.server_name"),
        option("nodes", "manager.nodes", type="list", elements="raw"),
        option("username", "manager.auth.username", aliases=["user"]),
        option("auth_scheme", "manager.auth.scheme", choices=["basic", "session", "remote"]),
    ]
    + secret("password", "manager.auth.password", aliases=["pass"])
    + secret("token", "manager.auth.token")
    + source("client_certificate", "manager.auth.client_certificate", path_aliases=["nsx_cert_path"])
    + secret("client_key", "manager.auth.client_key", literal="client_key_content", path_aliases=["nsx_key_path"])
    + [
        option("validate_certs", "manager.tls.insecure", "denied", type="bool", default=True),
        option("ca_path", "manager.tls.ca", "files", type="list", elements="path"),
        option("ca_content", "manager.tls.ca", "texts"),
        option("pin_sha256", "manager.tls.pin_sha256", type="list", elements="str"),
        option("use_system_ca", "manager.tls.system", type="bool"),
        option("proxy_url", "manager.proxy.url"),
        option("proxy_username", "manager.proxy.username"),
    ]
    + secret("proxy_password", "manager.proxy.password")
    + [
        option("connect_timeout_seconds", "manager.connect_timeout_seconds", type="int", default=10),
        option("request_timeout_seconds", "manager.request_timeout_seconds", type="int", default=60),
    ]
)

COMMON = RUN + MANAGER


def exclusive(options):
    """The options that stand for one member: at most one of them may be given."""
    names = collections.OrderedDict()
    for entry in options:
        if entry.member and entry.form not in LISTS:
            names.setdefault(entry.member, []).append(entry.name)
    return [group for group in names.values() if len(group) > 1]


def tidied(value):
    """VALUE without what was left out in it, and without the blanks that "a, b" leaves around the items of a list."""
    if isinstance(value, dict):
        return {key: tidied(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [item.strip() if isinstance(item, str) else tidied(item) for item in value]
    return value


def put(request, member, value):
    """Sets MEMBER (a path with dots) of REQUEST; lists that come from several options are joined."""
    *folders, name = member.split(".")
    for folder in folders:
        request = request.setdefault(folder, {})
    if isinstance(value, list) and isinstance(request.get(name), list):
        value = request[name] + value
    request[name] = value


def request_from(options, params, base):
    """The request that PARAMS (by option name; None or an empty list: not given) ask for, put into BASE."""
    for entry in options:
        value = params.get(entry.name)
        if entry.member is None or value is None or value == []:
            continue
        value = FORMS[entry.form](tidied(value))
        if value is not None:
            put(base, entry.member, value)
    return base


def words(options):
    """{member: the options that stand for it, in words}. Beneath manager and parameters a member has a short name too."""
    names = {}
    for entry in options:
        if entry.member:
            names.setdefault(entry.member, []).append("`%s`" % entry.name)
    table = {member: " or ".join(given) for member, given in names.items()}
    if any(member.startswith("manager.") for member in table):
        table.update(IN_WORDS)
    own = {entry.name for entry in options}
    short = {member.split(".", 1)[-1]: text for member, text in table.items() if member.startswith(("manager.", "parameters."))}
    return {**{member: text for member, text in short.items() if member not in own}, **table}


def in_options(text, options):
    """TEXT of the program with the options' names in place of the members that they stand for."""
    table = words(options)
    return re.sub(r"`([a-z0-9_.]+)`", lambda match: table.get(match.group(1), match.group(0)), text)
