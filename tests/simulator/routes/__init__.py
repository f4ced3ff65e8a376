# SPDX-License-Identifier: Apache-2.0
"""The API: one table of routes, opened by version."""
import json
import re
from dataclasses import dataclass, field

from ..messages import ApiError, Request, html_response

API = "/api/v1"


@dataclass
class Call:
    """What a handler sees of one request."""

    sim: object
    cluster: object
    listener: object
    node: object  # the manager that carries it out
    request: Request
    user: object = None
    parts: dict = field(default_factory=dict)
    fault: object = None
    counted: object = None  # by the throttle, until the answer is ready

    @property
    def query(self):
        return self.request.query

    @property
    def profile(self):
        return self.cluster.profile

    @property
    def switches(self):
        return self.sim.switches

    def json_body(self):
        """The body as an object; raises ApiError 400."""
        try:
            body = json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise ApiError(400, "The request body is not valid JSON.", 220) from None
        if not isinstance(body, dict):
            raise ApiError(400, "The request body is not a JSON object.", 220)
        return body

    def required(self, name):
        value = self.query.get(name)
        if not value:
            raise ApiError(400, f"Required parameter '{name}' is missing.", 220)
        return value

    def entry(self, ident):
        """A certificate of the store; raises ApiError 404."""
        found = self.cluster.store.get(ident)
        if found is None:
            raise ApiError(404, f"The object {ident} does not exist.",
                           int(self.switches.not_found_code))
        return found


@dataclass(frozen=True)
class Route:
    method: str
    pattern: str  # {name} stands for one path segment
    handler: object
    needs: str  # name in profiles.CALLS
    action: str = ""
    writes: str = ""  # feature that the role must be allowed to write
    params: tuple = ()  # query parameters beside action
    switch: str = ""  # a switch that opens the call where `needs` does not
    on: str = "on"

    def opened(self, call):
        """Whether this version has the call."""
        if self.switch:
            version, _, position = self.switch.partition(":")
            now = getattr(call.switches, position or version)
            if position and call.profile.version == version:
                return now == "on"
            if not position and now != "profile":
                return now == "on"
        return call.profile.has(self.needs)


def compiled(routes):
    """[(regular expression, route)] of a table."""
    found = []
    for route in routes:
        text = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.pattern)
        found.append((re.compile(text + r"\Z"), route))
    return found


def dispatch(call, table):
    """Find and check the route of a call; returns its Route."""
    path_known = False
    for expression, route in table:
        match = expression.match(call.request.path)
        if not match or not route.opened(call):
            continue
        path_known = True
        if route.method == call.request.method and route.action == call.request.action:
            call.parts = match.groupdict()
            check(call, route)
            return route
    raise unknown_action(call) if path_known else UnknownPath()


def check(call, route):
    """Strict mode and the role."""
    if call.switches.strict == "on":
        if call.profile.deprecated(route.needs):
            raise ApiError(400, "This call is deprecated.", module="strict")
        for name in call.query:
            if name != "action" and name not in route.params:
                raise ApiError(400, f"Unknown query parameter '{name}'.", module="strict")
    if route.writes and route.writes not in call.user.writes:
        raise ApiError(403, "User is not authorized to perform this operation.",
                       module="common-services", bare=True)


class UnknownPath(Exception):
    """No call of this version has the path."""

    @staticmethod
    def response(call):
        if call.switches.unknown_path == "html":
            return html_response(404, "404 Not Found")
        error = ApiError(404, f"The requested URI {call.request.path} could not be found.",
                         202, "common-services")
        return error.response(call.switches.error_members)


def unknown_action(call):
    status = int(call.switches.unknown_action)
    what = call.request.action or call.request.method
    return ApiError(status, f"Unknown action '{what}' for {call.request.path}.", 220,
                    "common-services")
