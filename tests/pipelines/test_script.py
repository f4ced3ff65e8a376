# SPDX-License-Identifier: Apache-2.0
"""nsxcert-pipeline.sh where things go wrong around nsxcert, with a program that plays it."""
import os
import re
import subprocess

import pytest

# Says what it is told to by the environment, one exit code for each operation.
PLAYED = r"""#!/bin/sh
echo "$*" >>"$TRACE"
if [ "$1" = --render ]; then
    [ -z "${RENDER_FAILS:-}" ] || exit 74
    read -r operation code <"$3"
    if [ "$2" = markdown ]; then
        echo "markdown of $operation $code"
        exit 0
    fi
    labels="operation=\"$operation\",${LABELS-target=\"vip\",request_id=\"own\",}dry_run=\"false\""
    [ "$code" != 64 ] || labels='dry_run="false"'
    echo "# HELP nsxcert_last_run_info Facts of the last run."
    echo "nsxcert_last_run_info{$labels,error_code=\"$code\"} 1"
    case $code in
        0 | 3)
            echo "# HELP nsxcert_status What was found."
            echo "nsxcert_status{$labels,status=\"$code\"} 1"
            ;;
    esac
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

    def ended(self, operation):
        """The code that its last run is told to have ended with."""
        (code,) = re.findall('^nsxcert_last_run_info{.*,error_code="(.*)"} 1$', self.metric(operation), re.MULTILINE)
        return int(code)

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
    assert script.ended("register") == 0
    assert (script.folder / "results" / "apply.md").read_text().splitlines() == [
        "markdown of generate 0", "markdown of import 0", "markdown of register 0"]


def test_plan_says_2_when_something_would_change(script):
    assert script.run("plan", CODE_import="2").returncode == 2
    assert [operation for operation, _ in script.sent] == ["generate", "import", "register", "verify"]


@pytest.mark.parametrize("stage, code", [("plan", 75), ("plan", 1), ("apply", 75), ("apply", 1), ("apply", 2)])
def test_after_a_failure_verify_alone_is_sent(script, stage, code):
    """The stage verify will not come, and the metrics of yesterday would stay."""
    failing = {"CODE_register" if code == 2 else "CODE_import": str(code), "CODE_verify": "3"}
    assert script.run(stage, **failing).returncode == code
    sent = [operation for operation, _ in script.sent]
    assert sent == ["generate", "import", *(["register"] if code == 2 else []), "verify"]
    assert script.sent[-1] == ("verify", []) and script.ended("verify-run") == 3 and 'status="3"' in script.metric("verify")
    assert "markdown of verify 3" in (script.folder / "results" / f"{stage}.md").read_text()
    script.run(stage, **failing, NSXCERT_TEXTFILE_DIR=None)
    assert "verify" not in [operation for operation, _ in script.sent]  # there are no metrics to renew
    (script.folder / "requests" / "verify.json").unlink()
    assert script.run(stage, **failing).returncode == code


@pytest.mark.parametrize("stage", ["plan", "apply"])
def test_nothing_is_sent_after_refused_credentials(script, stage):
    assert script.run(stage, CODE_import="77").returncode == 77
    assert [operation for operation, _ in script.sent] == ["generate", "import"]
    assert script.ended("import") == 77
    assert "markdown of import 77" in (script.folder / "results" / f"{stage}.md").read_text()


def test_validate_tells_all_and_publishes_nothing(script):
    """It may be run of a branch that never comes to the cluster."""
    script.run("verify", CODE_verify="3")
    before = script.metric("verify")
    assert script.run("validate", CODE_generate="64", CODE_verify="64").returncode == 64
    assert len(script.sent) == 4
    assert script.names("metrics") == ["nsxcert-lab-verify-run.prom", "nsxcert-lab-verify.prom"]
    assert script.metric("verify") == before and script.ended("verify-run") == 3


def test_what_verify_found_stays_until_it_finds_something_again(script):
    script.run("verify", CODE_verify="3")
    found = script.metric("verify")
    assert 'status="3"} 1\n' in found and "last_run" not in found
    assert "nsxcert_status" not in script.metric("verify-run")
    assert script.run("verify", CODE_verify="1").returncode == 1
    assert script.ended("verify-run") == 1 and script.metric("verify") == found
    script.run("verify")
    assert script.ended("verify-run") == 0 and 'status="0"} 1\n' in script.metric("verify")


def test_runs_of_two_clusters_differ_where_the_requests_could_not_be_read(script):
    for name in ("lab", "prod"):
        script.run("apply", CODE_generate="64", NSXCERT_NAME=name)
        path = script.folder / "metrics" / f"nsxcert-{name}-generate.prom"
        assert f'{{operation="generate",request_id="{name}",dry_run="false",error_code="64"}} 1\n' in path.read_text()


@pytest.mark.parametrize("labels, told", [("", 'request_id="lab",'), ('target="vip",', 'target="vip",request_id="lab",'),
                                          ('request_id="own",', 'request_id="own",')])
def test_a_request_without_an_id_is_told_by_the_name(script, labels, told):
    script.run("apply", LABELS=labels)
    assert f'nsxcert_status{{operation="import",{told}dry_run="false",status="0"}} 1\n' in script.metric("import")


def test_a_name_that_is_no_part_of_a_file_name_and_a_label(script):
    for name in ("../lab", 'l"ab', "l ab"):
        done = script.run("apply", NSXCERT_NAME=name)
        assert done.returncode == 64 and "NSXCERT_NAME" in done.stderr and script.sent == []


def test_verify_without_a_request_is_no_success(script):
    (script.folder / "requests" / "verify.json").unlink()
    done = script.run("verify")
    assert done.returncode == 64 and "there is no verify.json" in done.stderr
    assert script.sent == [] and script.names("metrics") == []


def test_the_last_run_of_an_operation_is_the_one_that_is_told(script):
    script.run("apply", CODE_import="77")
    assert script.ended("import") == 77
    script.run("plan")
    assert script.ended("import") == 0
    assert script.names("metrics") == [f"nsxcert-lab-{one}.prom" for one in ("generate", "import", "register")]


def test_metrics_can_be_read_by_others(script):
    done = subprocess.run(["sh", "-c", 'umask 077 && exec "$@"', "sh", script.path, "verify"], cwd=script.folder, check=True,
                          env={**os.environ, "NSXCERT": str(script.folder / "bin" / "nsxcert"), "TRACE": str(script.trace),
                               "NSXCERT_REQUESTS": "requests", "NSXCERT_TEXTFILE_DIR": "metrics", "NSXCERT_NAME": "lab"})
    assert done.returncode == 0
    paths = list((script.folder / "metrics").iterdir())
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o644, 0o644]


def test_a_killed_run_leaves_the_metrics_to_grow_old(script):
    script.run("verify")
    done = script.run("verify", CODE_verify="killed")
    assert done.returncode == 137 and "verify left no result" in done.stderr
    assert script.ended("verify-run") == 0
    assert "verify-verify.json" not in script.names("results")


def test_what_cannot_be_rendered_is_told_and_hides_nothing(script):
    script.run("verify")
    done = script.run("verify", CODE_verify="3", RENDER_FAILS="1")
    assert done.returncode == 3
    assert "there are no metrics of verify" in done.stderr and "no summary of verify" in done.stderr
    assert script.ended("verify-run") == 0 and 'status="0"' in script.metric("verify")


def test_metrics_that_cannot_be_written_are_told_and_leave_nothing(script):
    move = script.folder / "bin" / "mv"
    move.write_text("#!/bin/sh\nexit 1\n")
    move.chmod(0o755)
    done = script.run("apply")
    assert done.returncode == 0 and "the metrics of import could not be written" in done.stderr
    assert script.names("metrics") == []


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
