# SPDX-License-Identifier: Apache-2.0
"""What is told, and with which exit code, when the result cannot be written."""
import json
import os
import subprocess

import pytest
from calling import SECONDS, call, encode, told


def inspect(path, **members):
    return {"api_version": "nsxcert/v1", "operation": "inspect", "parameters": {"certificate": {"file": path}}, **members}


def query(request):
    return {"request": json.dumps(request)}


SILENT_PIPE = inspect("pipe", deadline_seconds=1)
FAILED = {"malformed": (b"{", 64, "malformed-request"), "source": (inspect("missing.crt"), 1, "source-unavailable"),
          "try again": (SILENT_PIPE, 75, "deadline-exceeded")}


@pytest.mark.parametrize("flags", [[], ["--format", "text"], ["--output", "missing/result.json"],
                                   ["--terraform", "--output", "missing/result.json"]])
@pytest.mark.parametrize("failed", FAILED)
def test_a_failed_run_whose_result_is_lost_keeps_its_code(nsxcert, tmp_path, failed, flags):
    """74 says that the work was done; and what must not be tried again is not said to be."""
    os.mkfifo(tmp_path / "pipe")
    request, code, word = FAILED[failed]
    if "--terraform" in flags and isinstance(request, dict):
        request = query(request)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([nsxcert, *flags], input=encode(request), stderr=subprocess.PIPE,
                              stdout=subprocess.PIPE if "--output" in flags else full, timeout=SECONDS, check=False, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    lines = done.stderr.decode().splitlines()
    assert sum(line.endswith(f" ({word})") for line in lines) == 1, lines
    lost = [line for line in lines if line.endswith(" (result-not-written)")]
    assert len(lost) == 1 and (": No such file" if "--output" in flags else ": No space left") in lost[0]
    assert not [line for line in lines if "it finds the work done" in line]
    if "--terraform" in flags:
        assert done.stdout == b""


def test_terraform_gets_nothing_with_another_code_than_0(nsxcert, tmp_path):
    request = {"api_version": "nsxcert/v1", "operation": "generate", "dry_run": True,
               "parameters": {"common_name": "192.0.2.10", "certificate_path": "nsx.crt", "key_path": "nsx.key"}}
    answer = call(nsxcert, query(request), "--terraform", "--output", "missing/result.json", cwd=tmp_path)
    assert (answer.code, answer.stdout) == (74, b"")
    told(answer, "result-not-written", "generate")
