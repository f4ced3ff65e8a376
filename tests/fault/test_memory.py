# SPDX-License-Identifier: Apache-2.0
"""The Nth allocation and all after it fail, for every N until the run succeeds."""
import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from calling import call, the_result
from scenes import SCENES, Scene

# Of every day, one in so many allocations is tried, and all around the moment when the files are replaced; check-long
# tries all.
EVERY = 199
AROUND = 30
LONG_MEMORY = [pytest.param(EVERY, id="some"),
               pytest.param(1, id="all", marks=[pytest.mark.long, pytest.mark.timeout(3600)])]


def each(judge, numbers):
    """judge(nth) for every number, as many at once as there are cores; the first that fails ends it."""
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        for _ in pool.map(judge, numbers):
            pass
    finally:
        pool.shutdown(cancel_futures=True)


def starve(program, document, nth, **options):
    return call(program, document, env={"NSXCERT_FAIL_ALLOCATION": str(nth)}, **options)


def check_answer(answer, nth):
    """An orderly end: a result, or the line on stderr."""
    assert answer.code in (0, 74, 75), f"allocation {nth}: exit {answer.code}\n{answer.stderr}"
    if answer.code == 74:
        assert "(result-not-written)" in answer.stderr
        return None
    result = the_result(answer.stdout)
    assert result["ok"] is (answer.code == 0), f"allocation {nth}: exit {answer.code}"
    if answer.code == 75:
        assert result["error"]["code"] == "out-of-memory", f"allocation {nth}: {result['error']}"
    return result


def first_of(holds):
    """The smallest number from which on `holds` is true: found by halving."""
    low, high = 1, 64
    while not holds(high):
        low, high = high, high * 2
        assert high < 1 << 20
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def needed(program, prepare):
    """How many allocations a whole run takes."""
    return first_of(lambda nth: starve(program, prepare(), nth).code == 0)


def replacing(program, scene):
    """The allocation from which on the files are replaced."""
    def replaced(nth):
        folder = scene.copy()
        starve(program, scene.request(folder), nth)
        return not scene.is_untouched(folder)

    return first_of(replaced)


@pytest.mark.parametrize("step", LONG_MEMORY)
@pytest.mark.parametrize("name", SCENES)
def test_generate(nsxcert_hooks, tmp_path, name, step, record_property):
    scene = Scene(name, nsxcert_hooks, tmp_path)
    most = needed(nsxcert_hooks, lambda: scene.request(scene.copy()))
    turn = replacing(nsxcert_hooks, scene)

    def judge(nth):
        folder = scene.copy()
        result = check_answer(starve(nsxcert_hooks, scene.request(folder), nth), nth)
        if scene.is_as_copied(folder):
            assert not (result and result["changed"]), f"allocation {nth}: changed, it says"
        else:
            scene.check_whole(folder)
            told = result is None or result["changed"]
            assert told, f"allocation {nth}: the files are new, and it does not say so"
            assert scene.run(nsxcert_hooks, folder).code == 0
            scene.check_whole(folder)
        shutil.rmtree(folder)

    each(judge, sorted({*range(1, most, step), *range(turn - AROUND, turn + AROUND), most - 1}))
    record_property("allocations", most)


@pytest.mark.parametrize("step", LONG_MEMORY)
@pytest.mark.parametrize("name", ["first run", "renewal with backup"])
def test_recover(nsxcert_hooks, tmp_path, name, step, record_property):
    """Short of memory while a killed run's work is finished."""
    scene = Scene(name, nsxcert_hooks, tmp_path)

    def killed():
        folder = scene.copy()
        assert scene.run(nsxcert_hooks, folder).code == 0
        os.rename(folder / scene.second, folder / f".{scene.second}.nsxcert-new")
        if scene.had_files:
            (folder / scene.second).write_bytes((folder / f"{scene.second}.previous").read_bytes())
        return folder

    most = needed(nsxcert_hooks, lambda: scene.request(killed()))

    def judge(nth):
        folder = killed()
        check_answer(starve(nsxcert_hooks, scene.request(folder), nth), nth)
        assert scene.run(nsxcert_hooks, folder).code == 0
        scene.check_whole(folder)
        shutil.rmtree(folder)

    each(judge, range(1, most, step))
    record_property("allocations", most)


@pytest.mark.parametrize("step", LONG_MEMORY)
def test_inspect(nsxcert_hooks, tmp_path, step, record_property):
    scene = Scene("first run", nsxcert_hooks, tmp_path)
    folder = scene.copy()
    assert scene.run(nsxcert_hooks, folder).code == 0
    document = {"api_version": "nsxcert/v1", "operation": "inspect",
                "parameters": {"certificate": {"file": str(folder / "nsx.crt")}, "nsx_version": "4.2",
                               "private_key": {"file": str(folder / "nsx.key")},
                               "addresses": ["192.0.2.10", "nsx.example.com"]}}
    most = needed(nsxcert_hooks, lambda: document)
    each(lambda nth: check_answer(starve(nsxcert_hooks, document, nth), nth), range(1, most, step))
    record_property("allocations", most)
