# SPDX-License-Identifier: Apache-2.0
"""ansible-playbook by core version, and the clusters that it works on."""
import tempfile
from pathlib import Path

import pytest
from playing import Player, worker
from simulator.fixture import Simulator


@pytest.fixture
def player(request, tmp_path, nsxcert_release):
    """Runs playbooks by the core version that the test asks for (`@pytest.mark.parametrize("player", …, indirect=True)`)."""
    core = getattr(request, "param", "2.19")
    # SSH's control sockets have their place in it, and their paths must be short.
    with tempfile.TemporaryDirectory(prefix="ans-") as home:
        player = Player(core, tmp_path, Path(home), nsxcert_release)
        assert player.program.exists(), f"{player.program} is missing: run tests/ansible/install.sh"
        yield player


@pytest.fixture
def cluster(request):
    """A simulated cluster of the version that the test asks for."""
    with Simulator.start(getattr(request, "param", "4.2"), first_cluster=80 + worker()) as running:
        yield running


@pytest.fixture
def cluster_with_ssh():
    """A simulated cluster whose managers answer on their consoles."""
    with Simulator.start("4.2", first_cluster=80 + worker(), ssh=True) as running:
        yield running
