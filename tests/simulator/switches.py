# SPDX-License-Identifier: Apache-2.0
"""The switches: behaviours that are not established, each under a name.

A default here is this simulator's choice, never a statement about NSX: a test
that leans on one should set it by name.
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class Switch:
    name: str
    default: str | int
    choices: tuple = ()
    text: str = ""


TABLE = (
    # answers
    Switch("import_status", "201", ("201", "200"), "status of a successful import"),
    Switch("apply_status", "200", ("200", "202", "504"),
           "answer of certificates/ID?action=apply_certificate; 504 still does the work"),
    Switch("node_apply_status", "202", ("202", "200", "504"),
           "answer of node/services/http?action=apply_certificate"),
    Switch("node_apply_body", "id", ("id", "empty"), "body of that answer"),
    Switch("error_members", "all", ("all", "message-only", "no-status"),
           "which members an error body has"),
    Switch("unknown_path", "json", ("json", "html"), "body of the 404 for an unknown path"),
    Switch("unknown_action", "404", ("404", "400", "405"),
           "answer to an unknown action or method of a known path"),
    Switch("not_found_code", "202", ("202", "600"), "error_code of a missing object"),
    Switch("content_type", "charset", ("charset", "plain"),
           "application/json;charset=UTF-8 or application/json"),
    Switch("strict", "off", ("off", "on"),
           "refuse unknown query parameters and calls that this version deprecates"),
    # calls whose presence is not established
    Switch("apply_in_3_1", "off", ("off", "on"),
           "3.1 has apply_certificate and certificate-profiles"),
    Switch("api_service_in_2_4", "off", ("off", "on"), "2.4 has cluster/api-service"),
    Switch("cluster_manager_status", "profile", ("profile", "on", "off"),
           "cluster-manager/status exists (profile: 2.5 to 3.1)"),
    Switch("detailed_cluster_status_in_2_4", "on", ("on", "off"),
           "2.4 answers detailed_cluster_status"),
    # certificates
    Switch("duplicates", "accept", ("accept", "refuse-pem", "refuse-name"),
           "second import of one certificate or of one display_name"),
    Switch("expired_import", "accept", ("accept", "refuse"),
           "import of a certificate outside its validity"),
    Switch("ec_import", "accept", ("accept", "refuse"), "import of EC certificates before 3.2"),
    Switch("missing_basic_constraints", "profile",
           ("profile", "import", "validate", "accept"),
           "where a leaf without CA:FALSE is refused (profile: import from 3.1)"),
    Switch("chain_check", "profile", ("profile", "import", "register"),
           "where an incomplete chain is refused (profile: import from 4.1, else register)"),
    Switch("validate_result", "checked", ("checked", "error"),
           "validate checks, or always answers ERROR"),
    Switch("eku_absent", "ok", ("ok", "rejected"), "validate of a leaf without extendedKeyUsage"),
    Switch("ku_check_ec", "profile", ("profile", "on", "off"),
           "validate wants keyEncipherment of EC certificates too (profile: 4.1)"),
    Switch("crl_checking", "off", ("off", "on"), "crl_checking_enabled (from 3.0)"),
    Switch("crl_ready_after", 2, (), "validate calls that answer CRL_NOT_READY first"),
    Switch("eku_checking", "on", ("on", "off"), "eku_checking_enabled"),
    Switch("ca_signed_only", "off", ("off", "on"), "only CA-signed certificates may be applied"),
    Switch("auto_renewal", "on", ("on", "off"),
           "automatic_appliance_certificate_renewal_enabled (from 4.2.1)"),
    Switch("renewal_words", "renewal", ("renewal", "replacement"),
           "the member's word: …_certificate_renewal_… or …_replacement_…"),
    # putting a certificate to use
    Switch("api_certificate_unset", "null", ("null", "absent", "factory"),
           "GET cluster/api-certificate before anybody set one"),
    Switch("set_cluster_changes_nodes", "off", ("off", "on"),
           "2.4 and 2.5: set_cluster_certificate changes node addresses too"),
    Switch("second_replacement", "409", ("409", "400"),
           "answer to a second replacement while one runs (from 3.1)"),
    Switch("mgmt_cluster_used_by", "holder", ("holder", "cluster", "every-node"),
           "node_id in used_by of the VIP's certificate"),
    Switch("restart_window", "refused", ("refused", "reset", "502", "503"),
           "what a restarting service does to new connections"),
    Switch("restart_scope", "service", ("service", "manager"),
           "manager: the VIP restarts with its holder's API service"),
    Switch("restart_delay_ms", -1, (), "time from the answer to the restart (-1: by pace)"),
    Switch("restart_window_ms", -1, (), "length of the restart (-1: by pace)"),
    Switch("kept_alive", "close", ("close", "reset", "keep"),
           "what happens to open connections when a service restarts"),
    Switch("settle", "normal", ("normal", "never", "third", "flap", "vip-first"),
           "how a replacement ends on the wire"),
    Switch("batch_item", "ok", ("ok", "first-fails"), "one item of batch-replace fails"),
    Switch("cli_heading", "none", ("none", "date"),
           "a line above what a manager's command line prints"),
    # access
    Switch("basic_authentication", "on", ("on", "off"), "basic_authentication_enabled"),
    Switch("cookie_authentication", "on", ("on", "off"), "cookie_based_authentication_enabled"),
    Switch("refused_status", "403", ("403", "401"), "status of refused credentials"),
    Switch("sessions", "listener", ("listener", "manager"),
           "manager: the VIP and its holder share sessions"),
    Switch("lockout", "on", ("on", "off"), "lock an account after failed logins"),
    Switch("lockout_attempts", 5, (), "failures that lock an account"),
    Switch("lockout_seconds", 900, (), "period of the failures, and of the lock"),
    Switch("lockout_scope", "cluster", ("cluster", "manager"), "where failures are counted"),
    Switch("locked_try", "any", ("any", "wrong"),
           "which tries while locked start the period anew"),
    # limits and paging
    Switch("throttle", "on", ("on", "off"), "request limits of cluster/api-service are enforced"),
    Switch("throttle_concurrency", "503", ("503", "429"), "status over the concurrency limit"),
    Switch("retry_after", "none", ("none", "seconds", "date"), "Retry-After of those answers"),
    Switch("stale_revision", "412", ("412", "409"), "a PUT with a stale or no _revision"),
    Switch("page_cap", 1000, (), "most entries a page has, whatever was asked"),
    Switch("cursor_end", "absent", ("absent", "zeros", "empty"), "cursor of the last page"),
    Switch("stale_cursor", "off", ("off", "on"), "a cursor is refused once the list changed"),
    Switch("short_pages", "off", ("off", "on"), "every second page is empty but has a cursor"),
    # cluster
    Switch("node_fqdn", "on", ("on", "off"), "off: nodes report an empty fqdn"),
    Switch("vip_unset", "zeros", ("zeros", "null"), "ip_address while no VIP is set"),
    Switch("vip_refused_status", "400", ("400", "409"), "VIP address in use or without DNS"),
    Switch("tls", "profile", ("profile", "1.2", "1.3"), "newest TLS version served"),
)
BY_NAME = {switch.name: switch for switch in TABLE}


class Switches:
    """The present positions; attribute access reads one."""

    def __init__(self, start=()):
        self._start = dict(start)
        self._now = {}
        self.reset()

    def reset(self):
        self._now = {switch.name: switch.default for switch in TABLE}
        self.update(self._start)

    def update(self, wanted):
        """Set several; raises ValueError and changes nothing if one is wrong."""
        self._now.update({name: parse_position(name, value) for name, value in wanted.items()})

    def __getattr__(self, name):
        try:
            return self._now[name]
        except KeyError:
            raise AttributeError(name) from None

    def positions(self):
        return dict(self._now)


def parse_position(name, value):
    """The position that a user's word or JSON value means."""
    switch = BY_NAME.get(name)
    if switch is None:
        raise ValueError(f"unknown switch {name!r}; GET /switches lists them")
    if isinstance(value, bool):
        value = "on" if value else "off"
    if not switch.choices:
        try:
            return int(value)
        except (TypeError, ValueError):
            raise ValueError(f"switch {name}: {value!r} is not a whole number") from None
    if str(value) not in switch.choices:
        raise ValueError(f"switch {name}: {value!r} is none of {', '.join(switch.choices)}")
    return str(value)


def describe():
    return [{"name": s.name, "default": s.default, "choices": list(s.choices) or "whole number",
             "text": s.text} for s in TABLE]
