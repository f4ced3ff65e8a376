# SPDX-License-Identifier: Apache-2.0
"""The package for Debian: what is in it, whether it installs, runs and leaves nothing, and that it is reproducible."""
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from machines import run, succeed


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def field(package, name):
    return succeed("dpkg-deb", "--field", package, name).strip()


@pytest.fixture(scope="module")
def content(package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("content")
    succeed("dpkg-deb", "--extract", package, folder)
    return folder


def test_lintian_has_nothing_to_say(package):
    if not shutil.which("lintian"):
        pytest.skip("no lintian here: tests/packaging/install.sh installs it")
    said = run("lintian", "--allow-root", "--display-info", "--pedantic", "--fail-on", "error,warning,info,pedantic", package)
    assert (said.returncode, said.stdout) == (0, ""), said


def test_it_holds_what_is_installed_and_the_pages(content, repository):
    files = {str(path.relative_to(content)) for path in content.rglob("*") if path.is_file()}
    schemas = {f"usr/share/nsxcert/schema/{path.name}" for path in (repository / "schema").glob("*.json")}
    pages = {f"usr/share/doc/nsxcert/docs/{path.name}" for path in (repository / "docs").glob("*.md")}
    docs = {"README.md", "SECURITY.md", "changelog.gz", "changelog.Debian.gz", "copyright", "nsxcert.cdx.json"}
    assert files == schemas | pages | {f"usr/share/doc/nsxcert/{name}" for name in docs} | {
        "usr/bin/nsxcert", "usr/share/man/man1/nsxcert.1.gz", "usr/share/bash-completion/completions/nsxcert",
        "usr/share/zsh/vendor-completions/_nsxcert", "usr/share/lintian/overrides/nsxcert",
    }
    assert (content / "usr/bin/nsxcert").stat().st_mode & 0o7777 == 0o755
    page = gzip.decompress((content / "usr/share/man/man1/nsxcert.1.gz").read_bytes())
    assert page == (repository / "docs/nsxcert.1").read_bytes()


def test_versions_agree(package, content):
    version = succeed(content / "usr/bin/nsxcert", "--version").split()[1]
    assert field(package, "Version") == f"{version}-1"
    changelog = gzip.decompress((content / "usr/share/doc/nsxcert/changelog.Debian.gz").read_bytes()).decode()
    assert changelog.startswith(f"nsxcert ({version}-1) ")


def test_it_depends_on_the_libraries_it_loads(package, content):
    loaded = re.findall(r"NEEDED.*\[(.+?)\]", succeed("readelf", "-dW", content / "usr/bin/nsxcert"))
    named = field(package, "Depends")
    packages = {"libssl.so.3": "libssl3", "libcurl.so.4": "libcurl4", "libjansson.so.4": "libjansson4", "libc.so.6": "libc6"}
    for soname, name in packages.items():
        assert soname in loaded and re.search(rf"\b{name} \(>= [\d.]+\)", named), (soname, named)
    assert len(named.split(",")) == len(packages)


def test_it_installs_runs_and_goes(package, machine):
    before = machine.files()
    installed = machine.dpkg("--install", package)
    assert installed.returncode == 0, installed.stderr
    assert machine.dpkg("--verify", "nsxcert").stdout == ""

    generated = machine.call("/usr/bin/nsxcert", input=json.dumps({
        "api_version": "nsxcert/v1", "operation": "generate",
        "parameters": {"common_name": "nsx.example.com", "san": {"dns": ["nsx.example.com"]},
                       "certificate_path": "/nsx.crt", "key_path": "/nsx.key"},
    }))
    assert generated.returncode == 0 and json.loads(generated.stdout)["changed"], generated
    made = {"nsx.crt", "nsx.key"}
    assert made <= machine.files()

    removed = machine.dpkg("--remove", "nsxcert")
    assert removed.returncode == 0, removed.stderr
    assert machine.files() == before | made
    assert run("dpkg-query", f"--admindir={machine.folder}/var/lib/dpkg", "--status", "nsxcert").returncode != 0


def test_without_a_library_it_is_not_set_up(package, machine):
    status = machine.folder / "var/lib/dpkg/status"
    status.write_text(re.sub(r"Package: libjansson4\n.*?\n\n", "", status.read_text(), flags=re.DOTALL))
    refused = machine.dpkg("--install", package)
    assert refused.returncode != 0 and "libjansson4" in refused.stderr, refused


def test_two_packages_are_the_same_bytes(make, package, tmp_path):
    """Also with another umask, time zone and language."""
    epoch, before = epoch_of(package), os.umask(0o077)
    try:
        again = make("deb", f"DEB_DIR={tmp_path}/deb", TZ="Pacific/Chatham", LC_ALL="C", LANG="de_DE.UTF-8", SOURCE_DATE_EPOCH=epoch)
    finally:
        os.umask(before)
    assert digest(again.splitlines()[-1]) == digest(package)


def epoch_of(package):
    """The time the package bears, as another commit may have been made since."""
    listed = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(listed)) as archive:
        times = {member.mtime for member in archive}
    assert len(times) == 1, times
    return str(int(times.pop()))


def test_a_program_of_another_version_is_not_packed(repository, nsxcert_release):
    build = Path(nsxcert_release).parents[1]
    refused = run(repository / "mk/deb.sh", build, "9.9.9", "none", cwd=repository)
    assert refused.returncode == 1 and "not 9.9.9" in refused.stderr, refused


@pytest.mark.long
def test_built_in_two_places_it_is_the_same_bytes(make, tmp_path):
    """From the packed sources, without git, in folders of different names: so they are whole, too."""
    packed = Path(make("dist", f"BUILD={tmp_path}").splitlines()[-1])
    digests = []
    for name in ("one", "another/place"):
        with tarfile.open(packed) as archive:
            archive.extractall(tmp_path / name, filter="data")
        top = tmp_path / name / packed.name.removesuffix(".tar.gz")
        digests.append(digest(top / make("-j2", "BUILD=build", "deb", cwd=top).splitlines()[-1]))
    assert digests[0] == digests[1]
