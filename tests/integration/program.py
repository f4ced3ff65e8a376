# SPDX-License-Identifier: Apache-2.0
"""Running nsxcert: one request in, one result out, held against the contract."""
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from jsonschema import Draft202012Validator

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schema" / "result.schema.json").read_text())
WHOLE = Draft202012Validator(SCHEMA)
SECONDS = 120  # no test asks for a longer deadline


@dataclass
class Run:
    """What came back."""

    code: int
    json: dict
    stdout: str
    stderr: str

    @property
    def error(self):
        return self.json["error"] and self.json["error"]["code"]

    @property
    def result(self):
        return self.json["result"]

    @property
    def steps(self):
        """{name: outcome}"""
        return {step["name"]: step["outcome"] for step in self.json["steps"]}

    @property
    def warnings(self):
        return [warning["code"] for warning in self.json["warnings"]]


def check_result(value):
    """The whole object and the operation's own `result` have the documented shape."""
    WHOLE.validate(value)
    shape = f"{value['operation']}_result"
    if value["result"] is not None and shape in SCHEMA["$defs"]:
        Draft202012Validator({"$ref": f"#/$defs/{shape}", "$defs": SCHEMA["$defs"]}).validate(
            value["result"])


class Program:
    def __init__(self, path):
        self.path = path

    def start(self, request, *flags, env=None, cwd=None):
        """The process, its request already written."""
        process = subprocess.Popen([self.path, *flags], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, **(env or {})}, cwd=cwd)
        process.stdin.write(json.dumps(request))
        process.stdin.close()
        process.stdin = None
        return process

    def finish(self, process, secrets=()):
        """The result of a started process; `secrets` must appear nowhere in it."""
        try:
            stdout, stderr = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        assert stdout.endswith("\n") and stdout.count("\n") == 1, (stdout, stderr)
        value = json.loads(stdout)
        check_result(value)
        for secret in secrets:
            assert secret not in stdout and secret not in stderr
        assert (value["error"] is None) == value["ok"]
        assert value["ok"] == (process.returncode in (0, 2)), (process.returncode, stdout, stderr)
        assert ("nsxcert: " in stderr) == (not value["ok"]), stderr
        return Run(process.returncode, value, stdout, stderr)

    def run(self, request, *flags, env=None, cwd=None, secrets=()):
        return self.finish(self.start(request, *flags, env=env, cwd=cwd), secrets)
