# SPDX-License-Identifier: Apache-2.0
"""What the tests of the suites share: where things are, and the tables of known answers."""
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def table(name):
    """Lines "KEY: VALUE" of a file beside the tests (a key may hold ": "); # begins a comment."""
    rows = {}
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            key, _, value = line.rpartition(": ")
            assert key and key not in rows, f"{name}: {line}"
            rows[key] = value
    return rows
