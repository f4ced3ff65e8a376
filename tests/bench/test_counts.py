# SPDX-License-Identifier: Apache-2.0
"""Guards of tests/bench: the cheap ones every day, all of them in `make check-long`."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import budgets  # noqa: E402  (needs the path above)
import counts  # noqa: E402
from workshop import Workshop  # noqa: E402


@pytest.fixture(scope="module")
def shop(nsxcert_release, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NSXCERT_RELEASE", nsxcert_release)
        patch.setenv("BUILD", str(tmp_path_factory.mktemp("bench")))
        with Workshop() as shop:
            yield shop


def assert_held(rows):
    rows = list(rows)
    assert rows
    broken = [row.line() for row in rows if not row.held]
    assert not broken, "\n" + "\n".join(broken)


@pytest.mark.parametrize("area", [counts.start, counts.generate], ids=lambda area: area.__name__)
def test_instructions(shop, area):
    assert_held(area(shop, counts.Counter(shop)))


@pytest.mark.parametrize("part", [budgets.files, budgets.generate, budgets.local_memory], ids=lambda part: part.__name__)
def test_budget(shop, part):
    assert_held(part(shop))


@pytest.mark.long
@pytest.mark.parametrize("source", [counts, budgets], ids=lambda source: source.__name__)
def test_all(shop, source):
    assert_held(source.rows(shop))


def test_a_broken_guard_is_told(shop, monkeypatch):
    """A floor that costs a tenth must make --version look bad."""
    real = shop.instructions
    monkeypatch.setattr(shop, "instructions", lambda command, **more: real(command, **more) // (10 if "start" in command[0] else 1))
    rows = list(counts.start(shop, counts.Counter(shop)))
    assert [row.verdict for row in rows] == ["BROKEN"] * 4
