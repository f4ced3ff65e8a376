# SPDX-License-Identifier: Apache-2.0
"""/api/session: cookie and token instead of a password in every request."""
from urllib.parse import parse_qs, unquote_plus

from . import Route
from ..messages import empty_response, refused_credentials


def form(text):
    """The fields of a login form, URL-encoded or raw: clients send both."""
    pairs = dict(part.partition("=")[::2] for part in text.split("&"))
    name = unquote_plus(pairs.get("j_username", ""))
    raw = text.partition("j_password=")[2]
    encoded = parse_qs(text, keep_blank_values=True).get("j_password", [""])[0]
    return name, [encoded] if encoded == raw else [encoded, raw]


def create(call, connection):
    refused = refused_credentials(int(call.switches.refused_status))
    if not call.cluster.access.allows("cookie"):
        raise refused
    name, passwords = form(call.request.body.decode("utf-8", "replace"))
    access = call.cluster.access
    known = access.users.get(name)
    password = known.password if known and known.password in passwords else passwords[0]
    user = access.login(name, password, call.listener, connection.source)
    if user is None:
        raise refused
    ident, token = access.open_session(user, call.listener)
    answer = empty_response()
    answer.headers = [("Set-Cookie", f"JSESSIONID={ident}; Path=/; Secure; HttpOnly; SameSite=Lax"),
                      ("X-XSRF-TOKEN", token)]
    return answer


def destroy(call):
    call.cluster.access.close_session(call.request, call.listener)
    return empty_response()


CREATE = "/api/session/create"
ROUTES = [Route("POST", "/api/session/destroy", destroy, "session")]
