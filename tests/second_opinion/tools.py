# SPDX-License-Identifier: Apache-2.0
"""The foreign programs that give an opinion; an absent one is a failure where all is to be installed."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACES = [ROOT / "build/go/bin", ROOT / "build/venv/bin", ROOT / "build/pkilint/bin"]
REQUIRED = os.environ.get("CI") == "true"


def tool(name):
    """The path of a program, from build/ or PATH."""
    for place in PLACES:
        if os.access(place / name, os.X_OK):
            return str(place / name)
    found = shutil.which(name)
    if found is None:
        (pytest.fail if REQUIRED else pytest.skip)(
            f"{name} is not installed; tests/second_opinion/install.sh installs the linters")
    return found


def run(*arguments, **options):
    """The finished process; its output is text."""
    return subprocess.run([str(word) for word in arguments], text=True, timeout=120, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def run_well(*arguments, **options):
    process = run(*arguments, **options)
    assert process.returncode == 0, process.stdout
    return process.stdout
