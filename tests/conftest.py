# SPDX-License-Identifier: Apache-2.0
"""For all tests: where the programs under test are.

`make check` names them in the environment; a test run by hand takes what
`make FLAVOUR=asan`, `make` and `make FLAVOUR=hooks` have built.
"""
import os
import signal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = {"NSXCERT": "asan", "NSXCERT_RELEASE": "release", "NSXCERT_HOOKS": "hooks"}

for variable, flavour in PROGRAMS.items():
    os.environ.setdefault(variable, str(ROOT / "build" / flavour / "nsxcert"))
os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=1")

# Started in the background or by nohup, a run ignores these, its children do too, and nsxcert rightly leaves them ignored.
for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture(scope="session")
def repository():
    """The top folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def nsxcert():
    """The program with AddressSanitizer and the test hooks: for most tests."""
    return os.environ["NSXCERT"]


@pytest.fixture(scope="session")
def nsxcert_release():
    """The program as it is shipped: for kills, counts and sizes."""
    return os.environ["NSXCERT_RELEASE"]


@pytest.fixture(scope="session")
def nsxcert_hooks():
    """The shipped program plus the test hooks, without sanitizers: for failing allocations."""
    return os.environ["NSXCERT_HOOKS"]
