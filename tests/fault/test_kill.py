# SPDX-License-Identifier: Apache-2.0
"""Killed before every system call that changes something, the same request ends well the next time."""
import os
import signal

import pytest
from scenes import CALLS, SCENES, Scene, strace

EVERY_CALL = CALLS + ["openat", "close", "flock", "read", "newfstatat"]


NO_LINKS = ["-e", "inject=link,linkat:error=EPERM"]  # what a file system without hard links answers


def sweep(scene, program, calls, record, faults=()):
    points = scene.trace(program, scene.copy(), calls, faults)
    assert {"write", "rename", "fsync"} <= {name for name, _, _ in points}
    for name, nth, line in points:
        folder = scene.copy()
        killed = strace(["-o", os.devnull, "-e", f"trace={name},link", *faults,
                         "-e", f"inject={name}:signal=KILL:when={nth}"], program, scene.request(folder))
        assert killed.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), f"{name} {nth} did not come: {line}"
        again = scene.run(program, folder)
        where = f"killed before {name} number {nth}: {line}\n{again.stdout}"
        assert again.code == 0, where
        scene.check_whole(folder)
        third = scene.run(program, folder)
        assert third.code == 0 and not third.result["changed"], where
    record("kills", len(points))


@pytest.mark.parametrize("name", SCENES)
def test_killed_before_every_change(nsxcert_release, tmp_path, name, record_property):
    sweep(Scene(name, nsxcert_release, tmp_path), nsxcert_release, CALLS, record_property)


def test_killed_before_every_change_where_no_links_can_be(nsxcert_release, tmp_path, record_property):
    """What is kept is copied there: no half copy stays, and none takes the place of what was kept before."""
    calls = [name for name in CALLS if name != "link"] + ["openat", "read"]
    sweep(Scene("renewal with backup", nsxcert_release, tmp_path), nsxcert_release, calls, record_property, NO_LINKS)


@pytest.mark.long
@pytest.mark.parametrize("name", SCENES)
def test_killed_before_every_call(nsxcert_release, tmp_path, name, record_property):
    sweep(Scene(name, nsxcert_release, tmp_path), nsxcert_release, EVERY_CALL, record_property)


@pytest.mark.parametrize("first_kill", ["nsx.key", "the other"])
@pytest.mark.parametrize("name", SCENES)
def test_killed_while_it_recovers(nsxcert_release, tmp_path, name, first_kill, record_property):
    """Killed before the first rename or between the two, then again before every change of the run that mends it."""
    scene = Scene(name, nsxcert_release, tmp_path)
    target = first_kill if first_kill == "nsx.key" else scene.second
    rename, = [nth for _, nth, line in scene.trace(nsxcert_release, scene.copy(), ["rename"]) if f'/{target}")' in line]
    first = ["-e", "trace=rename", "-e", f"inject=rename:signal=KILL:when={rename}"]
    kills = 0
    for call in CALLS:
        for nth in range(1, 50):
            folder = scene.copy()
            strace(["-o", os.devnull, *first], nsxcert_release, scene.request(folder))
            assert f".{scene.second}.nsxcert-new" in os.listdir(folder)
            assert (".nsx.key.nsxcert-new" in os.listdir(folder)) == (target == "nsx.key")
            killed = strace(["-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={nth}"],
                            nsxcert_release, scene.request(folder))
            if killed.returncode == 0:
                break
            kills += 1
            assert scene.run(nsxcert_release, folder).code == 0
            scene.check_whole(folder)
    assert kills > 0
    record_property("kills", kills)
