# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the simulator's own tests: one process a version."""
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parents[1]))

from simulator.fixture import Simulator  # noqa: E402
from plain import Client  # noqa: E402

FIRST_CLUSTER = 900  # addresses of their own, beside other test runs


@pytest.fixture(scope="session")
def running():
    """version, options -> a running simulator; ended with the session."""
    made = {}

    def get(version, **options):
        name = (version, repr(sorted(options.items())))
        if name not in made:
            made[name] = Simulator.start(version, **{"first_cluster": FIRST_CLUSTER, **options})
        made[name].reset()
        return made[name]

    yield get
    for sim in made.values():
        sim.stop()


@pytest.fixture
def start(running):
    """version, options -> (simulator, client of the first cluster)."""
    def get(version, **options):
        sim = running(version, **options)
        return sim, Client(sim)
    return get
