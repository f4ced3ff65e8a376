# SPDX-License-Identifier: Apache-2.0
"""What once was a request or a result of nsxcert/v1 stays one.

v1/requests and v1/results were stored when v1 was first released and are never
changed; files may be added. A build that fails here breaks somebody's pipeline.
"""
import json
from pathlib import Path

import pytest

from integration.calling import call, encode, the_result

STORED = Path(__file__).resolve().parent / "v1"
REQUESTS = sorted((STORED / "requests").glob("*.json"))
RESULTS = sorted((STORED / "results").glob("*.json"))
OPERATIONS = {"generate", "inspect", "import", "register", "verify"}


def name(path):
    return path.stem


@pytest.mark.parametrize("path", REQUESTS, ids=name)
def test_a_stored_request_is_still_valid(nsxcert, path):
    answer = call(nsxcert, None, "--request-file", path, "--validate")
    assert answer.code == 0, answer.stderr


@pytest.mark.parametrize("path", RESULTS, ids=name)
def test_a_stored_result_still_has_the_documented_shape(path):
    the_result(encode(json.loads(path.read_text())) + b"\n")


@pytest.mark.parametrize("view", ["text", "markdown"])
@pytest.mark.parametrize("path", RESULTS, ids=name)
def test_a_stored_result_can_still_be_shown(nsxcert, path, view):
    stored = json.loads(path.read_text())
    answer = call(nsxcert, None, "--render", view, path, env={"LC_ALL": "C.UTF-8"})
    assert answer.code == 0 and answer.stderr == ""
    text = answer.stdout.decode()
    headline = text.splitlines()[0].removeprefix("## ")
    mark, words = headline.split(" ", 1)
    assert words.startswith(f"{stored['operation'] or 'nsxcert'}: {'ok' if stored['ok'] else 'failed'}")
    if not stored["ok"]:
        assert mark == "✗" and f"({stored['error']['code']})" in text.replace("&#40;", "(").replace("&#41;", ")")
    for step in stored["steps"]:
        assert f"{step['name']} {step['outcome']}" in text
    for endpoint in (stored["result"] or {}).get("endpoints", []):
        assert endpoint["address"] in text.replace("&#91;", "[").replace("&#93;", "]")


def test_every_operation_has_its_successes_and_failures():
    results = [json.loads(path.read_text()) for path in RESULTS]
    assert OPERATIONS <= {json.loads(path.read_text())["operation"] for path in REQUESTS}
    for ok in (True, False):
        assert OPERATIONS <= {result["operation"] for result in results if result["ok"] is ok}
