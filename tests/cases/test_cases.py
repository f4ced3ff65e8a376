# SPDX-License-Identifier: Apache-2.0
"""Requests that are valid, and such that are not with what is said about them.

valid/NAME/request.json passes --validate. invalid/NAME/request.json is refused
with the code and exactly the findings (code, pointer) of expected.json beside
it. The examples of the schemas are valid too.
"""
import json
from pathlib import Path

import pytest

from integration.calling import ROOT, call

CASES = Path(__file__).resolve().parent
OPERATIONS = ("generate", "inspect", "import", "register", "verify")


def folders(kind):
    return sorted(path for path in (CASES / kind).iterdir() if path.is_dir())


def examples():
    for operation in OPERATIONS:
        schema = json.loads((ROOT / "schema" / f"{operation}.schema.json").read_text())
        for number, example in enumerate(schema["examples"]):
            yield pytest.param(example, id=f"{operation}-{number}")


@pytest.mark.parametrize("folder", folders("valid"), ids=lambda path: path.name)
def test_valid(nsxcert, folder):
    answer = call(nsxcert, None, "--request-file", folder / "request.json", "--validate")
    assert answer.code == 0, answer.stderr
    assert answer.result["ok"] and not answer.result["warnings"]


@pytest.mark.parametrize("folder", folders("invalid"), ids=lambda path: path.name)
def test_invalid(nsxcert, folder):
    expected = json.loads((folder / "expected.json").read_text())
    answer = call(nsxcert, None, "--request-file", folder / "request.json", "--validate")
    assert answer.code == 64
    findings = [{"code": item["code"], "pointer": item["pointer"]} for item in answer.error["errors"]]
    key = json.dumps
    assert answer.error["code"] == expected["code"]
    assert sorted(findings, key=key) == sorted(expected["findings"], key=key)
    assert all(item["detail"] and item["remedy"] for item in answer.error["errors"])


def test_what_the_schema_finds_comes_first(nsxcert):
    """However much the rules between members add, the error is about what any other validator finds first."""
    request = json.loads((CASES / "invalid" / "generate-many-at-once" / "request.json").read_text())
    error = call(nsxcert, request, "--validate").error
    told = [item["pointer"] for item in error["errors"]]
    by_rules = {"/parameters/certificate_path", "/parameters/renew_before_days"}
    assert error["pointer"] == told[0] and set(told[-2:]) == by_rules and len(told) == 5


def test_no_more_than_50_findings(nsxcert):
    request = json.loads((CASES / "valid" / "generate-smallest" / "request.json").read_text())
    request["parameters"]["san"] = {"dns": [f"not a name {number}" for number in range(60)]}
    request["parameters"]["certificate_path"] = request["parameters"]["key_path"]
    assert len(call(nsxcert, request, "--validate").error["errors"]) == 50


@pytest.mark.parametrize("example", examples())
def test_the_examples_of_the_schema_are_valid(nsxcert, example):
    answer = call(nsxcert, example, "--validate")
    assert answer.code == 0, answer.stderr


def test_there_are_cases_for_every_operation():
    for kind in ("valid", "invalid"):
        for operation in OPERATIONS:
            assert any(folder.name.startswith(operation) for folder in folders(kind)), (kind, operation)
