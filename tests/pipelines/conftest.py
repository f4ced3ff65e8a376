# SPDX-License-Identifier: Apache-2.0
"""The tools that judge pipelines/; one that cannot be had is a skip with its reason."""
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = [ROOT / "build" / "go" / "bin", ROOT / "build" / "prometheus", ROOT / "build" / "venv" / "bin"]


@pytest.fixture(scope="session")
def pipelines():
    """The folder under test."""
    return ROOT / "pipelines"


@pytest.fixture(scope="session")
def tool():
    """tool("name", …) runs it, with its output joined; skips without it."""

    def run(name, *arguments, **options):
        found = next((str(folder / name) for folder in INSTALLED if (folder / name).exists()), shutil.which(name))
        if found is None:
            pytest.skip(f"no {name} here; tests/pipelines/install.sh and tests/deps.sh install what can be had")
        return subprocess.run([found, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=120, check=False, **options)

    return run
