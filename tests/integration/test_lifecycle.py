# SPDX-License-Identifier: Apache-2.0
"""Day 1, day 2, day 335: the same unedited requests, whatever happened in between."""
import pytest
from generating import issue
from job import OPERATIONS, Job
from pki import make, rsa_key

WRITES_OF_ALL = 5  # import, three managers, the VIP
SOME = ("2.4", "3.2", "4.2", "9.0")


@pytest.fixture
def job(sim, program, tmp_path):
    return Job(program, sim, tmp_path)


def fingerprint(job):
    return job.run("verify").result["certificate"]["fingerprint_sha256"]


def test_day_1_and_day_2(job, sim):
    first = job.run_all()
    assert job.changed(first) == ["generate", "import", "register"]
    assert first["verify"].result["status"] == "in_sync"
    assert first["import"].json["meta"]["trusted_by"] == "pin"
    assert len(sim.log(writes=True)) == WRITES_OF_ALL

    done = len(sim.log(writes=True))
    second = job.run_all()
    assert job.changed(second) == []
    assert len(sim.log(writes=True)) == done
    # The pins of the factory no longer match anything: the request's own certificate is what is trusted now.
    assert second["import"].json["meta"]["trusted_by"] == "request"


@pytest.mark.versions(*SOME)
def test_day_335_renews_once(job, sim):
    job.run_all()
    old = fingerprint(job)
    job.days = 335
    due = job.run("verify")
    assert due.code == 0 and due.result["renewal_due"] and "renewal-due" in due.warnings

    renewed = job.run_all()
    assert job.changed(renewed) == ["generate", "import", "register"]
    # Until the new one is registered the managers serve the previous certificate, and it is trusted.
    assert renewed["import"].json["meta"]["trusted_by"] == "request"
    assert renewed["verify"].result["certificate"]["fingerprint_sha256"] != old
    assert job.changed(job.run_all()) == []
    assert len(sim.log(writes=True)) == 2 * WRITES_OF_ALL


def sign(job):
    """What a CA elsewhere does with the request: its answer, and itself behind it."""
    ca = make("ca.example.com", key=rsa_key(1), ca=True, days=3650)
    nodes = [node["address"].partition(":")[0] for node in job.sim.nodes]
    issue(job.folder, ca, names_=[job.sim.vip, *nodes], start=job.days)
    with (job.folder / "nsx.crt").open("a") as file:
        file.write(ca.pem)


@pytest.mark.versions(*SOME)
def test_a_ca_elsewhere_answers_twice(job):
    """The second answer replaces the first one, which the managers still serve: nothing but factory pins is trusted
    beside what the requests put in place."""
    job.requests["generate"]["parameters"].update(kind="request", request_path="nsx.csr")
    assert job.run("generate").json["changed"]
    sign(job)
    assert job.changed(job.run_all()) == ["import", "register"]
    old = fingerprint(job)

    job.days = 335
    # The new request is not answered yet: the managers keep what they have.
    assert job.changed(job.run_all()) == ["generate"]
    sign(job)
    for expected in (["import", "register"], []):
        outcomes = job.run_all()
        assert job.changed(outcomes) == expected
        assert outcomes["import"].json["meta"]["trusted_by"] == "request"
        assert outcomes["verify"].result["certificate"]["fingerprint_sha256"] != old


@pytest.mark.versions("2.4", "4.2")
def test_an_expired_certificate_does_not_lock_out(job):
    job.run_all()
    job.days = 400
    outcomes = job.run_all()
    assert job.changed(outcomes) == ["generate", "import", "register"]
    assert "manager-certificate-expired" in outcomes["import"].warnings
    assert outcomes["verify"].result["status"] == "in_sync"


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("done", range(1, len(OPERATIONS)))
def test_stopped_between_two_operations(job, done):
    for operation in OPERATIONS[:done]:
        assert job.run(operation).code == 0
    assert job.run_all()["verify"].result["status"] == "in_sync"
    assert job.changed(job.run_all()) == []


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("done", range(1, len(OPERATIONS)))
def test_stopped_between_two_operations_of_a_renewal(job, done):
    job.run_all()
    job.days = 335
    for operation in OPERATIONS[:done]:
        assert job.run(operation).code == 0
    assert job.run_all()["verify"].result["status"] == "in_sync"
    assert job.changed(job.run_all()) == []


@pytest.mark.versions("2.4", "4.2")
def test_killed_in_the_middle_of_register(job, sim):
    """One manager has the new certificate, the others the old one: the next day's requests carry on."""
    for operation in OPERATIONS[:2]:
        assert job.run(operation).code == 0
    sim.fault({"what": "hang_before", "method": "POST", "action": "set_cluster_certificate|apply_certificate", "nth": 2})
    process = job.start("register")
    try:
        while not any(fault["strikes"] for fault in sim.faults()):
            assert process.poll() is None
    finally:
        process.kill()
        process.communicate()
    sim.clear_faults()
    assert len({one["sha256"] for one in sim.state()["serves"].values()}) > 1
    outcomes = job.run_all()
    assert job.changed(outcomes) == ["register"] and outcomes["verify"].result["status"] == "in_sync"
    done = [entry for entry in sim.log(writes=True) if entry["done"]]
    assert len(done) == WRITES_OF_ALL


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_dry_run_writes_nothing_and_tells_what_the_run_does(job, sim, operation):
    for earlier in OPERATIONS[:OPERATIONS.index(operation)]:
        job.run(earlier)
    before, files = len(sim.log(writes=True)), sorted(path.name for path in job.folder.iterdir())
    dry = job.run(operation, "--dry-run")
    assert len(sim.log(writes=True)) == before
    assert sorted(path.name for path in job.folder.iterdir()) == files
    real = job.run(operation)
    assert dry.json["changed"] == real.json["changed"]
    as_done = {"planned": "done"}
    assert [(step["name"], step.get("endpoint"), as_done.get(step["outcome"], step["outcome"]), step["changed"],
             step["reasons"]) for step in dry.json["steps"]] == [
        (step["name"], step.get("endpoint"), step["outcome"], step["changed"], step["reasons"])
        for step in real.json["steps"]]
    assert without(dry.json["diff"], dry.json["unknown"]) == without(real.json["diff"], dry.json["unknown"])


def without(diff, unknown):
    """The differences with what only the run can know taken out."""
    kept = []
    for index, entry in enumerate(diff):
        after = {name: value for name, value in (entry["after"] or {}).items()
                 if f"/diff/{index}/after/{name}" not in unknown}
        kept.append((entry["what"], entry["before"], after))
    return kept
