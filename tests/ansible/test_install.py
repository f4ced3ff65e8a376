# SPDX-License-Identifier: Apache-2.0
"""The role install: from sources into a folder of its own, once; and its word when it has nothing to install."""
import subprocess

from playing import ROOT


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
