# SPDX-License-Identifier: Apache-2.0
"""Calling the program as a wrapper does, and holding it to the contract.

    answer = call(nsxcert, {"api_version": "nsxcert/v1", ...}, "--validate")
    assert answer.code == 0 and answer.result["ok"]
"""
import json
import os
import subprocess
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
RESULT_SCHEMA = json.loads((ROOT / "schema" / "result.schema.json").read_text())
RESULT = jsonschema.Draft202012Validator(RESULT_SCHEMA)


class Answer:
    """What came back: exit code, raw stdout, stderr as text."""

    def __init__(self, code, stdout, stderr):
        self.code = code
        self.stdout = stdout
        self.stderr = stderr

    @property
    def result(self):
        """The one object on stdout, held against the schema."""
        return the_result(self.stdout)

    @property
    def error(self):
        return self.result["error"]


def the_result(raw):
    """Exactly one JSON object and a newline, valid by the schema of results."""
    assert raw.endswith(b"\n") and raw.count(b"\n") == 1, raw
    result = json.loads(raw, object_pairs_hook=without_duplicates)
    RESULT.validate(result)
    operation, inner = result["operation"], result["result"]
    if operation and inner:
        shape = {"$ref": f"#/$defs/{operation}_result", "$defs": RESULT_SCHEMA["$defs"]}
        jsonschema.Draft202012Validator(shape).validate(inner)
    assert result["ok"] is (result["error"] is None)
    return result


def without_duplicates(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), names
    return dict(pairs)


def environment(**changes):
    """This environment with changes; None takes a variable away."""
    merged = {**os.environ, **{name: value for name, value in changes.items() if value is not None}}
    for name, value in changes.items():
        if value is None:
            merged.pop(name, None)
    return merged


def encode(request):
    return request if isinstance(request, bytes) else json.dumps(request).encode()


def call(program, request=None, *flags, env=None, cwd=None, **options):
    """Runs it with the request on stdin: bytes as they are, anything else as JSON; None is an empty stdin."""
    done = subprocess.run([program, *map(str, flags)], input=b"" if request is None else encode(request),
                          capture_output=True, timeout=SECONDS, check=False, env=environment(**(env or {})), cwd=cwd,
                          **options)
    return Answer(done.returncode, done.stdout, done.stderr.decode())


def told(answer, code, operation=None):
    """The line of stderr that goes with every failure."""
    start = f"nsxcert: {operation or '-'}: "
    lines = [line for line in answer.stderr.splitlines() if line.startswith(start) and line.endswith(f" ({code})")]
    assert len(lines) == 1, answer.stderr
    return lines[0]
