# SPDX-License-Identifier: Apache-2.0
"""Each system call that touches the files fails once, in every way that matters to the caller."""
import errno
import os
import subprocess

import pytest
from calling import encode
from scenes import Scene, result_of, strace

MEANING = {"ENOSPC": ("no-space", 75), "EDQUOT": ("no-space", 75), "EIO": ("io-error", 75),
           "EMFILE": ("too-many-files", 75), "EACCES": ("permission-denied", 1), "EROFS": ("permission-denied", 1),
           "EINTR": ("interrupted", 75)}
ERRORS = {
    "openat": ["ENOSPC", "EIO", "EMFILE", "EACCES", "EROFS", "EINTR"],
    "write": ["ENOSPC", "EDQUOT", "EIO", "EINTR"],
    "rename": ["ENOSPC", "EIO", "EACCES", "EROFS", "EINTR"],
    "link": ["ENOSPC", "EIO", "EACCES", "EROFS"],
    "fsync": ["EIO", "ENOSPC", "EINTR"],
    "fchmod": ["EIO", "EROFS", "EINTR"],
    "fchown": ["EIO", "EROFS"],
    "flock": ["EIO", "EINTR"],
    "unlink": ["EIO", "EACCES"],
    "newfstatat": ["EIO", "EACCES"],
    "read": ["EIO", "EINTR"],
    "close": ["EIO", "EINTR"],
}
# Only where something is replaced.
NOT_IN_FIRST_RUN = {"fchown", "link", "unlink"}


def inject(scene, program, name, nth, error):
    folder = scene.copy()
    done = strace(["-o", os.devnull, "-e", f"trace={name}", "-e", f"inject={name}:error={error}:when={nth}"],
                  program, scene.request(folder))
    return folder, done


def points(scene, program, name):
    """The calls of that name from the first that is about our files on."""
    folder = scene.copy()
    traced = scene.trace(program, folder, ["openat", name])
    begun = next(index for index, (_, _, line) in enumerate(traced) if str(folder) in line)
    return [(nth, line) for call, nth, line in traced[begun:] if call == name]


def check(scene, folder, done, name, error, where):
    """Old files, or all of the new ones; told as it was."""
    changed = not scene.is_untouched(folder)
    if changed:
        scene.check_whole(folder)
    else:
        scene.check_untouched(folder)
        if name != "rename":  # the second of two renames finds the first one done
            scene.check_previous_untouched(folder)
    if done.returncode == 74:
        assert b"(result-not-written)" in done.stderr and done.stdout == b"", where
        return
    result = result_of(done)
    if done.returncode == 0:
        assert result["ok"] and changed, where
    else:
        code, exit_code = MEANING[error]
        told = result["error"]["code"], done.returncode
        # A file that could not be looked at and then turns out to be missing is told as just that.
        assert told == (code, exit_code) or (name == "newfstatat" and told == ("source-unavailable", 1)), where
        assert result["error"]["retryable"] is (done.returncode == 75) and result["changed"] is changed, where


@pytest.mark.parametrize("name", ["renewal with backup", "first run", pytest.param("request renewed", marks=pytest.mark.long),
                                  pytest.param("issued request renewed", marks=pytest.mark.long),
                                  pytest.param("renewal with the key", marks=pytest.mark.long)])
@pytest.mark.parametrize("call", ERRORS)
def test_failing_call(nsxcert_release, tmp_path, name, call, record_property):
    scene = Scene(name, nsxcert_release, tmp_path)
    tried = 0
    for nth, line in points(scene, nsxcert_release, call):
        for error in ERRORS[call]:
            folder, done = inject(scene, nsxcert_release, call, nth, error)
            where = f"{call} number {nth} failed with {error}: {line}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}"
            try:
                check(scene, folder, done, call, error, where)
            except AssertionError as wrong:
                raise AssertionError(f"{wrong}\n{where}") from wrong
            again = scene.run(nsxcert_release, folder)
            assert again.code == 0, where
            scene.check_whole(folder)
            tried += 1
    assert tried > 0 or (not scene.had_files and call in NOT_IN_FIRST_RUN)
    record_property("errors", tried)


@pytest.mark.parametrize("error", ["EPERM", "EOPNOTSUPP", "ENOSYS"])
@pytest.mark.parametrize("name", ["renewal with backup", "request renewed", "issued request renewed"])
def test_a_file_system_without_links(nsxcert_release, tmp_path, name, error):
    """Some network file systems: what is replaced is kept all the same."""
    scene = Scene(name, nsxcert_release, tmp_path)
    folder = scene.copy()
    done = strace(["-o", os.devnull, "-e", "trace=link,linkat", "-e", f"inject=link,linkat:error={error}"],
                  nsxcert_release, scene.request(folder))
    assert done.returncode == 0, done.stdout
    scene.check_whole(folder)
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == (0o600 if path.name.startswith("nsx.key") else 0o644), path.name


def test_all_errors_are_known():
    assert all(hasattr(errno, name) for name in MEANING)
    assert {error for errors in ERRORS.values() for error in errors} <= set(MEANING)


@pytest.fixture
def tiny(tmp_path):
    """A file system of 64 KiB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=32", "none", folder],
                             capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here: " + mounted.stderr.decode().strip())
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("room", [0, 1, 2, 3])
def test_full_disk(nsxcert, tiny, tmp_path, room):
    """So many free pages: each file needs one, the new pair stands beside the old one for a while."""
    scene = Scene("renewal", nsxcert, tmp_path)
    for path in scene.template.iterdir():
        (tiny / path.name).write_bytes(path.read_bytes())
    with open(tiny / "filler", "wb") as filler:
        while True:
            try:
                os.write(filler.fileno(), b"x" * 4096)
            except OSError:
                break
        filler.truncate(filler.tell() - 4096 * room)
    answer = scene.run(nsxcert, tiny)
    os.remove(tiny / "filler")
    if room < 2:
        assert (answer.code, answer.error["code"]) == (75, "no-space")
        scene.check_untouched(tiny)
    else:
        assert answer.code == 0
    assert scene.run(nsxcert, tiny).code == 0
    scene.check_whole(tiny)


@pytest.mark.parametrize("flags", [[], ["--format", "text"], ["--detailed-exitcode"]])
def test_lost_result(nsxcert, tmp_path, flags):
    """stdout is full: the work stands, and stderr says so."""
    scene = Scene("first run", nsxcert, tmp_path)
    folder = scene.copy()
    with open("/dev/full", "wb") as full:
        done = subprocess.run([nsxcert, *flags], input=encode(scene.request(folder)), stdout=full,
                              stderr=subprocess.PIPE, check=False)
    assert done.returncode == 74, done.stderr
    assert b"(result-not-written)" in done.stderr and b"step generate: done, changed" in done.stderr
    scene.check_whole(folder)
    assert scene.run(nsxcert, folder).result["changed"] is False
