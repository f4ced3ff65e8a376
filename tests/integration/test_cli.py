# SPDX-License-Identifier: Apache-2.0
"""The command line: every way in, every flag, every wrong call, one result whatever happens."""
import json
import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from integration.calling import SECONDS, Answer, call, environment, told

PASSWORD = "not-for-anyones-eyes"


def generate(**parameters):
    return {
        "api_version": "nsxcert/v1",
        "operation": "generate",
        "parameters": {"common_name": "192.0.2.10", "key": {"type": "ec", "curve": "P-256"},
                       "certificate_path": "nsx.crt", "key_path": "nsx.key", **parameters},
    }


def inspect(**members):
    return {"api_version": "nsxcert/v1", "operation": "inspect",
            "parameters": {"certificate": {"file": "missing.crt"}}, **members}


def with_password(password):
    return {
        "api_version": "nsxcert/v1",
        "operation": "verify",
        "manager": {"address": "127.0.0.1:9", "auth": {"username": "admin", "password": password}},
        "parameters": {},
    }


# -- ways in ------------------------------------------------------------------


def test_request_on_stdin(nsxcert):
    answer = call(nsxcert, generate(), "--validate")
    assert answer.code == 0
    assert answer.result["ok"] and not answer.result["changed"]
    assert answer.stderr == ""


def test_request_file(nsxcert, tmp_path):
    (tmp_path / "request.json").write_text(json.dumps(generate()))
    answer = call(nsxcert, None, "--request-file", tmp_path / "request.json", "--validate")
    assert answer.code == 0 and answer.result["operation"] == "generate"


def test_request_file_dash_is_stdin(nsxcert):
    answer = call(nsxcert, generate(), "--request-file", "-", "--validate")
    assert answer.code == 0 and answer.result["operation"] == "generate"


def test_request_env(nsxcert):
    answer = call(nsxcert, None, "--request-env=REQUEST", "--validate", env={"REQUEST": json.dumps(generate())})
    assert answer.code == 0 and answer.result["operation"] == "generate"


@pytest.mark.parametrize("flags", [("--request-file", "/nonexistent/request.json"), ("--request-file", "/"),
                                   ("--request-env", "NSXCERT_TEST_UNSET"), ("--request-env", "NSXCERT_TEST_EMPTY")])
def test_request_unavailable(nsxcert, flags):
    answer = call(nsxcert, None, *flags, env={"NSXCERT_TEST_UNSET": None, "NSXCERT_TEST_EMPTY": ""})
    assert answer.code == 64
    assert answer.error["code"] == "request-unavailable"
    told(answer, "request-unavailable")


def on_terminal(program, *flags, typed=b"", env=None, stdin=True, stdout=False, stderr=False):
    """Runs it with a terminal on the named descriptors; the other outputs are pipes. Returns Answer and the screen."""
    master, slave = os.openpty()
    try:
        process = subprocess.Popen([program, *flags], stdin=slave if stdin else subprocess.PIPE,
                                   stdout=slave if stdout else subprocess.PIPE,
                                   stderr=slave if stderr else subprocess.PIPE, env=environment(**(env or {})))
        os.close(slave)
        slave = None
        if stdin:
            os.write(master, typed)
            out, err = process.communicate(timeout=SECONDS)
        else:
            out, err = process.communicate(typed, timeout=SECONDS)
        screen = b""
        while stdout or stderr:
            try:
                piece = os.read(master, 65536)
            except OSError:  # EIO: the last one has closed it
                break
            screen += piece
        return Answer(process.returncode, out or b"", (err or b"").decode()), screen.decode()
    finally:
        os.close(master)
        if slave is not None:
            os.close(slave)


def test_a_terminal_on_stdin_is_no_request(nsxcert):
    answer, _ = on_terminal(nsxcert)
    assert answer.code == 64
    assert answer.error["code"] == "usage" and answer.result["operation"] is None
    assert "usage: nsxcert" in answer.stderr


def test_a_terminal_can_be_asked_for(nsxcert):
    typed = json.dumps(generate()).encode() + b"\n\x04"
    answer, _ = on_terminal(nsxcert, "--request-file", "-", "--validate", typed=typed)
    assert answer.code == 0 and answer.result["ok"]


# -- wrong calls --------------------------------------------------------------

WRONG = {
    "unknown flag": ["--no-such-flag"],
    "an operand": ["import"],
    "unknown letter": ["-x"],
    "two ways in": ["--request-file", "a", "--request-env", "B"],
    "terraform and a file": ["--terraform", "--request-file", "a"],
    "no value": ["--request-file"],
    "empty value": ["--output="],
    "given twice": ["--request-env", "A", "--request-env", "B"],
    "not a format": ["--format", "yaml"],
    "not a progress": ["--progress", "loud"],
    "not a view": ["--render", "html"],
    "a value for a switch": ["--debug=1"],
    "two modes": ["--help", "--version"],
    "a request beside help": ["--help", "--validate"],
    "terraform as text": ["--terraform", "--format", "text"],
    "unknown operation's schema": ["--schema", "imprt"],
    "unknown operation's example": ["--example", "imprt"],
    "example of nothing": ["--example"],
    "unknown code": ["--explain", "driftet"],
    "explain nothing": ["--explain"],
}


@pytest.mark.parametrize("flags", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_call_is_a_result(nsxcert, flags, tmp_path):
    answer = call(nsxcert, generate(), *flags, cwd=tmp_path)
    assert answer.code == 64
    if "--terraform" in flags:
        assert answer.stdout == b""
    else:
        assert answer.result["operation"] is None
        assert answer.error["code"] == "usage" and answer.error["remedy"]
    told(answer, "usage")
    assert "usage: nsxcert" in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_value_of_an_unknown_flag_is_not_repeated(nsxcert):
    answer = call(nsxcert, generate(), f"--pasword={PASSWORD}")
    assert answer.code == 64 and "--pasword" in answer.error["detail"]
    assert PASSWORD not in answer.stdout.decode() and PASSWORD not in answer.stderr


def test_a_near_miss_is_named(nsxcert):
    assert "--dry-run" in call(nsxcert, None, "--dryrun").error["detail"]
    assert "import" in call(nsxcert, None, "--schema", "imprt").error["detail"]
    assert "drifted" in call(nsxcert, None, "--explain", "driftet").error["detail"]


def test_a_wrong_call_still_writes_its_output_file(nsxcert, tmp_path):
    answer = call(nsxcert, None, "--nonsense", "--output", tmp_path / "out.json")
    assert answer.code == 64
    assert json.loads((tmp_path / "out.json").read_text()) == answer.result


# -- what it tells about itself -----------------------------------------------


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help(nsxcert, flag):
    answer = call(nsxcert, None, flag)
    text = answer.stdout.decode()
    assert answer.code == 0 and answer.stderr == ""
    for word in ("generate", "verify", "--request-env", "--explain", "75", "man nsxcert"):
        assert word in text


def test_version(nsxcert):
    answer = call(nsxcert, None, "--version")
    lines = answer.stdout.decode().splitlines()
    assert answer.code == 0 and len(lines) == 2
    assert lines[0] == "nsxcert " + json.loads(call(nsxcert, None, "--capabilities").stdout)["version"]


def test_schema_and_examples_fit_together(nsxcert):
    jsonschema = pytest.importorskip("jsonschema")
    everything = jsonschema.Draft202012Validator(json.loads(call(nsxcert, None, "--schema").stdout))
    for operation in json.loads(call(nsxcert, None, "--capabilities").stdout)["operations"]:
        name = operation["name"]
        one = jsonschema.Draft202012Validator(json.loads(call(nsxcert, None, "--schema", name).stdout))
        example = json.loads(call(nsxcert, None, "--example", name).stdout)
        for validator in (one, everything):
            validator.check_schema(validator.schema)
            validator.validate(example)
            assert not validator.is_valid({**example, "no_such_member": 1})
        assert call(nsxcert, example, "--validate").code == 0


def test_schema_references_nothing_outside(nsxcert):
    text = call(nsxcert, None, "--schema").stdout.decode()
    references = [line.split('"')[3] for line in text.splitlines() if '"$ref"' in line]
    assert references and all(reference.startswith("#/$defs/") for reference in references)


def test_explain(nsxcert):
    answer = call(nsxcert, None, "--explain", "untrusted-manager")
    text = answer.stdout.decode()
    assert answer.code == 0 and text.startswith("untrusted-manager") and "What to do" in text
    assert max(map(len, text.splitlines())) <= 78


# -- flags of a run -----------------------------------------------------------


def test_validate_touches_nothing(nsxcert, tmp_path):
    request = generate(openssl_config={"file": "/nonexistent/nsx.cnf"})
    answer = call(nsxcert, request, "--validate", cwd=tmp_path)
    assert answer.code == 0 and answer.result["steps"] == []
    assert call(nsxcert, with_password({"env": "NSXCERT_TEST_UNSET"}), "--validate").code == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("way", ["flag", "letter", "member"])
def test_dry_run(nsxcert, tmp_path, way):
    flags = {"flag": ["--dry-run"], "letter": ["-n"], "member": []}[way]
    answer = call(nsxcert, generate() | ({"dry_run": True} if way == "member" else {}), *flags, cwd=tmp_path)
    assert answer.code == 0
    assert answer.result["dry_run"] and answer.result["changed"]
    assert list(tmp_path.iterdir()) == []


def test_detailed_exitcode(nsxcert, tmp_path):
    def run(*flags):
        return call(nsxcert, generate(), "--detailed-exitcode", *flags, cwd=tmp_path)

    planned, first, second = run("-n"), run(), run()
    assert (planned.code, first.code, second.code) == (2, 2, 0)
    assert planned.stderr == first.stderr == second.stderr == ""
    assert first.result["changed"] and not second.result["changed"]
    assert call(nsxcert, inspect(), "--detailed-exitcode", cwd=tmp_path).code == 1


def test_format_text(nsxcert, tmp_path):
    answer = call(nsxcert, generate(), "--format", "text", cwd=tmp_path, env={"LC_ALL": "C.UTF-8"})
    text = answer.stdout.decode()
    assert answer.code == 0 and text.startswith("✓ generate: ok, changed\n") and "nsx.crt" in text
    ascii_only = call(nsxcert, generate(), "--format", "text", cwd=tmp_path, env={"LC_ALL": "C"})
    assert ascii_only.stdout.isascii()


def test_format_text_of_a_failure(nsxcert, tmp_path):
    answer = call(nsxcert, inspect(), "--format", "text", cwd=tmp_path)
    assert answer.code == 1
    assert b"source-unavailable" in answer.stdout
    told(answer, "source-unavailable", "inspect")


def test_output_is_the_same_result(nsxcert, tmp_path):
    answer = call(nsxcert, generate(), "--output", "result.json", cwd=tmp_path)
    assert json.loads((tmp_path / "result.json").read_text()) == answer.result
    failed = call(nsxcert, inspect(), "--output", "failed.json", "--format", "text", cwd=tmp_path)
    assert failed.code == 1
    assert json.loads((tmp_path / "failed.json").read_text())["error"]["code"] == "source-unavailable"


def test_output_replaces_by_rename(nsxcert, tmp_path):
    path = tmp_path / "result.json"
    path.write_text("old")
    with path.open() as old:
        assert call(nsxcert, generate(), "--output", path, "--validate").code == 0
        assert old.read() == "old"
    assert json.loads(path.read_text())["ok"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["result.json"]


def test_output_that_cannot_be_written(nsxcert, tmp_path):
    answer = call(nsxcert, generate(), "--output", "missing/result.json", cwd=tmp_path)
    assert answer.code == 74
    assert answer.result["ok"] and answer.result["changed"]
    told(answer, "result-not-written", "generate")
    assert "nsxcert: generate: step generate: done, changed\n" in answer.stderr
    assert call(nsxcert, generate(), "--detailed-exitcode", cwd=tmp_path).code == 0


def test_debug_keeps_secrets(nsxcert, tmp_path):
    request = with_password({"env": "NSXCERT_TEST_PASSWORD"}) | {"deadline_seconds": 1}
    answer = call(nsxcert, request, "--debug", env={"NSXCERT_TEST_PASSWORD": PASSWORD}, cwd=tmp_path)
    assert answer.result["operation"] == "verify"
    assert PASSWORD not in answer.stdout.decode() + answer.stderr


def test_progress(nsxcert, tmp_path):
    plain = call(nsxcert, generate(), "--progress", "plain", cwd=tmp_path)
    assert plain.stderr == "nsxcert: generate: generate: done" + plain.stderr[33:] and plain.stderr.count("\n") == 1
    assert call(nsxcert, generate(common_name="192.0.2.11"), cwd=tmp_path).stderr == ""
    assert call(nsxcert, generate(), "--progress", "none", cwd=tmp_path).stderr == ""


@pytest.mark.parametrize("env, live", [({"TERM": "xterm", "NO_COLOR": None}, True), ({"TERM": "dumb"}, False)])
def test_progress_on_a_terminal(nsxcert, tmp_path, env, live):
    request = generate(certificate_path=str(tmp_path / "nsx.crt"), key_path=str(tmp_path / "nsx.key"))
    answer, screen = on_terminal(nsxcert, typed=json.dumps(request).encode(), env=env, stdin=False, stderr=True)
    assert answer.code == 0 and answer.result["changed"]
    assert ("\033[K" in screen) is live
    assert "nsxcert: generate: generate: done" in screen


@pytest.mark.parametrize("env, colored", [
    ({"TERM": "xterm", "NO_COLOR": None}, True),
    ({"TERM": "xterm", "NO_COLOR": ""}, True),
    ({"TERM": "xterm", "NO_COLOR": "1"}, False),
    ({"TERM": "dumb", "NO_COLOR": None}, False),
    ({"TERM": None, "NO_COLOR": None}, False),
])
def test_colors(nsxcert, env, colored):
    typed = json.dumps(generate()).encode()
    _, screen = on_terminal(nsxcert, "--format", "text", "--validate", typed=typed, env=env, stdin=False, stdout=True)
    assert "generate: ok" in screen
    assert ("\033[" in screen) is colored


def test_no_colors_in_a_pipe(nsxcert):
    answer = call(nsxcert, generate(), "--format", "text", "--validate", env={"TERM": "xterm", "NO_COLOR": None})
    assert b"\033" not in answer.stdout


# -- render -------------------------------------------------------------------


@pytest.mark.parametrize("view, words", [("text", b"generate: ok, changed"), ("markdown", b"generate: ok, changed"),
                                         ("prometheus", b'_changed{operation="generate",dry_run="false"} 1\n')])
def test_render(nsxcert, tmp_path, view, words):
    stored = call(nsxcert, generate(), cwd=tmp_path).stdout
    (tmp_path / "result.json").write_bytes(stored)
    by_file = call(nsxcert, None, "--render", view, tmp_path / "result.json")
    by_stdin = call(nsxcert, stored, "--render", view)
    assert by_file.code == by_stdin.code == 0
    assert by_file.stdout == by_stdin.stdout
    assert words in by_file.stdout


@pytest.mark.parametrize("view", ["text", "markdown", "prometheus"])
def test_render_a_failure(nsxcert, tmp_path, view):
    stored = call(nsxcert, inspect(), cwd=tmp_path).stdout
    answer = call(nsxcert, stored, "--render", view)
    assert answer.code == 0 and b"source-unavailable" in answer.stdout


@pytest.mark.parametrize("stored", [b"", b"{", b"[]", b"{}", b'{"api_version":"nsxcert/v1"}', b'"x"'])
def test_render_what_is_no_result(nsxcert, stored):
    answer = call(nsxcert, stored, "--render", "text")
    assert answer.code == 64
    assert answer.error["code"] in ("malformed-request", "usage")


def test_render_a_missing_file(nsxcert):
    answer = call(nsxcert, None, "--render", "text", "/nonexistent/result.json")
    assert answer.code == 64 and answer.error["code"] == "request-unavailable"


# -- terraform ----------------------------------------------------------------


def query(request, **others):
    return {"request": json.dumps(request), **others}


FLAT = {"status", "changed", "renewal_due", "certificate_id", "display_name", "fingerprint_sha256", "not_after",
        "certificate_pem", "warnings", "reason", "result_json"}


def test_terraform_dry_run(nsxcert, tmp_path):
    def ask():
        answer = call(nsxcert, query(generate() | {"dry_run": True}), "--terraform", cwd=tmp_path)
        assert answer.code == 0, answer.stderr
        flat = json.loads(answer.stdout)
        assert set(flat) == FLAT and all(isinstance(value, str) for value in flat.values())
        return flat, answer.stdout

    flat, _ = ask()
    assert (flat["status"], flat["changed"], flat["fingerprint_sha256"]) == ("drifted", "true", "")
    assert call(nsxcert, generate(), cwd=tmp_path).code == 0
    flat, once = ask()
    assert (flat["status"], flat["changed"], flat["renewal_due"]) == ("in_sync", "false", "false")
    assert len(flat["fingerprint_sha256"]) == 64 and flat["certificate_pem"].startswith("-----BEGIN CERTIFICATE")
    assert ask()[1] == once


def test_terraform_refuses_to_write(nsxcert, tmp_path):
    answer = call(nsxcert, query(generate()), "--terraform", cwd=tmp_path)
    assert answer.code == 64 and answer.stdout == b""
    told(answer, "usage", "generate")
    assert "dry_run" in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_terraform_unreachable_manager_never_blocks_a_plan(nsxcert):
    request = with_password({"env": "NSXCERT_TEST_PASSWORD"}) | {"deadline_seconds": 2}
    answer = call(nsxcert, query(request), "--terraform", env={"NSXCERT_TEST_PASSWORD": PASSWORD})
    assert answer.code == 0, answer.stderr
    flat = json.loads(answer.stdout)
    assert flat["status"] == "unknown" and flat["reason"] in ("unreachable", "deadline-exceeded")
    assert PASSWORD not in answer.stdout.decode()


@pytest.mark.parametrize("text", [b"", b"{}", b'{"request":1}', b'{"request":{}}', b'{"request":"{"}', b"[]",
                                  b'{"request":"{}","other":"x"}', b'{"request":"[]"}', b'{"request":"{}"}'])
def test_terraform_malformed_queries(nsxcert, text):
    answer = call(nsxcert, text, "--terraform")
    assert answer.code == 64 and answer.stdout == b""
    assert answer.stderr.startswith("nsxcert: ")


# -- secrets ------------------------------------------------------------------


def test_literal_secrets_are_refused_where_they_would_be_kept(nsxcert):
    request = with_password(PASSWORD)
    assert call(nsxcert, request, "--validate").code == 0
    answer = call(nsxcert, None, "--request-env", "REQUEST", "--validate", env={"REQUEST": json.dumps(request)})
    assert answer.code == 64 and answer.error["code"] == "literal-secret"
    assert answer.error["pointer"] == "/manager/auth/password"
    flat = call(nsxcert, query(request), "--terraform")
    assert flat.code == 64 and flat.stdout == b"" and "(literal-secret)" in flat.stderr
    for text in (answer.stdout.decode(), answer.stderr, flat.stderr):
        assert PASSWORD not in text


def test_a_key_in_a_text_is_a_literal_secret_too(nsxcert, tmp_path):
    assert call(nsxcert, generate(), cwd=tmp_path).code == 0
    text = (tmp_path / "nsx.crt").read_text() + (tmp_path / "nsx.key").read_text()
    request = inspect(parameters={"certificate": text, "private_key": text})
    assert call(nsxcert, request, "--validate").code == 0
    answer = call(nsxcert, None, "--request-env", "REQUEST", "--validate", env={"REQUEST": json.dumps(request)})
    assert answer.code == 64 and answer.error["code"] == "literal-secret"
    assert sorted(one["pointer"] for one in answer.error["errors"]) == ["/parameters/certificate",
                                                                        "/parameters/private_key"]
    assert call(nsxcert, query(request), "--terraform").code == 64
    del request["parameters"]["private_key"]
    request["parameters"]["certificate"] = (tmp_path / "nsx.crt").read_text()
    assert call(nsxcert, None, "--request-env", "REQUEST", "--validate", env={"REQUEST": json.dumps(request)}).code == 0


def test_credentials_before_an_address_are_not_shown(nsxcert):
    request = with_password({"env": "NSXCERT_TEST_UNSET"})
    request["manager"]["address"] = f"admin:{PASSWORD}@192.0.2.10"
    request["manager"]["proxy"] = {"url": f"http://user:{PASSWORD}@proxy.example.com:3128"}
    answer = call(nsxcert, request)
    assert answer.code == 64 and answer.error["code"] == "invalid-request"
    assert "@192.0.2.10" in answer.error["detail"]
    assert PASSWORD not in answer.stdout.decode() and PASSWORD not in answer.stderr


@pytest.mark.parametrize("password", [{"env": "NSXCERT_TEST_UNSET"}, {"env": "NSXCERT_TEST_EMPTY"},
                                      {"file": "/nonexistent/password"}])
def test_a_missing_secret_is_no_empty_one(nsxcert, password):
    request = with_password(password)
    request["operation"] = "import"
    request["parameters"] = {"certificate": {"file": "/nonexistent/nsx.crt"}}
    answer = call(nsxcert, request, env={"NSXCERT_TEST_UNSET": None, "NSXCERT_TEST_EMPTY": ""})
    assert answer.code == 1
    assert answer.error["code"] in ("secret-unavailable", "source-unavailable")


# -- malformed and invalid requests -------------------------------------------

MALFORMED = {
    "nothing": (b"", 1, 1),
    "blank": (b"  \n ", 2, 2),
    "open object": (b'{"operation":', 1, 14),
    "a comma too many": (b'{"a":1,}', 1, 8),
    "a second value": (b"{} {}", 1, 4),
    "bytes after the end": (b"{}\nx", 2, 1),
    "duplicate": (b'{\n"a":1,\n"a":2}', 3, None),
    "invalid utf-8": (b'{"a":"\xff"}', 1, 7),
    "a surrogate": (b'{"a":"\\ud800"}', 1, None),
    "overlong": (b'{"a":"\xc0\xaf"}', 1, 7),
    "NUL escape": (b'{"a":"\\u0000"}', 1, None),
    "NUL byte": (b'{"a":1}\0', 1, 8),
    "control character": (b'{"a":"\x01"}', 1, 7),
    "single quotes": (b"{'a':1}", 1, 2),
    "comment": (b"{} // no", 1, 4),
    "byte order mark": (b"\xef\xbb\xbf{}", 1, 1),
    "leading zero": (b'{"a":01}', 1, None),
    "not a number": (b'{"a":NaN}', 1, 6),
    "too large a number": (b'{"a":1e999}', 1, None),
    "too large an integer": (b'{"a":99999999999999999999}', 1, None),
    "33 deep": (b"[" * 33 + b"]" * 33, 1, 33),
    "a string cut": (b'{"a":"b', 1, None),
}


@pytest.mark.parametrize("text, line, column", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_requests_name_the_place(nsxcert, text, line, column):
    answer = call(nsxcert, text)
    assert answer.code == 64
    error = answer.error
    assert error["code"] == "malformed-request" and answer.result["operation"] is None
    assert error["context"]["line"] == line
    if column is not None:
        assert error["context"]["column"] == column
    assert error["context"]["reason"]
    told(answer, "malformed-request")


@pytest.mark.parametrize("text", [b"null", b"[]", b'"x"', b"1", b"{}", b'{"operation":1}', b'{"operation":"imprt"}'])
def test_requests_without_an_operation(nsxcert, text):
    answer = call(nsxcert, text)
    assert answer.code == 64
    assert answer.error["code"] == "invalid-request" and answer.error["errors"]


def test_all_mistakes_are_told_at_once(nsxcert):
    request = generate(renew_before_day=9, validity_days=0, key={"type": "rsa", "bits": 1}, digest=5)
    del request["parameters"]["key_path"]
    request["api_version"] = "v0"
    answer = call(nsxcert, request)
    assert answer.code == 64 and answer.error["code"] == "invalid-request"
    pointers = {finding["pointer"] for finding in answer.error["errors"]}
    assert {"/api_version", "/parameters/renew_before_day", "/parameters/validity_days", "/parameters/digest"} <= pointers
    near = [finding for finding in answer.error["errors"] if finding["pointer"] == "/parameters/renew_before_day"]
    assert near[0]["code"] == "unknown-member" and "renew_before_days" in near[0]["detail"] + near[0]["remedy"]


def test_at_most_50_findings(nsxcert):
    answer = call(nsxcert, generate(**{f"member_{i}": i for i in range(1000)}))
    assert answer.code == 64 and len(answer.error["errors"]) == 50


def test_the_request_id_is_echoed_also_when_refused(nsxcert):
    answer = call(nsxcert, generate(typo=1) | {"request_id": "change-4711"})
    assert answer.code == 64 and answer.result["request_id"] == "change-4711"


def test_insecure_beside_a_pin_is_told_as_such(nsxcert):
    request = with_password({"env": "NSXCERT_TEST_UNSET"})
    request["manager"]["tls"] = {"insecure": True, "pin_sha256": ["0" * 64]}
    answer = call(nsxcert, request)
    assert answer.code == 64 and answer.error["pointer"] == "/manager/tls"
    assert "stands alone" in answer.error["detail"]


def test_the_request_id_is_counted_in_characters(nsxcert):
    longest = "\N{GREEK SMALL LETTER OMEGA}" * 256
    assert call(nsxcert, generate() | {"request_id": longest}, "--validate").result["request_id"] == longest


def test_the_editors_member_is_ignored(nsxcert):
    assert call(nsxcert, {"$schema": "./nsxcert.schema.json", **generate()}, "--validate").code == 0


def test_stderr_is_one_line_whatever_the_request_says(nsxcert):
    answer = call(nsxcert, {"operation": "x\u001b[2J\nFORGED"})
    assert answer.code == 64
    assert "\033" not in answer.stderr and "\nFORGED" not in answer.stderr
    told(answer, "invalid-request")


# -- descriptors, full disks, signals ------------------------------------------


def test_stdout_on_a_full_disk(nsxcert, tmp_path):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([nsxcert], input=json.dumps(generate()).encode(), stdout=full, stderr=subprocess.PIPE,
                              timeout=SECONDS, check=False, cwd=tmp_path)
    assert done.returncode == 74
    assert b"(result-not-written)" in done.stderr
    again = call(nsxcert, generate(), cwd=tmp_path)
    assert again.code == 0 and not again.result["changed"]


def test_render_on_a_full_disk(nsxcert, tmp_path):
    stored = tmp_path / "result.json"
    stored.write_bytes(call(nsxcert, generate(), "--validate").stdout)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([nsxcert, "--render", "text", stored], stdout=full, stderr=subprocess.PIPE,
                              timeout=SECONDS, check=False)
    assert done.returncode == 74 and b"(result-not-written)" in done.stderr


def test_a_silent_pipe_ends_with_the_deadline(nsxcert, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    request = inspect(deadline_seconds=1, parameters={"certificate": {"file": str(tmp_path / "pipe")}})
    answer = call(nsxcert, request)
    assert answer.code == 75 and answer.error["code"] == "deadline-exceeded"


@pytest.mark.parametrize("closed, code", [("<&-", 0), ("2>&-", 0), (">&-", 74), ("<&- >&-", 74), (">&- 2>&-", 74),
                                          ("<&- >&- 2>&-", 74)])
def test_closed_descriptors_spoil_no_file(nsxcert, tmp_path, closed, code):
    (tmp_path / "request.json").write_text(json.dumps(generate()))
    script = f'exec "$0" --request-file request.json --progress plain {closed}'
    done = subprocess.run(["sh", "-c", script, nsxcert], capture_output=True, timeout=SECONDS, check=False,
                          stdin=subprocess.DEVNULL, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert (tmp_path / "nsx.key").read_text().startswith("-----BEGIN PRIVATE KEY-----\n")
    assert (tmp_path / "nsx.key").read_text().endswith("-----END PRIVATE KEY-----\n")
    assert (tmp_path / "nsx.crt").read_text().endswith("-----END CERTIFICATE-----\n")
    assert stat.S_IMODE((tmp_path / "nsx.key").stat().st_mode) == 0o600


def test_closed_stdin_is_no_request(nsxcert):
    done = subprocess.run(["sh", "-c", 'exec "$0" <&-', nsxcert], capture_output=True, timeout=SECONDS, check=False)
    answer = Answer(done.returncode, done.stdout, done.stderr.decode())
    assert answer.code == 64 and answer.error["code"] in ("malformed-request", "request-unavailable")


def test_a_reader_that_went_away(nsxcert):
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run([nsxcert, "--validate"], input=json.dumps(generate()).encode(), stdout=write_end,
                              stderr=subprocess.PIPE, timeout=SECONDS, check=False)
    finally:
        os.close(write_end)
    assert done.returncode == 74 and b"(result-not-written)" in done.stderr


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def default_signals():
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def wait_until_caught(pid):
    """Until the process has its handlers: the mask of caught signals in its status says so."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            caught = next(int(line.split()[1], 16) for line in status if line.startswith("SigCgt"))
        if all(caught >> (number - 1) & 1 for number in SIGNALS):
            return
        time.sleep(0.005)
    raise AssertionError("no handlers")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_the_request_is_read(nsxcert, number):
    read_end, write_end = os.pipe()  # no request comes, and no end
    process = subprocess.Popen([nsxcert], stdin=read_end, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               preexec_fn=default_signals)
    try:
        wait_until_caught(process.pid)
        process.send_signal(number)
        out, err = process.communicate(timeout=SECONDS)
    finally:
        os.close(read_end)
        os.close(write_end)
        process.kill()
    answer = Answer(process.returncode, out, err.decode())
    assert answer.code == -number
    assert answer.error["code"] == "interrupted"
    told(answer, "interrupted")


def test_an_ignored_signal_stays_ignored(nsxcert):
    """As under nohup."""
    process = subprocess.Popen([nsxcert, "--validate"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate(json.dumps(generate()).encode(), timeout=SECONDS)
    assert Answer(process.returncode, out, err.decode()).result["ok"] and process.returncode == 0


# -- sizes --------------------------------------------------------------------

MIB = 1024 * 1024
HOSTILE_KIB_MAX = 64 * 1024


def names(count):
    return b"{" + b",".join(b'"%x":0' % i for i in range(count)) + b"}"


HOSTILE = {
    "a string of 16 MiB": b'{"a":"' + b"x" * (16 * MIB - 9) + b'"}',
    "brackets": b"[" * (16 * MIB),
    "an array of zeros": b"[" + b"0," * (8 * MIB - 2) + b"0]",
    "empty arrays": b"[" + b"[]," * (5 * MIB) + b"[]]",
    "empty objects": b"[" + b"{}," * (5 * MIB) + b"{}]",
    "many members": names(1_300_000),
    "as many members as allowed": names(199_990),
    "as many objects as allowed": b"[" + b'{"a":{}},' * 99_990 + b"0]",
    "escapes": b'{"a":"' + b"\\u00e4" * (16 * MIB // 6 - 4) + b'"}',
    "blanks": b" " * (16 * MIB - 2) + b"{}",
    "one byte too many": b" " * (16 * MIB - 1) + b"{}",
    "a long number": b"[" + b"1" * (16 * MIB - 2) + b"]",
    "a long name of an operation": b'{"operation":"' + b"y" * (3 * MIB) + b'"}',
    "unknown members": b'{"operation":"verify",' + names(150_000)[1:],
    "long names of members": json.dumps({"api_version": "nsxcert/v1", "operation": "inspect", "parameters": {
        "y" * 130 + str(i): 1 for i in range(99_000)}}).encode(),
    "endpoints": json.dumps({"api_version": "nsxcert/v1", "operation": "verify", "parameters": {
        "endpoints": ["a" * 60 + str(i) for i in range(150_000)]}}).encode(),
}


# A process of its own, since ru_maxrss begins with the size of the parent; the middle one is small.
MEASURE = """
import os, sys
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(process, 0)
print(usage.ru_maxrss, file=open("kib", "w"))
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_request_stays_small(nsxcert_release, tmp_path, text):
    """By the resident set of the shipped program, and it answers."""
    (tmp_path / "request").write_bytes(text)
    with open(tmp_path / "request", "rb") as stdin:
        done = subprocess.run([sys.executable, "-I", "-S", "-c", MEASURE, nsxcert_release, "--validate"], stdin=stdin,
                              capture_output=True, timeout=SECONDS, check=False, cwd=tmp_path)
    answer = Answer(done.returncode, done.stdout, done.stderr.decode())
    assert answer.code == 64, answer.stderr[:500]
    assert answer.error["code"] in ("malformed-request", "invalid-request")
    assert len(answer.stdout) < MIB
    assert int((tmp_path / "kib").read_text()) < HOSTILE_KIB_MAX


@pytest.mark.parametrize("path", ["nsx.key", "./nsx.key", "{}/nsx.key"])
def test_output_must_not_replace_what_is_generated(nsxcert, tmp_path, path):
    answer = call(nsxcert, generate(), "--output", path.format(tmp_path), cwd=tmp_path)
    assert (answer.code, answer.error["code"]) == (64, "usage")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["k.key", "./k.key", "link"])
@pytest.mark.parametrize("mistake", [{}, {"typo": 1}])
def test_output_must_not_replace_what_is_read(nsxcert, tmp_path, path, mistake):
    (tmp_path / "k.key").write_text("the key")
    (tmp_path / "link").symlink_to("k.key")
    request = inspect() | mistake
    request["parameters"]["private_key"] = {"file": "k.key"}
    answer = call(nsxcert, request, "--output", path, cwd=tmp_path)
    assert (answer.code, answer.error["code"]) == (64, "usage") and "private_key" not in answer.error["detail"]
    (tmp_path / "q.json").write_text(json.dumps(generate()))
    answer = call(nsxcert, None, "--request-file", "q.json", "--output", "./q.json", cwd=tmp_path)
    assert (answer.code, answer.error["code"]) == (64, "usage")
    assert json.loads((tmp_path / "q.json").read_text()) == generate() and (tmp_path / "k.key").read_text() == "the key"


@pytest.mark.parametrize("flags", [[], ["--nonsense"], ["--validate"]])
def test_output_replaces_regular_files_only(nsxcert, tmp_path, flags):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to("/dev/null")
    for name in ("pipe", "null", "."):
        answer = call(nsxcert, generate(), "--output", name, *flags, cwd=tmp_path)
        assert (answer.code, answer.error["code"]) == (64, "usage")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["null", "pipe"]
    assert (tmp_path / "pipe").is_fifo() and (tmp_path / "null").is_symlink()


@pytest.mark.parametrize("mode", [["--render", "markdown", "r.json"], ["--schema", "import"], ["--capabilities"]])
@pytest.mark.parametrize("flag", [["--output", "x"], ["--format", "text"]])
def test_flags_of_a_result_go_with_a_request_alone(nsxcert, tmp_path, mode, flag):
    answer = call(nsxcert, None, *mode, *flag, cwd=tmp_path)
    assert answer.code == 64 and b"--output and --format" in answer.stdout + answer.stderr.encode()


def test_nothing_on_stdin_is_said_plainly(nsxcert):
    answer = call(nsxcert, None)
    assert answer.code == 64 and "no request" in answer.error["detail"]
