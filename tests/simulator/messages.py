# SPDX-License-Identifier: Apache-2.0
"""Requests, responses and the API's error bodies."""
import http
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl


@dataclass
class Request:
    method: str
    target: str
    headers: dict
    body: bytes
    http_version: str = "1.1"

    def __post_init__(self):
        self.path, _, self.query_text = self.target.partition("?")
        self.query = {}
        for name, value in parse_qsl(self.query_text, keep_blank_values=True):
            self.query.setdefault(name, value)

    def header(self, name):
        return self.headers.get(name, "")

    @property
    def action(self):
        return self.query.get("action", "")


@dataclass
class Response:
    status: int = 200
    headers: list = field(default_factory=list)
    body: bytes = b""
    #: set by a fault: an async function (writer, response, raw head) that puts
    #: its own bytes on the wire, after which the connection is over.
    wire: object = None
    #: the connection is closed, politely, after this answer.
    close: bool = False

    def set_header(self, name, value):
        self.headers = [(n, v) for n, v in self.headers if n.lower() != name.lower()]
        self.headers.append((name, value))


def json_response(value, status=200):
    return Response(status, [("Content-Type", "application/json")],
                    json.dumps(value, separators=(",", ":")).encode())


def html_response(status, title, text=""):
    page = (f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>"
            f"<body><h1>{title}</h1><p>{text}</p></body></html>\n")
    return Response(status, [("Content-Type", "text/html;charset=UTF-8")], page.encode())


def text_response(text):
    return Response(200, [("Content-Type", "text/plain;charset=UTF-8")], text.encode())


def empty_response(status=200):
    return Response(status, [], b"")


class ApiError(Exception):
    """A refusal in the API's words; module_name is free text there."""

    def __init__(self, status, message, code=None, module="nsx-certificates", details=None,
                 related=None, bare=False):
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.module = module
        self.details = details
        self.related = related or []
        self.bare = bare  # without httpStatus whatever the switch says
        self.headers = []

    def response(self, members="all"):
        body = {"error_message": self.message}
        if members != "message-only":
            body["module_name"] = self.module
            if self.code is not None:
                body["error_code"] = self.code
            if self.details:
                body["details"] = self.details
            if self.related:
                body["related_errors"] = self.related
            if members == "all" and not self.bare:
                body["httpStatus"] = http.HTTPStatus(self.status).name
        answer = json_response(body, self.status)
        answer.headers += self.headers
        return answer


def refused_credentials(status):
    return ApiError(status, "The credentials were incorrect or the account specified has been"
                    " locked.", 403, "common-services", bare=True)
