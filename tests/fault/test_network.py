# SPDX-License-Identifier: Apache-2.0
"""Every fault at every request of import, register and verify."""
import os
import random

import api
import pytest
from sweeping import DEADLINE, Stages, fault_kinds, requests_of

OPERATIONS = ("import", "register", "verify")
SAMPLE = 60
EXITS = {0, 1, 3, 75, 77}  # 64, 70 and 74 are never a manager's doing
REFUSING = {"status_401", "status_403", "login_401"}
# Somebody else's certificate on the wire, an answer that is a refusal or none of a manager's: trying again is no help.
FINAL = {"cert_expired", "cert_not_yet_valid", "cert_wrong_name", "cert_self_made", "cert_chain_cut", "status_400",
         "status_404", "status_405", "status_409", "status_412", "redirect_same_host", "redirect_other_host",
         "html_200", "html_login", "text_200", "huge_body", "huge_header", "tls_alert", "tls_not_spoken",
         "tls10_only", "handshake_close", "handshake_reset", "empty_body", "json_array", "json_string",
         "json_number", "json_null", "json_empty_object", "json_other_types", "gzip", "bad_status_line",
         "length_too_short", "chunked_garbage"}


def place(name, level, number):
    """The fault at the number-th request; below HTTP: at the connection that carries it."""
    if level == "state":
        return {"what": name, "nth": 1}
    if level == "connection":
        return {"what": name, "after": number - 1, "times": 1}
    return {"what": name, "nth": number, "times": 1}


def codes(name, operation):
    """The exits that this class of fault may have."""
    allowed = {0, 75}
    if name in REFUSING:
        allowed |= {77}
    if name in FINAL:
        allowed |= {1}
    if operation == "verify":
        allowed |= {3}
    return allowed


def judge(stage, operation, name, level, number, whole):
    request = stage.prepare(operation, whole)
    stage.sim.fault(place(name, level, number))
    outcome, log = stage.run(request)
    assert outcome.code in codes(name, operation) & EXITS, (outcome.code, outcome.json["error"])
    assert outcome.json["meta"]["duration_ms"] <= (DEADLINE + 5) * 1000 + 2000  # the contract's bound, plus a busy machine
    for target, count in stage.written(log).items():
        assert count == 1 or looked_between(stage, log, target), (target, count)
    # Nothing leaves for another host: all that was sent arrived here, and names are never looked up from a redirect.
    assert "redirected.sim.test" not in outcome.json["target"]["address"]
    if any(entry["done"] for entry in log if entry["write"]) and outcome.code != 0:
        assert outcome.json["changed"] or operation == "import", "a write was done and is not told"

    stage.sim.clear_faults()
    again, _ = stage.run(stage.request(operation, whole, deadline=60))
    assert again.code == 0, ("again", again.code, again.json["error"])
    if operation == "import":
        ours = [entry for entry in api.entries(stage.sim, stage.pair) if entry.get("has_private_key", True)]
        assert len(ours) == 1, ours
    else:
        found, _ = stage.run(stage.request("verify", whole, deadline=60))
        assert found.result["status"] == "in_sync", found.json


def looked_between(stage, log, target):
    """Time for a long look lies between two writes of one target."""
    times = [entry["time"] for entry in log if entry["write"] and entry["done"] and entry["method"] == "POST"]
    return target != "store" and all(later - earlier >= 1 for earlier, later in zip(times, times[1:]))


def all_cases(path, whole):
    cases = []
    for operation in OPERATIONS:
        for name, level in fault_kinds():
            last = 1 if level == "state" else requests_of(path, operation, whole)
            cases += [(operation, name, level, number, whole) for number in range(1, last + 1)]
    return cases


def sweep(path, cases):
    with Stages(path) as stages:
        wrong = stages.each(judge, cases)
    assert not wrong, f"{len(wrong)} of {len(cases)} cases:\n" + "\n".join(wrong)


def test_a_sample_of_all_faults(nsxcert_release):
    cases = all_cases(nsxcert_release, False)
    sweep(nsxcert_release, random.Random(20).sample(cases, SAMPLE))


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("whole", [False, True], ids=["one-node", "three-nodes"])
def test_all_faults_at_all_requests(nsxcert_release, whole):
    part = os.environ.get("SWEEP_PART")  # "2/8": a part of it, for a person in a hurry
    cases = all_cases(nsxcert_release, whole)
    if part:
        number, of = map(int, part.split("/"))
        cases = cases[number - 1::of]
    sweep(nsxcert_release, cases)
