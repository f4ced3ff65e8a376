# SPDX-License-Identifier: Apache-2.0
"""The role install: from sources into a folder of its own, once; and its word when it has nothing to install."""
import subprocess
import tarfile

import pytest
from playing import ROOT

MAKEFILE = """all:
install: ; mkdir -p $(PREFIX)/bin && printf '#!/bin/sh\\necho "{\\"version\\": \\"VERSION\\"}"' \\
    >$(PREFIX)/bin/nsxcert && chmod +x $(PREFIX)/bin/nsxcert && echo >>$(PREFIX)/installed
"""


def install(player, *arguments, hosts="localhost", **variables):
    role = {"role": "nsxcert.nsx.install", "vars": {"install_become": False, "install_build_packages": [], **variables}}
    return player.play([{"hosts": hosts, "gather_facts": False, "roles": [role]}], *arguments)


def stand_in(player, version="1.0.0"):
    """Stand-ins for the sources of VERSION, and where to install them."""
    sources, prefix = player.folder / f"nsxcert-{version}", player.folder / "prefix"
    sources.mkdir()
    (sources / "Makefile").write_text(MAKEFILE.replace("VERSION", version))
    return sources, prefix


def test_from_sources_once(player):
    prefix = player.folder / "prefix"
    variables = {"install_source": str(ROOT), "install_prefix": str(prefix)}
    planned = install(player, "--check", **variables).ended()
    assert planned.sum("changed") == 1 and planned.said(f"nsxcert 1.0.0 would be built and installed as {prefix}/bin/nsxcert")
    assert not prefix.exists()
    assert install(player, **variables).ended().sum("changed") > 0
    version = subprocess.run([prefix / "bin/nsxcert", "--version"], capture_output=True, text=True, check=True).stdout
    assert "1.0.0" in version
    assert install(player, **variables).ended().sum("changed") == 0


def test_nothing_to_install_from(player):
    ended = install(player, install_prefix=str(player.folder / "prefix")).ended(2)
    assert ended.said("Name a folder, a tar file or a URL of nsxcert's sources in install_source")


def test_a_missing_program_is_told(player):
    ended = install(player, install_method="check").ended(2)
    assert ended.said("There is no nsxcert that works on localhost") and ended.said("install_method package")


def test_from_a_tar_file(player):
    sources, prefix = stand_in(player)
    with tarfile.open(f"{sources}.tar.bz2", "w:bz2") as file:
        file.add(sources, sources.name)
    install(player, install_source=f"{sources}.tar.bz2", install_prefix=str(prefix)).ended()
    assert (prefix / "bin/nsxcert").exists()


def test_sources_of_another_version_are_told(player):
    sources, prefix = stand_in(player, "0.9.0")
    ended = install(player, install_source=str(sources), install_prefix=str(prefix)).ended(2)
    assert ended.said(f"{prefix}/bin/nsxcert on localhost is of version 0.9.0, but install_version is 1.0.0.")


@pytest.mark.parametrize("mode", [[], ["--check"]])
def test_a_check_looks_at_the_version(player, mode):
    program = player.home / "bin/nsxcert"
    program.parent.mkdir()
    program.symlink_to(player.nsxcert)
    player.environment["PATH"] = f"{program.parent}:{player.environment['PATH']}"
    install(player, *mode, install_method="check").ended()
    ended = install(player, *mode, install_method="check", install_version="7.0.0").ended(2)
    assert ended.said("but install_version is 7.0.0. Give the sources or the package of that version")


@pytest.mark.parametrize("player", ["2.16", "2.19"], indirect=True)
def test_hosts_that_share_a_delegate_build_it_once(player):
    sources, prefix = stand_in(player)
    arguments = ["-i", "a,b,c", "--forks", "3"]
    done = install(player, *arguments, hosts="all", install_source=str(sources), install_prefix=str(prefix)).ended()
    assert sorted(recap["changed"] > 0 for recap in done.hosts.values()) == [False, False, True]
    assert (prefix / "installed").read_text() == "\n"
