# SPDX-License-Identifier: Apache-2.0
"""The five pipelines against a simulated cluster: each command is that of the file."""
import hashlib
import json
import re
import ssl
import subprocess

import pytest
import stages
from simulator.fixture import Simulator

WRONG = "not-the-password-4711"


@pytest.fixture(scope="module")
def simulator():
    with Simulator.start("4.2") as running:
        yield running


@pytest.fixture
def sim(simulator):
    simulator.reset()
    return simulator


def pins(pem_file):
    with open(pem_file, encoding="ascii") as file:
        blocks = re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", file.read(), re.DOTALL)
    return sorted({hashlib.sha256(ssl.PEM_cert_to_DER_cert(block)).hexdigest() for block in blocks})


def aim(request, sim):
    """A request of pipelines/, for the simulated cluster."""
    if "manager" in request:
        request["manager"] |= {"address": sim.endpoint(sim.vip), "nodes": [node["address"] for node in sim.nodes]}
        request["manager"]["auth"]["username"] = sim.username
        request["manager"]["tls"]["pin_sha256"] = pins(sim.factory_pem)
    parameters = request["parameters"]
    if request["operation"] == "generate":
        parameters["common_name"] = sim.vip
        parameters["san"]["ip"] = [sim.vip, *(node["address"] for node in sim.nodes)]
    if request["operation"] == "register":
        parameters["confirm_after_seconds"] = 0
    return request


@pytest.fixture(params=stages.PIPELINES, ids=lambda kind: kind.__name__)
def pipeline(request, pipelines, sim, nsxcert_release, tmp_path):
    path = stages.release_on_path(nsxcert_release, tmp_path / "bin")
    made = request.param(pipelines, tmp_path, path, {"NSXT_PASSWORD": sim.password})
    for example in (pipelines / made.requests).glob("*.json"):
        (made.nsx / example.name).write_text(json.dumps(aim(json.loads(example.read_text()), sim)))
    if made.requests == "requests-env":
        pair = make_pair(pipelines, sim, nsxcert_release, tmp_path)
        made.secrets |= {"NSX_CERTIFICATE": pair[0], "NSX_PRIVATE_KEY": pair[1]}
    return made


def make_pair(pipelines, sim, program, folder):
    request = aim(json.loads((pipelines / "requests" / "generate.json").read_text()), sim)
    subprocess.run([program], input=json.dumps(request), text=True, cwd=folder, check=True, capture_output=True)
    return (folder / "nsx.crt").read_text(), (folder / "nsx.key").read_text()


def stage(pipeline, name, code=0):
    found, output = pipeline.run(name)
    assert found == code, output
    for secret in filter(None, map(pipeline.secrets.get, ("NSXT_PASSWORD", "NSX_PRIVATE_KEY"))):
        assert secret not in output
    return output


def success(operation, value, dry_run="false"):
    return re.compile(rf'^nsxcert_last_run_success{{operation="{operation}",.*dry_run="{dry_run}"}} {value}$', re.MULTILINE)


def test_the_life_of_a_cluster(pipeline, sim):
    secrets, pipeline.secrets = pipeline.secrets, {}
    if pipeline.requests == "requests-env":
        pipeline.secrets = {name: "" for name in secrets}
    stage(pipeline, "validate")
    assert sim.log() == [] and list(pipeline.metrics.glob("*")) == []
    pipeline.secrets = secrets

    stage(pipeline, "plan")
    assert pipeline.changes and sim.log(writes=True) == []
    assert success("register", 1, "true").search(pipeline.metric("register"))
    stage(pipeline, "apply")
    assert "# HELP" in pipeline.metric("import") and success("register", 1).search(pipeline.metric("register"))
    stage(pipeline, "verify")
    assert 'status="in_sync"} 1\n' in pipeline.metric("verify")
    assert "## ✓ verify: ok, in&#95;sync" in (pipeline.results / "verify.md").read_text()

    stage(pipeline, "plan")
    assert not pipeline.changes
    # Somebody puts another certificate in its place.
    sim.patch({"rival": True})
    stage(pipeline, "verify", 3)
    assert json.loads((pipeline.results / "verify-verify.json").read_text())["error"]["code"] == "drifted"
    assert "## ✗ verify: failed, drifted" in (pipeline.results / "verify.md").read_text()
    assert success("verify", 0).search(pipeline.metric("verify-run"))
    assert 'status="drifted"} 1\n' in pipeline.metric("verify")
    assert sorted(path.name for path in pipeline.metrics.glob(".*")) == []


def found(pipeline, node, status):
    pattern = rf'^nsxcert_endpoint_status{{.*address="{node["address"]}".*status="{status}"}} 1$'
    return re.search(pattern, pipeline.metric("verify"), re.MULTILINE)


def test_the_metrics_are_renewed_where_verify_does_not_come(pipeline, sim):
    """A change waits for its approval, then a manager is down: yesterday's in_sync must not stay."""
    _, drifted, down = sim.nodes
    factory = sim.state()["serves"][drifted["uuid"]]["certificate_id"]
    stage(pipeline, "apply")
    stage(pipeline, "verify")
    assert found(pipeline, drifted, "in_sync") and found(pipeline, down, "in_sync")
    sim.patch({"serves": {drifted["uuid"]: factory}})
    stage(pipeline, "plan")
    assert pipeline.changes and found(pipeline, drifted, "drifted") and found(pipeline, down, "in_sync")
    sim.patch({"nodes": {down["uuid"]: {"up": False}}})
    stage(pipeline, "plan", 75)
    assert success("register", 0, "true").search(pipeline.metric("register"))
    assert found(pipeline, drifted, "drifted") and found(pipeline, down, "unknown")
    assert "✗ verify: failed, drifted" in (pipeline.results / "plan.md").read_text()


def test_a_refused_login_is_tried_once(pipeline, sim):
    pipeline.secrets["NSXT_PASSWORD"] = WRONG
    output = stage(pipeline, "apply", 77)
    assert WRONG not in output and "credentials-refused" in output
    assert [entry["status"] for entry in sim.log()] == [403]
    text = pipeline.metric("import")
    assert success("import", 0).search(text) and 'error_code="credentials-refused"' in text
    assert "credentials-refused" in (pipeline.results / "apply.md").read_text()
    assert not (pipeline.metrics / "nsxcert-lab-register.prom").exists()


def test_a_wrong_request_ends_at_validate(pipeline, sim):
    (pipeline.nsx / "import.json").write_text('{"api_version": "nsxcert/v1", "operation": "import", "typo": 1}')
    stage(pipeline, "validate", 64)
    assert sim.log() == []
    assert list(pipeline.metrics.glob("*")) == []
    summary = (pipeline.results / "validate.md").read_text()
    assert "✗ import: failed" in summary and "✓ register: ok" in summary


def test_gitlab_applies_only_after_plan_and_on_the_default_branch(pipelines, tmp_path):
    gitlab = stages.GitLab(pipelines, tmp_path, "", {})

    def starts(source, branch):
        return gitlab.starts(CI_PIPELINE_SOURCE=source, CI_COMMIT_BRANCH=branch, CI_DEFAULT_BRANCH="main")

    assert starts("schedule", "main") == dict.fromkeys(stages.STAGES, "on_success")
    assert starts("push", "main") == {**dict.fromkeys(stages.STAGES, "on_success"), "apply": "manual"}
    # A merge request and a tag have no branch.
    for source, branch in (("schedule", "other"), ("push", "other"), ("merge_request_event", None), ("push", None)):
        assert starts(source, branch) == {"validate": "on_success"}


@pytest.mark.parametrize("name", ["validate", "apply", "verify"])
def test_2_is_a_failure_of_all_stages_but_plan(pipeline, name):
    """The shell itself ends with it, where it finds no script or has no memory."""
    (pipeline.nsx / "nsxcert-pipeline.sh").write_text(
        '#!/bin/sh\nmkdir -p "$NSXCERT_RESULTS"\necho "$1" >"$NSXCERT_RESULTS/$1.md"\nexit 2\n')
    assert pipeline.run(name)[0] == 2


def group(tool, name):
    """The system calls of one of systemd's groups; it may name other groups."""
    words = [line.strip() for line in tool("systemd-analyze", "syscall-filter", "--no-pager", name).stdout.splitlines()]
    found = set()
    for word in words[1:]:
        if word.startswith("@"):
            found |= group(tool, word)
        elif word and not word.startswith("#"):
            found.add(word)
    assert found
    return found


@pytest.mark.parametrize("pipeline", [stages.Systemd], ids=["Systemd"], indirect=True)
def test_the_unit_allows_every_system_call_that_is_made(pipeline, tool, tmp_path):
    """A call outside of the filter kills the process, and no linter tells that."""
    tool("strace", "-V")  # or a skip
    allowed, denied = pipeline.values("SystemCallFilter")
    calls = set().union(*(group(tool, name) for name in allowed.split()))
    calls -= set().union(*(group(tool, name) for name in denied.removeprefix("~").split()))
    trace = tmp_path / "trace"
    pipeline.prefix = ("strace", "-f", "-qq", "-A", "-o", str(trace))
    for name in stages.STAGES:
        stage(pipeline, name)
    made = set(re.findall(r"^\d+ +([a-z]\w+)\(", trace.read_text(), re.MULTILINE))
    assert {"execve", "connect", "rename"} <= made
    assert made <= calls
