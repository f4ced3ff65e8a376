# SPDX-License-Identifier: Apache-2.0
"""Faults that change what an answer says."""
import asyncio
import email.utils
import gzip
import json

from ..messages import ApiError, Response, html_response

LOGIN = ("<form method=\"post\" action=\"/login.jsp\"><input name=\"j_username\">"
         "<input name=\"j_password\" type=\"password\"></form>")


def error(number):
    """An error answer of the API, with nothing done."""
    async def instead(fault, _request, listener):
        message = fault.params["error_message"] or f"The simulator was asked for a {number}."
        failed = ApiError(number, message, fault.params["error_code"] or None, "common-services")
        answer = failed.response(listener.owner.switches.error_members)
        wait = fault.params["retry_after"]
        if wait == "date":
            wait = email.utils.formatdate(listener.cluster.clock.now() + 1, usegmt=True)
        if wait:
            answer.set_header("Retry-After", str(wait))
        return answer
    return instead


def html_error(number):
    async def instead(_fault, _request, _listener):
        return html_response(number, f"{number}", LOGIN if number == 401 else "")
    return instead


async def redirect(fault, request, _listener):
    where = fault.params["location"] or f"https://{request.header('host')}/login.jsp"
    return Response(fault.params["status"], [("Location", where), ("Content-Type", "text/plain")],
                    b"moved\n")


async def lose_sessions(_fault, _request, listener):
    """The request itself is worked on, without its session."""
    listener.cluster.access.drop_sessions(listener.address)


async def delete_first(_fault, request, listener):
    """The entry is gone before the request is worked on, unless it is in use."""
    cluster, ident = listener.cluster, request.path.rpartition("/")[2]
    if cluster.store.get(ident) and not cluster.used_by(ident):
        cluster.store.remove(ident)


async def late(fault, response, _listener):
    await asyncio.sleep(fault.params["ms"] / 1000)
    return response


def done(number):
    """The work is done, but the answer is an error."""
    async def after(_fault, _response, _listener):
        return html_response(number, f"{number} after the work")
    return after


async def html_200(_fault, _response, _listener):
    return html_response(200, "NSX")


async def html_login(_fault, _response, _listener):
    return html_response(200, "Login", LOGIN)


async def text_200(_fault, _response, _listener):
    return Response(200, [("Content-Type", "text/plain")], b"it works\n")


async def compressed(_fault, response, _listener):
    response.set_header("Content-Encoding", "gzip")
    response.body = gzip.compress(response.body)
    return response


def literal(body):
    """200 with this body as JSON."""
    async def after(_fault, response, _listener):
        return with_body(response, body)
    return after


def with_body(response, body):
    answer = Response(200, response.headers, body)
    answer.set_header("Content-Type", "application/json;charset=UTF-8")
    return answer


def read(response):
    """The answer's object; one of its own when it has none."""
    try:
        value = json.loads(response.body)
    except ValueError:
        value = {}
    return value if isinstance(value, dict) and value else {"results": [], "id": "x"}


async def other_types(_fault, response, _listener):
    return with_body(response, json.dumps(swapped(read(response))).encode())


def swapped(value):
    """Every member of another JSON type, at each depth."""
    if isinstance(value, dict):
        return {name: {} if isinstance(inner, list) else swapped(inner)
                if isinstance(inner, dict) else 7 if isinstance(inner, str) else [inner]
                for name, inner in value.items()}
    return value


async def duplicate_keys(_fault, response, _listener):
    members = [f"{json.dumps(name)}:{json.dumps(inner)}" for name, inner in read(response).items()]
    return with_body(response, ("{" + ",".join(members + members) + "}").encode())


async def invalid_utf8(_fault, response, _listener):
    body = json.dumps(read(response)).encode()
    return with_body(response, b'{"note":"\xff\xc3(",' + body[1:])


async def nul(_fault, response, _listener):
    body = json.dumps(read(response)).encode()
    return with_body(response, b'{"note":"a\\u0000b","id":"a\\u0000b",' + body[1:])


async def cut_json(_fault, response, _listener):
    body = json.dumps(read(response)).encode()
    return with_body(response, body[:-max(1, len(body) // 3)])


async def trailing(_fault, response, _listener):
    return with_body(response, json.dumps(read(response)).encode() + b"\n{}trailing")


async def deep(fault, response, _listener):
    depth = max(1, fault.params["depth"])
    return with_body(response, b'{"results":' + b"[" * depth + b"]" * depth + b"}")


async def empty_used_by(_fault, response, _listener):
    try:
        body = json.loads(response.body)
    except ValueError:
        return response
    for entry in [body, *body.get("results", ())]:
        if isinstance(entry, dict) and "used_by" in entry:
            entry["used_by"] = []
    response.body = json.dumps(body).encode()
    return response
