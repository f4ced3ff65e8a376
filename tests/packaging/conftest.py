# SPDX-License-Identifier: Apache-2.0
"""Packages as `make` makes them, and folders that stand for machines."""
import fcntl
import os
import re
import shutil
from pathlib import Path

import pytest
from machines import Machine, succeed

@pytest.fixture(scope="session")
def make(repository, nsxcert_release):
    """Runs a target of the Makefile on what `make check` has built; the answer is what it printed."""
    build = Path(nsxcert_release).parents[1]

    def of(*arguments, cwd=repository, **variables):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")} | variables
        return succeed("make", "--no-print-directory", f"BUILD={build}", *arguments, cwd=cwd, env=environment)

    return of


@pytest.fixture(scope="session")
def tools(repository):
    """What tests/packaging/install.sh has installed from PyPI."""
    return repository / "build/packaging"


@pytest.fixture(scope="session")
def package(make, tmp_path_factory):
    """The package for Debian, made once for all workers, each of which has a folder in the same one."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with open(folder / "deb.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = list((folder / "deb").glob("*.deb")) or make("deb", f"DEB_DIR={folder / 'deb'}").splitlines()[-1:]
    return Path(made[0])


@pytest.fixture
def machine(package, nsxcert_release, tmp_path):
    """A machine with the libraries of this one that the program loads, and no other file; dpkg knows of those packages
    that nsxcert's depends on."""
    folder = tmp_path / "machine"
    for path in set(re.findall(r"(/\S+) \(0x", succeed("ldd", nsxcert_release))):
        (folder / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / path[1:])
    records = folder / "var/lib/dpkg"
    for name in ("info", "updates"):
        (records / name).mkdir(parents=True)
    depends = succeed("dpkg-deb", "--field", package, "Depends")
    names = re.findall(r"(\S+) \(>= ", depends)
    stanzas = [succeed("dpkg-query", "--status", f"{name}:{succeed('dpkg', '--print-architecture').strip()}") for name in names]
    (records / "status").write_text("\n".join(stanzas) + "\n")
    return Machine(folder)
