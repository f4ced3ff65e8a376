# SPDX-License-Identifier: Apache-2.0
"""Terraform with the stand-in provider, folders with a copy of terraform/, and a simulated cluster."""
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))

from program import Program
from simulator.fixture import Simulator
from terraforming import Terraform, find_terraform, write_cli_config

VERSION = "4.2"


def pytest_configure(config):
    config.addinivalue_line("markers", "since(major, minor): the Terraform or OpenTofu a test needs at least")


@pytest.fixture(scope="session")
def terraform_program():
    """The path of terraform or tofu, and of the configuration that names the mirror."""
    return find_terraform()


@pytest.fixture(scope="session")
def cli_config(terraform_program, tmp_path_factory):
    del terraform_program  # first: a missing one skips
    return write_cli_config(tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="session")
def workshop(terraform_program, cli_config, tmp_path_factory):
    """workshop("examples/apply") is that folder in a copy of terraform/, ready to use."""
    def open_folder(name, **environment):
        return Terraform(terraform_program, cli_config, tmp_path_factory.mktemp(name.replace("/", "-")), name,
                         environment)
    return open_folder


@pytest.fixture(autouse=True)
def version_is_enough(request):
    mark = request.node.get_closest_marker("since")
    if mark:
        program = request.getfixturevalue("terraform_program")
        if program.version < mark.args:
            pytest.skip(f"{program.name} {program.text} is here; this needs {'.'.join(map(str, mark.args))}")


@pytest.fixture(scope="session")
def one_simulator():
    with Simulator.start(os.environ.get("NSX_VERSIONS", VERSION).split()[0]) as running:
        yield running


@pytest.fixture
def cluster(one_simulator):
    """A simulated cluster in its factory state."""
    one_simulator.reset()
    yield one_simulator
    one_simulator.clear_faults()


@pytest.fixture
def program(nsxcert_release):
    """Runs nsxcert and holds every result against the contract."""
    return Program(nsxcert_release)
