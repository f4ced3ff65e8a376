# SPDX-License-Identifier: Apache-2.0
"""Many runs at once: one entry, one winner, and the others say so."""
import concurrent.futures

import api
import pki
import pytest
from program import Program
from registering import address_of, imported, pair_for, register_request, served, writes
from requests_for import import_request

MANY = 32


@pytest.fixture
def program(nsxcert_release):
    """Many processes at once: the program as it is shipped."""
    return Program(nsxcert_release)


def together(program, requests):
    with concurrent.futures.ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(program.run, requests))


@pytest.mark.versions("2.4", "4.2")
@pytest.mark.parametrize("duplicates", ["accept", "refuse-pem", "refuse-name"])
def test_many_imports_make_one_entry(sim, program, duplicates):
    """Where duplicates are taken, each run removes what it made itself, and nothing else."""
    sim.switches({"throttle": "off", "duplicates": duplicates})
    pair = pair_for(sim)
    outcomes = together(program, [import_request(sim, pair)] * MANY)
    assert [outcome.code for outcome in outcomes] == [0] * MANY, [outcome.error for outcome in outcomes]
    (entry,) = api.entries(sim, pair)
    assert {outcome.result["certificate_id"] for outcome in outcomes} >= {entry["id"]}
    assert any(outcome.json["changed"] for outcome in outcomes)
    again = program.run(import_request(sim, pair))
    assert not again.json["changed"] and again.result["certificate_id"] == entry["id"]


@pytest.mark.versions("4.2")
def test_imports_inside_the_managers_limits(sim, program):
    """100 requests a second, 40 at once: who is refused tries again."""
    pair = pair_for(sim)
    outcomes = together(program, [import_request(sim, pair)] * MANY)
    assert [outcome.code for outcome in outcomes] == [0] * MANY, [outcome.error for outcome in outcomes]
    assert len(api.entries(sim, pair)) == 1


@pytest.mark.versions("4.2")
def test_registers_of_one_certificate(sim, program):
    sim.switches({"throttle": "off"})
    pair, ident = imported(sim)
    done = len(sim.log())
    outcomes = together(program, [register_request(sim, pair.chain, scope="cluster")] * 8)
    assert [outcome.code for outcome in outcomes] == [0] * 8, [outcome.error for outcome in outcomes]
    assert served(sim)[sim.vip] == pair.fingerprint and sim.state()["registered"] == ident
    accepted = [entry for entry in writes(sim, done) if entry["done"]]
    # Who was accepted says it changed something, and so does who cannot know (the restart cut its answer); the others
    # say that another run did.
    assert sum(outcome.json["changed"] for outcome in outcomes) >= len(accepted) >= 1
    for outcome in outcomes:
        (step, *_) = outcome.json["steps"]
        assert step["outcome"] == ("done" if outcome.json["changed"] else "unchanged")
        assert outcome.json["changed"] or step["reasons"][-1] in (
            "another run gave it that already", "the API says so and the wire shows it")


@pytest.mark.versions("4.2")
def test_two_certificates_race(sim, program):
    """Each run proves its own twice: at most one can say that it won, and the loser never says so."""
    sim.switches({"throttle": "off"})
    (one, _), (two, _) = imported(sim), imported(sim)
    pins = [*pki.fingerprints(sim.factory_pem), one.fingerprint, two.fingerprint]
    changes = {"tls": {"pin_sha256": pins}}
    outcomes = together(program, [
        register_request(sim, pair.chain, scope="cluster", deadline=30, settle_timeout_seconds=3,
                         confirm_after_seconds=3, manager_changes=changes) for pair in (one, two)])
    assert {outcome.code for outcome in outcomes} <= {0, 75}
    last = served(sim)[sim.vip]
    winners = [pair for pair, outcome in zip((one, two), outcomes) if outcome.code == 0]
    assert len(winners) == 1 and last == winners[0].fingerprint
    (loser,) = [outcome for outcome in outcomes if outcome.code == 75]
    assert loser.error in ("not-settled", "manager-busy")
    done = [address_of(sim, entry) for entry in writes(sim) if entry["done"] and entry["action"] != "import"]
    assert done.count(sim.vip) <= 2
