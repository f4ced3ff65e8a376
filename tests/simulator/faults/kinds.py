# SPDX-License-Identifier: Apache-2.0
"""The kinds of fault, by name.  GET /faults/names prints this table."""
from dataclasses import dataclass, field

from . import answers, below, wire
from .answers import error, redirect

LIST = {"method": "GET", "path": "/api/v1/trust-management/certificates"}
READ = {"method": "GET", "path": "/api/v1/trust-management/certificates*"}
APPLY = {"method": "POST", "action": "set_cluster_certificate|apply_certificate"}


@dataclass(frozen=True)
class Kind:
    name: str
    level: str  # connection, request (no work), answer (after the work), state
    text: str
    params: dict = field(default_factory=dict)
    where: dict = field(default_factory=dict)  # its own defaults
    before_tls: object = None
    after_tls: object = None
    certificate: object = None
    tls: dict = field(default_factory=dict)
    tickets: bool = False
    instead: object = None
    after: object = None
    shape: object = None
    visible: bool = False
    refuses: bool = False
    timed: bool = False  # `ms` is how long it lasts, from its first strike

    def describe(self):
        return {"name": self.name, "level": self.level, "text": self.text,
                "parameters": self.params, "where": self.where}


def connection(name, text, **more):
    return Kind(name, "connection", text, **more)


def certificate(name, text, make, **more):
    return Kind(name, "connection", text, certificate=make, **more)


def request(name, text, instead, **more):
    return Kind(name, "request", text, instead=instead, **more)


def answer(name, text, after, **more):
    return Kind(name, "answer", text, after=after, **more)


def shaped(name, text, variant):
    def shape(_fault, replacement):
        replacement.variant = variant
    return Kind(name, "state", text, where=APPLY, shape=shape)


def status(number, **more):
    return request(f"status_{number}", f"answers {number}, nothing done", error(number),
                   params={"error_code": 0, "error_message": "", "retry_after": "", **more})


def never_ends(fault, replacement):
    replacement.held_by = fault


TABLE = (
    connection("refuse", "connections are refused for ms (0: until the fault is removed)",
               refuses=True, params={"ms": 300}),
    connection("reset_accept", "reset as soon as it is accepted", before_tls=below.reset_accept),
    connection("accept_hang", "accepted, then silence", before_tls=below.hang),
    connection("handshake_reset", "reset after the ClientHello", before_tls=below.handshake_reset),
    connection("handshake_close", "closed after the ClientHello",
               before_tls=below.handshake_close),
    connection("tls_alert", "a fatal TLS alert answers the ClientHello",
               before_tls=below.alert, params={"alert": 40}),
    connection("tls_not_spoken", "plain text answers the ClientHello", before_tls=below.plain),
    connection("handshake_hang", "silence after the handshake", after_tls=below.hang_tls),
    connection("tls10_only", "TLS 1.0 and nothing newer", tls={"only_old": True}),
    connection("tls_tickets", "sessions can be resumed, which hides a new certificate",
               tickets=True, where={"times": 0}),
    certificate("cert_expired", "the same names, expired", below.expired),
    certificate("cert_not_yet_valid", "the same names, not valid yet", below.not_yet_valid),
    certificate("cert_wrong_name", "a certificate of another name", below.wrong_name),
    certificate("cert_self_made", "the same names, made by somebody else", below.self_made),
    certificate("cert_chain_cut", "a leaf without its issuer", below.chain_cut),
    certificate("cert_old", "the previous certificate is served again for ms",
                below.previous, timed=True, params={"ms": 400}, where={"times": 0}),

    request("reset_before", "reset, nothing done", wire.no_work(wire.send_reset)),
    request("close_before", "closed without an answer, nothing done",
            wire.no_work(wire.send_nothing)),
    request("hang_before", "no answer, nothing done", wire.no_work(wire.send_silence)),
    *(status(number) for number in (400, 401, 403, 404, 405, 409, 412, 429, 500, 502, 503, 504)),
    request("status_429_seconds", "429 with Retry-After in seconds, nothing done", error(429),
            params={"error_code": 102, "error_message": "", "retry_after": "1"}),
    request("status_429_date", "429 with Retry-After as a date, nothing done", error(429),
            params={"error_code": 102, "error_message": "", "retry_after": "date"}),
    request("status_503_seconds", "503 with Retry-After in seconds, nothing done", error(503),
            params={"error_code": 0, "error_message": "", "retry_after": "1"}),
    request("html_503", "503 with an HTML page, nothing done", answers.html_error(503)),
    request("login_401", "401 with a login page, nothing done", answers.html_error(401)),
    request("redirect_same_host", "307 to another path of this host, nothing done",
            redirect, params={"status": 307, "location": ""}),
    request("redirect_other_host", "307 to another host, nothing done", redirect,
            params={"status": 307, "location": "https://redirected.sim.test/elsewhere"}),
    request("session_lost", "the sessions of this address are gone", answers.lose_sessions),

    answer("work_reset", "the work is done, then reset", wire.instead_of(wire.send_reset)),
    answer("work_close", "the work is done, then closed without an answer",
           wire.instead_of(wire.send_nothing)),
    answer("work_hang", "the work is done, no answer", wire.instead_of(wire.send_silence)),
    answer("late", "the work is done, the answer comes ms late", answers.late,
           params={"ms": 500}),
    answer("status_500_done", "the work is done, the answer is 500", answers.done(500)),
    answer("status_503_done", "the work is done, the answer is 503", answers.done(503)),
    answer("status_504_done", "the work is done, the answer is 504", answers.done(504)),
    answer("reset_after_bytes", "reset after so many bytes of the answer",
           wire.instead_of(wire.send_some_then_reset), params={"bytes": 20}),
    answer("drip", "the answer comes in pieces of so many bytes, ms apart",
           wire.instead_of(wire.send_drip), params={"ms": 5, "bytes": 16}),
    answer("cut_head", "closed within the head", wire.instead_of(wire.send_cut_head)),
    answer("cut_body", "closed within the body", wire.instead_of(wire.send_cut_body)),
    answer("length_too_long", "Content-Length is more than is sent",
           wire.instead_of(wire.send_long_length)),
    answer("length_too_short", "Content-Length is less than is sent",
           wire.instead_of(wire.send_short_length)),
    answer("chunked_garbage", "chunked, but the chunks are not",
           wire.instead_of(wire.send_bad_chunks)),
    answer("bad_status_line", "the first line is not HTTP", wire.instead_of(wire.send_bad_status)),
    answer("huge_header", "a header of so many bytes", wire.instead_of(wire.send_huge_header),
           params={"bytes": 1 << 20}),
    answer("huge_body", "a body of so many bytes", wire.instead_of(wire.send_huge_body),
           params={"bytes": 64 << 20}),
    answer("gzip", "gzip that nobody asked for", answers.compressed),
    answer("html_200", "200 with an HTML page", answers.html_200),
    answer("html_login", "200 with a login page", answers.html_login),
    answer("text_200", "200 with plain text", answers.text_200),
    answer("empty_body", "200 with an empty body", answers.literal(b"")),
    answer("json_array", "a JSON array where an object belongs", answers.literal(b"[1,2,3]")),
    answer("json_string", "a JSON string where an object belongs", answers.literal(b'"text"')),
    answer("json_number", "a JSON number where an object belongs", answers.literal(b"-1.5e400")),
    answer("json_null", "null where an object belongs", answers.literal(b"null")),
    answer("json_empty_object", "an object without members", answers.literal(b"{}")),
    answer("json_other_types", "the members are of other types", answers.other_types),
    answer("json_duplicate_keys", "every member twice", answers.duplicate_keys),
    answer("json_invalid_utf8", "bytes that are not UTF-8 in a string", answers.invalid_utf8),
    answer("json_nul", "a NUL character in a string", answers.nul),
    answer("json_cut", "the JSON ends early, with the right length", answers.cut_json),
    answer("json_trailing", "more text after the JSON", answers.trailing),
    answer("json_deep", "arrays in arrays, so deep", answers.deep, params={"depth": 100000}),

    Kind("stale_list", "state", "entries made since the fault was added are not listed yet",
         visible=True, where=LIST),
    Kind("delete_race", "state", "somebody else deletes it first",
         instead=answers.delete_first, where={**READ, "method": "DELETE"}),
    answer("empty_used_by", "used_by is empty", answers.empty_used_by, where=READ),
    Kind("restart_never_ends", "state", "the restart lasts until the fault is removed",
         where=APPLY, shape=never_ends),
    shaped("never_settles", "accepted, but the wire never changes", "never"),
    shaped("settles_to_third", "the wire settles to a third certificate", "third"),
    shaped("flap", "settles, then the old certificate is back for a while", "flap"),
)
BY_NAME = {kind.name: kind for kind in TABLE}
