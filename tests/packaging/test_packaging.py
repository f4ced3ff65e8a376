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


STRAYS = ("nsx.key", "terraform.tfstate", ".terraform/modules/modules.json")


@pytest.fixture
def unpacked(make, tmp_path):
    """What `make dist` has packed from git, and the folder of its unpacked sources."""
    if not shutil.which("git"):
        pytest.skip("no git here")
    packed = pack(make, tmp_path, "first")
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    return packed, next((tmp_path / "unpacked").iterdir())


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_sources_are_packed_to_the_same_bytes(make, unpacked, tmp_path):
    first, top = unpacked
    assert {"Makefile", "LICENSE", "src", "schema", "tests"} <= {path.name for path in top.iterdir()}
    assert digest(pack(make, tmp_path, "second", cwd=top)) == digest(first)


def test_what_came_later_is_not_packed(make, unpacked, tmp_path):
    """Somebody has tried an example in the unpacked sources: its key and its state stay there."""
    first, top = unpacked
    for name in STRAYS:
        path = top / "terraform/examples/apply" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("later")
    second = pack(make, tmp_path, "second", cwd=top)
    with tarfile.open(second) as archive:
        assert not [name for name in archive.getnames() if name.endswith(STRAYS)]
    assert digest(second) == digest(first)


def test_the_manifest_lists_what_is_packed(unpacked):
    _, top = unpacked
    assert sorted((top / "MANIFEST").read_text().splitlines()) == files_of(top)


def test_sources_without_a_list_are_not_packed(unpacked, tmp_path):
    _, top = unpacked
    (top / "MANIFEST").unlink()
    process = subprocess.run(["mk/dist.sh", tmp_path / "third", "1"], cwd=top, capture_output=True, text=True, timeout=60)
    assert process.returncode == 1 and process.stdout == "" and "is not known" in process.stderr
    assert not (tmp_path / "third").exists()
