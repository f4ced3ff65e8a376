# SPDX-License-Identifier: Apache-2.0
"""Each file of pipelines/ passes its own system's linter or schema, and the schemas do refuse."""
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import stages
from compat.test_metrics import NAMES
from jsonschema import Draft202012Validator

HERE = Path(__file__).resolve().parent
FOREIGN = {"node_textfile_mtime_seconds", "node_textfile_scrape_error"}


def passes(done):
    assert done.returncode == 0, done.stdout
    return done.stdout


def write(path, text, old, new):
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1))
    return path


def test_github_actions_by_actionlint(tool, pipelines, tmp_path):
    config = ("-config-file", HERE / "actionlint.yaml", "-no-color")
    passes(tool("actionlint", *config, pipelines / "github-actions.yml"))
    text = (pipelines / "github-actions.yml").read_text()
    injected = write(tmp_path / "a.yml", text, "nsxcert-pipeline.sh validate", "x ${{ github.head_ref }}")
    assert "potentially untrusted" in tool("actionlint", *config, injected).stdout


VENDORS = [("vendor.gitlab-ci", "gitlab-ci.yml", "exit_codes: 2", "exit_codes: two"),
           ("vendor.github-workflows", "github-actions.yml", "runs-on:", "run-on:")]
OWN = [("concourse", "concourse.yml", "path: sh", "folder: sh"), ("tekton", "tekton.yaml", "runAfter:", "runafter:")]


@pytest.mark.parametrize("schema, name, right, wrong", VENDORS, ids=lambda value: value)
def test_by_the_vendors_schema(tool, pipelines, tmp_path, schema, name, right, wrong):
    passes(tool("check-jsonschema", "--builtin-schema", schema, pipelines / name))
    broken = write(tmp_path / name, (pipelines / name).read_text(), right, wrong)
    assert tool("check-jsonschema", "--builtin-schema", schema, broken).returncode == 1


@pytest.mark.parametrize("schema, name, right, wrong", OWN, ids=lambda value: value)
def test_by_a_schema_of_our_own(pipelines, tmp_path, schema, name, right, wrong):
    rules = json.loads((HERE / "schemas" / f"{schema}.schema.json").read_text())
    Draft202012Validator.check_schema(rules)
    documents = stages.load(pipelines / name)
    assert documents
    for document in documents:
        Draft202012Validator(rules).validate(document)
    broken = stages.load(write(tmp_path / name, (pipelines / name).read_text(), right, wrong))
    assert not all(Draft202012Validator(rules).is_valid(document) for document in broken)


def test_concourse_names_only_what_it_has(pipelines):
    (document,) = stages.load(pipelines / "concourse.yml")
    resources = {resource["name"] for resource in document["resources"]}
    jobs = [job["name"] for job in document["jobs"]]
    assert jobs == list(stages.STAGES)
    for before, job in zip([None, *jobs], document["jobs"]):
        steps = job["plan"][0].get("in_parallel", []) + job["plan"]
        gets = [step for step in steps if "get" in step]
        assert {step["get"] for step in gets} <= resources
        assert all(step.get("passed") == (before and [before]) for step in gets)
        # Each day brings all jobs to run, a commit does not apply by itself.
        triggers = {step["get"] for step in gets if step.get("trigger")}
        assert triggers == ({"daily"} if job["name"] == "apply" else resources)


def test_tekton_names_only_what_it_has(pipelines):
    task, pipeline, run = stages.load(pipelines / "tekton.yaml")
    names = [one["name"] for one in pipeline["spec"]["tasks"]]
    assert names == list(stages.STAGES)
    declared = {one["name"]: "default" in one for one in task["spec"]["params"]}
    for before, one in zip([None, *names], pipeline["spec"]["tasks"]):
        given = {param["name"] for param in one["params"]}
        assert given <= set(declared) and given >= {name for name, optional in declared.items() if not optional}
        assert one.get("runAfter", [None]) == [before]
        assert {space["name"] for space in one["workspaces"]} == {space["name"] for space in task["spec"]["workspaces"]}
    for members in ("params", "workspaces"):
        assert [one["name"] for one in pipeline["spec"][members]] == [one["name"] for one in run["spec"][members]]


def unit_copies(pipelines, folder):
    """The units in a folder, where the command that they run exists."""
    for path in (pipelines / "systemd").iterdir():
        text = path.read_text().replace("/usr/local/lib/nsxcert", str(pipelines)).replace("User=nsxcert", "User=root")
        (folder / path.name).write_text(text)
    return [folder / "nsxcert@.service", folder / "nsxcert@.timer"]


def test_systemd_units(tool, pipelines, tmp_path):
    units = unit_copies(pipelines, tmp_path)
    done = tool("systemd-analyze", "verify", "--man=no", *units)
    assert done.returncode == 0 and done.stdout == "", done.stdout
    write(units[0], units[0].read_text(), "NoNewPrivileges=", "NoNewPriviliges=")
    assert "Unknown key" in tool("systemd-analyze", "verify", "--man=no", *units).stdout


def test_systemd_exposes_little(tool, pipelines, tmp_path):
    units = unit_copies(pipelines, tmp_path)
    passes(tool("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=20", units[0]))


def test_systemd_timer_comes_daily(tool, pipelines):
    (when,) = re.findall("^OnCalendar=(.+)$", (pipelines / "systemd" / "nsxcert@.timer").read_text(), re.MULTILINE)
    passes(tool("systemd-analyze", "calendar", when))


def test_scripts_by_shellcheck(tool, pipelines, tmp_path):
    passes(tool("shellcheck", pipelines / "nsxcert-pipeline.sh"))
    (concourse,) = stages.load(pipelines / "concourse.yml")
    bodies = [concourse["jobs"][0]["plan"][1]["config"]["run"]["args"][1],
              stages.load(pipelines / "tekton.yaml")[0]["spec"]["steps"][0]["script"]]
    for number, body in enumerate(bodies):
        script = tmp_path / f"{number}.sh"
        script.write_text(body)
        passes(tool("shellcheck", "--shell=sh", script))


def test_alert_rules(tool, pipelines):
    assert "12 rules found" in passes(tool("promtool", "check", "rules", pipelines / "prometheus" / "nsxcert.rules.yml"))
    passes(tool("promtool", "test", "rules", "nsxcert.rules.test.yml", cwd=pipelines / "prometheus"))


def test_the_rule_of_the_readme(tool, pipelines, tmp_path):
    (block,) = re.findall("```yaml\n(.*?)```", (pipelines / "README.md").read_text(), re.DOTALL)
    (tmp_path / "own.yml").write_text("groups:\n- name: own\n  rules:\n" + block)
    passes(tool("promtool", "check", "rules", tmp_path / "own.yml"))
    assert "nsxcert-lab-verify\\\\.prom" in block


def test_every_alert_has_a_test(pipelines):
    (rules,) = stages.load(pipelines / "prometheus" / "nsxcert.rules.yml")
    (tests,) = stages.load(pipelines / "prometheus" / "nsxcert.rules.test.yml")
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    cases = [case for test in tests["tests"] for case in test["alert_rule_test"]]
    assert {case["alertname"] for case in cases if case["exp_alerts"]} == alerts
    # Each also has a moment at which it must be silent, but the one that need not wait for anything.
    assert {case["alertname"] for case in cases if not case["exp_alerts"]} == alerts - {"NsxcertRunFailed"}


def queries(pipelines):
    dashboard = json.loads((pipelines / "grafana" / "nsxcert.json").read_text())
    found = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(found) >= len(dashboard["panels"]) > 0
    return found


def test_dashboard_queries(tool, pipelines, tmp_path):
    rules = [{"record": f"dashboard:query_{number}", "expr": query.replace("$target", ".*")}
             for number, query in enumerate(queries(pipelines))]
    (tmp_path / "queries.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    passes(tool("promtool", "check", "rules", tmp_path / "queries.yml"))


def test_last_runs_are_listed_where_two_could_not_be_read(tool, pipelines, tmp_path):
    """Their results have neither operation nor target, and are told apart by the code alone."""
    dashboard = json.loads((pipelines / "grafana" / "nsxcert.json").read_text())
    (query,) = [panel["targets"][0]["expr"] for panel in dashboard["panels"] if panel["title"] == "Last runs"]
    series = [{"series": f'nsxcert_last_run_info{{job="node",instance="ci",{labels}}}', "values": "1"}
              for labels in ('error_code="usage"', 'error_code="malformed-request"', 'operation="verify",target="vip"')]
    expected = [{"labels": '{instance="ci",operation="verify",target="vip"}', "value": 1},
                {"labels": '{instance="ci",error_code="usage"}', "value": 0},
                {"labels": '{instance="ci",error_code="malformed-request"}', "value": 0}]
    (tmp_path / "test.yml").write_text(json.dumps({"tests": [{"interval": "5m", "input_series": series, "promql_expr_test": [
        {"expr": query, "eval_time": "0m", "exp_samples": expected}]}]}))
    passes(tool("promtool", "test", "rules", tmp_path / "test.yml"))


def test_dashboard_is_whole(pipelines):
    dashboard = json.loads((pipelines / "grafana" / "nsxcert.json").read_text())
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard["panels"])))
    assert used == variables
    identities = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(identities)) == len(identities)
    cells = [(x, y) for panel in dashboard["panels"] for grid in [panel["gridPos"]]
             for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])]
    assert len(set(cells)) == len(cells) and max(x for x, _ in cells) < 24


def test_rules_and_dashboard_ask_for_metrics_that_exist(pipelines):
    (rules,) = stages.load(pipelines / "prometheus" / "nsxcert.rules.yml")
    text = " ".join([*queries(pipelines), *(rule["expr"] for group in rules["groups"] for rule in group["rules"])])
    asked = set(re.findall(r"\b(?:nsxcert|node)_[a-z_]+\b", text))
    assert asked <= set(NAMES) | FOREIGN and asked > FOREIGN


@pytest.mark.parametrize("folder", ["requests", "requests-env"])
def test_example_requests_are_valid(nsxcert_release, pipelines, folder):
    paths = sorted((pipelines / folder).glob("*.json"))
    assert paths
    for path in paths:
        subprocess.run([nsxcert_release, "--validate", "--request-file", path], check=True, stdout=subprocess.DEVNULL)
        request = json.loads(path.read_text())
        assert request["operation"] == path.stem and request["request_id"] == "lab"


def test_no_stage_has_credentials_before_it_needs_them(pipelines):
    """validate is run without any; nowhere does a secret stand as a value."""
    (github,) = stages.load(pipelines / "github-actions.yml")
    assert "secrets." not in json.dumps(github["jobs"]["validate"]) and "environment" not in github["jobs"]["validate"]
    (gitlab,) = stages.load(pipelines / "gitlab-ci.yml")
    assert "environment" not in gitlab["validate"]
    # It is run for any branch: neither on the runner of the key nor with the folders there.
    assert gitlab["validate"]["tags"] != gitlab[".cluster"]["tags"] and "tags" not in gitlab["default"]
    assert not {"NSXCERT_FILES", "NSXCERT_TEXTFILE_DIR"} & set(gitlab["variables"])
    (concourse,) = stages.load(pipelines / "concourse.yml")
    assert "((nsx." not in json.dumps(concourse["jobs"][0])
    assert "secret" not in {param["name"] for param in stages.load(pipelines / "tekton.yaml")[1]["spec"]["tasks"][0]["params"]}


def test_github_gives_secrets_to_environments_and_waits_in_apply_alone(pipelines):
    """A secret of the repository is any branch's; a run that waits for an approval must not hold the next day's."""
    (github,) = stages.load(pipelines / "github-actions.yml")
    using = {name: job["environment"] for name, job in github["jobs"].items() if "secrets." in json.dumps(job)}
    assert using == {"plan": "nsx-lab", "apply": "nsx-lab-apply", "verify": "nsx-lab"}
    assert "concurrency" not in github and [name for name, job in github["jobs"].items() if "concurrency" in job] == ["apply"]


def test_tekton_runs_as_a_user_whose_the_claim_is(pipelines):
    task, _, run = stages.load(pipelines / "tekton.yaml")
    assert task["spec"]["steps"][0]["securityContext"]["runAsNonRoot"] is True
    context = run["spec"]["taskRunTemplate"]["podTemplate"]["securityContext"]
    assert context["runAsUser"] > 0 and context["fsGroup"] > 0


def seconds(duration):
    """"2h", "30m", "7200s" or minutes as a number."""
    if isinstance(duration, int):
        return duration * 60
    return int(duration[:-1]) * {"h": 3600, "m": 60, "s": 1}[duration[-1]]


def limits(pipelines, stage):
    """{system: seconds that it gives the stage}"""
    (gitlab,) = stages.load(pipelines / "gitlab-ci.yml")
    (github,) = stages.load(pipelines / "github-actions.yml")
    (task,) = [task for task in stages.load(pipelines / "tekton.yaml")[1]["spec"]["tasks"] if task["name"] == stage]
    (start,) = re.findall("^TimeoutStartSec=(.+)$", (pipelines / "systemd" / "nsxcert@.service").read_text(), re.MULTILINE)
    durations = {"gitlab": gitlab[".cluster"]["timeout"], "github": github["jobs"][stage]["timeout-minutes"],
                 "tekton": task.get("timeout", "1h"), "systemd": start}
    return {system: seconds(duration) for system, duration in durations.items()}


@pytest.mark.parametrize("stage, operations", [("plan", ("generate", "import", "register", "verify")),
                                               ("apply", ("generate", "import", "register", "verify")), ("verify", ("verify",))])
def test_no_stage_is_ended_before_its_deadlines_end_it(pipelines, stage, operations):
    """A killed run leaves no result. A plan or apply that fails sends verify too."""
    needed = 0
    for operation in operations:
        request = json.loads((pipelines / "requests" / f"{operation}.json").read_text())
        schema = json.loads((pipelines.parent / "schema" / f"{operation}.schema.json").read_text())
        needed += request.get("deadline_seconds", schema["properties"]["deadline_seconds"]["default"])
    assert min(limits(pipelines, stage).values()) > needed


def test_tekton_gives_the_pipeline_what_its_tasks_may_take(pipelines):
    _, pipeline, run = stages.load(pipelines / "tekton.yaml")
    tasks = [seconds(task.get("timeout", "1h")) for task in pipeline["spec"]["tasks"]]
    assert seconds(run["spec"]["timeouts"]["pipeline"]) >= sum(tasks)


def test_the_script_needs_no_bash(tool, pipelines):
    if shutil.which("dash") is None:
        pytest.skip("no dash here")
    done = tool("dash", "-n", pipelines / "nsxcert-pipeline.sh")
    assert done.returncode == 0 and done.stdout == ""
