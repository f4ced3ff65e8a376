# SPDX-License-Identifier: Apache-2.0
"""SIGKILL while the manager holds a request, before its work and after it; then the same request again."""
import signal
import time

import api
import pytest
from sweeping import Stages, requests_of

HOLDS = ("hang_before", "work_hang")
PATIENCE = 60


def wait_until_held(stage, process):
    """Until the fault has struck: the request has arrived, and what it asks for is done or not."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if any(fault["strikes"] for fault in stage.sim.faults()):
            return
        assert process.poll() is None, "it ended by itself"
    raise AssertionError("the request never came")


def kill_at(stage, operation, hold, number, whole):
    stage.prepare(operation, whole)
    request = stage.request(operation, whole, deadline=60)
    request["manager"]["request_timeout_seconds"] = 60
    stage.sim.fault({"what": hold, "nth": number})
    done = len(stage.sim.log())
    process = stage.program.start(request)
    try:
        wait_until_held(stage, process)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    stage.sim.clear_faults()

    request = stage.request(operation, whole, deadline=60)
    again, _ = stage.run(request)
    assert again.code == 0, (again.code, again.json["error"])
    assert max(stage.written(stage.sim.log()[done:]).values(), default=0) <= 1, "done twice"
    third, log = stage.run(request)
    assert third.code == 0 and not third.json["changed"] and not any(entry["write"] for entry in log)
    if operation == "import":
        assert len(api.entries(stage.sim, stage.pair)) == 1
    else:
        found, _ = stage.run(stage.request("verify", whole, deadline=60))
        assert found.result["status"] == "in_sync"


def kill_everywhere(path, whole, version):
    cases = [(operation, hold, number, whole) for operation in ("import", "register") for hold in HOLDS
             for number in range(1, requests_of(path, operation, whole) + 1)]
    with Stages(path, version) as stages:
        wrong = stages.each(kill_at, cases)
    assert not wrong, f"{len(wrong)} of {len(cases)} cases:\n" + "\n".join(wrong)


def test_killed_at_every_request(nsxcert_release):
    kill_everywhere(nsxcert_release, False, "4.2")


@pytest.mark.long
@pytest.mark.parametrize("version", ["3.2", "4.2", "9.0"])
def test_killed_at_every_request_with_three_managers(nsxcert_release, version):
    kill_everywhere(nsxcert_release, True, version)
