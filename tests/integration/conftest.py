# SPDX-License-Identifier: Apache-2.0
"""The cluster that a test talks to, and the program that talks to it.

`sim` is a running simulator, reset to its factory state. Without more a test
runs against every version (or those of $NSX_VERSIONS); a mark picks some for one
test: `@pytest.mark.versions("4.1", …)`.
"""
import os

import pytest
from program import Program
from simulator.fixture import Simulator
from simulator.profiles import VERSIONS


def pytest_configure(config):
    config.addinivalue_line("markers", "versions(*names): the NSX versions a test runs against")


def pytest_generate_tests(metafunc):
    if "simulator" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("versions")
        usual = os.environ.get("NSX_VERSIONS", "").split() or VERSIONS
        metafunc.parametrize("simulator", mark.args if mark else usual, indirect=True,
                             scope="session")


@pytest.fixture(scope="session")
def simulator(request):
    """One process a session and version."""
    with Simulator.start(request.param) as running:
        yield running


@pytest.fixture
def sim(simulator):
    simulator.reset()
    yield simulator
    simulator.clear_faults()


@pytest.fixture
def program(nsxcert):
    """Runs nsxcert and holds every result against the contract."""
    return Program(nsxcert)
