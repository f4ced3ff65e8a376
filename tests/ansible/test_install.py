# SPDX-License-Identifier: Apache-2.0
"""The role install: from sources into a folder of its own, once; and its word when it has nothing to install."""
import subprocess
import tarfile

from playing import ROOT

MAKEFILE = """all:
install: ; mkdir -p $(PREFIX)/bin && printf '#!/bin/sh\\necho "{\\"version\\": \\"1.0.0\\"}"' \\
    >$(PREFIX)/bin/nsxcert && chmod +x $(PREFIX)/bin/nsxcert
"""


def install(player, *arguments, **variables):
    role = {"role": "nsxcert.nsx.install", "vars": {"install_become": False, "install_build_packages": [], **variables}}
    return player.play([{"hosts": "localhost", "gather_facts": False, "roles": [role]}], *arguments)


def test_from_sources_once(player):
    prefix = player.folder / "prefix"
    variables = {"install_source": str(ROOT), "install_prefix": str(prefix)}
    assert install(player, "--check", **variables).ended().hosts["localhost"]["failed"] == 0
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
    """Stand-ins for the sources: how they are unpacked is what counts here."""
    sources, prefix = player.folder / "nsxcert-1.0.0", player.folder / "prefix"
    sources.mkdir()
    (sources / "Makefile").write_text(MAKEFILE)
    with tarfile.open(f"{sources}.tar.bz2", "w:bz2") as file:
        file.add(sources, sources.name)
    install(player, install_source=f"{sources}.tar.bz2", install_prefix=str(prefix)).ended()
    assert (prefix / "bin/nsxcert").exists()
