# SPDX-License-Identifier: Apache-2.0
"""What `make install`, `make uninstall` and `make dist` leave behind."""
import hashlib
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest


def files_of(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_install_puts_everything_under_the_prefix(make, repository, tmp_path):
    make("install", f"DESTDIR={tmp_path}", "PREFIX=/usr")
    schemas = [f"usr/share/nsxcert/schema/{path.name}" for path in (repository / "schema").glob("*.json")]
    completions = ["usr/share/bash-completion/completions/nsxcert", "usr/share/zsh/site-functions/_nsxcert"]
    assert files_of(tmp_path) == sorted(["usr/bin/nsxcert", "usr/share/man/man1/nsxcert.1", *schemas, *completions])
    program = tmp_path / "usr/bin/nsxcert"
    assert program.stat().st_mode & 0o777 == 0o755
    version = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30)
    assert version.returncode == 0 and version.stdout.startswith("nsxcert "), version


def test_uninstall_removes_what_install_has_put(make, tmp_path):
    make("install", f"DESTDIR={tmp_path}")
    make("uninstall", f"DESTDIR={tmp_path}")
    assert files_of(tmp_path) == []


def test_a_build_folder_has_one_name(make, repository, tmp_path):
    """Objects made under BUILD=/…/x are made anew under BUILD=x when a header changes: their lists of it hold names."""
    folder = tmp_path / "x"
    assert make("-n", "all", f"BUILD={folder}") == make("-n", "all", f"BUILD={os.path.relpath(folder, repository)}")


def pack(make, tmp_path, name, **options):
    output = make("dist", "BUILD=" + str(tmp_path / name), **options)
    return Path(output.splitlines()[-1])


def test_the_same_sources_are_packed_to_the_same_bytes(make, tmp_path):
    if not shutil.which("git"):
        pytest.skip("no git here")
    first = pack(make, tmp_path, "first")
    unpacked = tmp_path / "unpacked"
    with tarfile.open(first) as archive:
        archive.extractall(unpacked, filter="data")
    top = next(unpacked.iterdir())
    assert {"Makefile", "LICENSE", "src", "schema", "tests"} <= {path.name for path in top.iterdir()}
    second = pack(make, tmp_path, "second", cwd=top)
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (first, second)]
    assert digests[0] == digests[1]
