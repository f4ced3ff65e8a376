# SPDX-License-Identifier: Apache-2.0
"""nsxcert-pipeline.sh where things go wrong around nsxcert, with a program that plays it."""
import os
import subprocess

import pytest

# Says what it is told to by the environment, one exit code for each operation.
PLAYED = r"""#!/bin/sh
echo "$*" >>"$TRACE"
if [ "$1" = --render ]; then
    [ -z "${RENDER_FAILS:-}" ] || exit 74
    echo "$2 of $(cat "$3")"
    exit 0
fi
operation=$(basename "$2" .json)
eval "code=\${CODE_$operation:-0}"
[ "$code" != killed ] || kill -9 $$
echo "$operation $code" >"$4"
exit "$code"
"""


class Script:
    def __init__(self, pipelines, folder):
        self.path = pipelines / "nsxcert-pipeline.sh"
        self.folder = folder
        for name in ("requests", "files", "metrics", "bin"):
            (folder / name).mkdir()
        for name in ("generate", "import", "register", "verify"):
            (folder / "requests" / f"{name}.json").write_text("{}")
        program = folder / "bin" / "nsxcert"
        program.write_text(PLAYED)
        program.chmod(0o755)
        self.trace = folder / "trace"

    def run(self, *arguments, **environment):
        self.trace.write_text("")
        given = {"PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "TRACE": str(self.trace),
                 "NSXCERT_REQUESTS": "requests", "NSXCERT_FILES": "files", "NSXCERT_TEXTFILE_DIR": "metrics",
                 "NSXCERT_RESULTS": "results", "NSXCERT_NAME": "lab", **environment}
        given = {name: value for name, value in given.items() if value is not None}
        return subprocess.run([self.path, *arguments], cwd=self.folder, env=given, capture_output=True, text=True,
                              timeout=60, check=False)

    @property
    def sent(self):
        """[(operation, flags)] of what was sent."""
        lines = [line.split() for line in self.trace.read_text().splitlines() if not line.startswith("--render")]
        return [(os.path.basename(words[1]).removesuffix(".json"), words[6:]) for words in lines]

    def metric(self, operation):
        return (self.folder / "metrics" / f"nsxcert-lab-{operation}.prom").read_text()

    def names(self, folder):
        return sorted(path.name for path in (self.folder / folder).iterdir())


@pytest.fixture
def script(pipelines, tmp_path):
    return Script(pipelines, tmp_path)


def test_stages_send_what_they_should(script):
    plan = ["--dry-run", "--detailed-exitcode"]
    for stage, sent in {
        "validate": [(one, ["--validate"]) for one in ("generate", "import", "register", "verify")],
        "plan": [(one, plan) for one in ("generate", "import", "register")],
        "apply": [(one, []) for one in ("generate", "import", "register")],
        "verify": [("verify", [])],
    }.items():
        done = script.run(stage)
        assert (done.returncode, done.stderr, script.sent) == (0, "", sent)
    assert script.metric("register") == "prometheus of register 0\n"
    assert (script.folder / "results" / "apply.md").read_text().splitlines() == [
        "markdown of generate 0", "markdown of import 0", "markdown of register 0"]


def test_plan_says_2_when_something_would_change(script):
    assert script.run("plan", CODE_import="2").returncode == 2
    assert [operation for operation, _ in script.sent] == ["generate", "import", "register"]


@pytest.mark.parametrize("stage, code", [("plan", 77), ("plan", 75), ("apply", 77), ("apply", 1)])
def test_nothing_is_sent_after_a_failure(script, stage, code):
    assert script.run(stage, CODE_generate="0", CODE_import=str(code)).returncode == code
    assert [operation for operation, _ in script.sent] == ["generate", "import"]
    assert script.metric("import") == f"prometheus of import {code}\n"
    assert f"markdown of import {code}" in (script.folder / "results" / f"{stage}.md").read_text()


def test_validate_tells_all_and_publishes_failures_alone(script):
    assert script.run("validate", CODE_generate="64").returncode == 64
    assert len(script.sent) == 4
    assert script.names("metrics") == ["nsxcert-lab-generate.prom"]


def test_the_last_run_of_an_operation_is_the_one_that_is_told(script):
    script.run("apply", CODE_import="75")
    assert script.metric("import") == "prometheus of import 75\n"
    script.run("plan")
    assert script.metric("import") == "prometheus of import 0\n"
    assert script.names("metrics") == [f"nsxcert-lab-{one}.prom" for one in ("generate", "import", "register")]


def test_metrics_can_be_read_by_others(script):
    done = subprocess.run(["sh", "-c", 'umask 077 && exec "$@"', "sh", script.path, "verify"], cwd=script.folder, check=True,
                          env={**os.environ, "NSXCERT": str(script.folder / "bin" / "nsxcert"), "TRACE": str(script.trace),
                               "NSXCERT_REQUESTS": "requests", "NSXCERT_TEXTFILE_DIR": "metrics", "NSXCERT_NAME": "lab"})
    assert done.returncode == 0
    (path,) = (script.folder / "metrics").iterdir()
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_killed_run_leaves_the_metrics_to_grow_old(script):
    script.run("verify")
    done = script.run("verify", CODE_verify="killed")
    assert done.returncode == 137 and "verify left no result" in done.stderr
    assert script.metric("verify") == "prometheus of verify 0\n"
    assert "verify-verify.json" not in script.names("results")


def test_what_cannot_be_rendered_is_told_and_hides_nothing(script):
    script.run("verify")
    done = script.run("verify", CODE_verify="3", RENDER_FAILS="1")
    assert done.returncode == 3
    assert "the metrics of verify could not be written" in done.stderr and "no summary of verify" in done.stderr
    assert script.names("metrics") == ["nsxcert-lab-verify.prom"]
    assert script.metric("verify") == "prometheus of verify 0\n"


@pytest.mark.parametrize("variable", ["NSXCERT_REQUESTS", "NSXCERT_FILES", "NSXCERT_TEXTFILE_DIR"])
def test_a_missing_folder_is_not_made(script, variable):
    done = script.run("apply", **{variable: "elsewhere"})
    assert done.returncode == 64 and f"there is no folder elsewhere ({variable})" in done.stderr
    assert script.sent == [] and not (script.folder / "elsewhere").exists()


def test_a_summary_that_cannot_be_written_is_told(script):
    (script.folder / "results" / "apply.md").mkdir(parents=True)
    done = script.run("apply")
    assert done.returncode == 74 and script.sent == [] and "apply.md cannot be written" in done.stderr


def test_a_program_beside_the_requests(script):
    done = script.run("apply", NSXCERT="bin/nsxcert", PATH=os.environ["PATH"])
    assert done.returncode == 0 and len(script.sent) == 3


def test_wrong_calls(script):
    for arguments in ([], ["destroy"], ["--help"]):
        done = script.run(*arguments)
        assert done.returncode == 64 and "usage:" in done.stderr and script.sent == []
    for path in (script.folder / "requests").iterdir():
        path.unlink()
    for stage in ("validate", "plan", "apply", "verify"):
        done = script.run(stage)
        assert done.returncode == 64 and "there are no requests" in done.stderr


def test_without_a_collector_there_are_no_metrics(script):
    assert script.run("apply", NSXCERT_TEXTFILE_DIR=None).returncode == 0
    assert not [line for line in script.trace.read_text().splitlines() if "prometheus" in line]
    assert len(script.sent) == 3


def test_requests_that_are_not_there_are_left_out(script):
    (script.folder / "requests" / "generate.json").unlink()
    assert script.run("apply").returncode == 0
    assert [operation for operation, _ in script.sent] == ["import", "register"]
