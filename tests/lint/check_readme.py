#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The requests that the pages show hold by the schema, and the results they show name no member that there is not.

A JSON block that is an object with `parameters` is a whole request; one with `ok` is a result, shortened at "…".
"""
import json
import re

from check_schema import COMMON, OPERATIONS, RESULT, bundle, load
from jsonschema import Draft202012Validator
from sources import ROOT, finish

BLOCK = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "tests/simulator/README.md"]
SHORTENED = "…"
README_SHOWS = {("request", name) for name in OPERATIONS} | {("result", name) for name in OPERATIONS}


def member_names(schema):
    """Every name below `properties`, at any depth."""
    if isinstance(schema, list):
        return set().union(*map(member_names, schema))
    if not isinstance(schema, dict):
        return set()
    return set(schema.get("properties", {})) | set().union(*map(member_names, schema.values()))


def names_in(value):
    if isinstance(value, list):
        return set().union(*map(names_in, value))
    return set(value) | set().union(*map(names_in, value.values())) if isinstance(value, dict) else set()


def judge_request(request):
    operation = request.get("operation")
    if operation not in OPERATIONS:
        return [f"no operation is called {operation}"]
    schema = bundle(load(f"{operation}.schema.json"), load(COMMON))
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(request)]


def judge_result(result):
    known = member_names(load(RESULT)) | member_names(load(COMMON)) | {SHORTENED}
    return [f"a result has no member {name}" for name in sorted(names_in(result) - known)]


def judge_page(page):
    """Yields (kind, operation, line, findings) for each request and result of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 1
        try:
            value = json.loads(block[1])
        except ValueError as error:
            yield "block", None, line, [f"not JSON: {error}"]
            continue
        if isinstance(value, dict) and "parameters" in value:
            yield "request", value.get("operation"), line, judge_request(value)
        elif isinstance(value, dict) and "ok" in value:
            yield "result", value.get("operation"), line, judge_result(value)


pages = PAGES + sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))
findings, shown = [], set()
for page in pages:
    for kind, operation, line, reasons in judge_page(page):
        findings += [f"{page}:{line}: {reason}" for reason in reasons]
        if page == "README.md":
            shown.add((kind, operation))
findings += [f"README.md: shows no {kind} of {operation}" for kind, operation in sorted(README_SHOWS - shown)]
finish(findings)
