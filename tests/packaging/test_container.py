# SPDX-License-Identifier: Apache-2.0
"""The Containerfile: hadolint has nothing to say, and its steps do what they should.

No container engine is asked for: the steps are read from the file and done in a root folder.
"""
import json
import os
import re
import shutil

import pytest
from machines import AS_ROOT, Machine, run, succeed

FILE = "packaging/Containerfile"


@pytest.fixture(scope="module")
def steps(repository):
    """(instruction, argument) of each step, in order."""
    text = re.sub(r"^#.*\n", "", (repository / FILE).read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def argument(steps, instruction):
    [value] = [value for name, value in steps if name == instruction]
    return value


def test_hadolint_has_nothing_to_say(repository, tools):
    hadolint = tools / "bin/hadolint"
    if not hadolint.exists():
        pytest.skip("no hadolint here: tests/packaging/install.sh installs it")
    said = run(hadolint, "--failure-threshold", "ignore", "--format", "json", repository / FILE)
    assert json.loads(said.stdout) == []


def test_it_ends_as_nobody_with_the_program(steps):
    assert [name for name, _ in steps] == ["FROM", "LABEL", "COPY", "RUN", "USER", "WORKDIR", "ENTRYPOINT"]
    user, group = map(int, argument(steps, "USER").split(":"))
    assert user > 1000 and group > 1000
    assert json.loads(argument(steps, "ENTRYPOINT")) == ["nsxcert"]


def test_the_context_of_the_build_is_the_package_alone(steps, package, make):
    """COPY takes what `make deb` leaves in its folder, RUN the same by its name."""
    pattern, target = argument(steps, "COPY").split()
    assert (pattern, target) == ("*.deb", "/tmp/")
    assert re.search(r"/tmp/(\S+)", argument(steps, "RUN"))[1].replace("*", "") == package.name.split("_")[0] + "_.deb"


@pytest.mark.skipif(bool(AS_ROOT), reason="another user needs root")
def test_what_the_steps_leave_runs_as_that_user(steps, package, machine):
    """Without the network: dpkg in apt's place, on a machine that has the libraries."""
    installed = machine.dpkg("--install", package)
    assert installed.returncode == 0, installed.stderr
    entry = ["/usr/bin/" + json.loads(argument(steps, "ENTRYPOINT"))[0]]
    assert machine.call(*entry, "--version", user=argument(steps, "USER")).stdout.startswith("nsxcert ")


@pytest.fixture
def slim(tmp_path):
    """The smallest Debian that FROM's release makes, by debootstrap from the mirror that this machine's apt uses."""
    succeed("apt-get", "-o", "APT::Sandbox::User=root", "-qq", "download", "debootstrap", cwd=tmp_path)
    [archive] = tmp_path.glob("debootstrap_*.deb")
    succeed("dpkg-deb", "--extract", archive, tmp_path / "tool")
    targets = succeed("apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)", "Created-By: Packages")
    [mirror] = {line.split()[2] for line in targets.splitlines() if line.startswith("bookworm main ")}
    folder = tmp_path / "slim"
    script = tmp_path / "tool/usr/sbin/debootstrap"
    environment = os.environ | {"DEBOOTSTRAP_DIR": str(tmp_path / "tool/usr/share/debootstrap")}
    # In its own namespaces: what it mounts goes with it.
    succeed("unshare", "--mount", "--pid", "--fork", "sh", script, "--variant=minbase", "bookworm", folder, mirror, env=environment)
    for name in ("apt/sources.list.d/debian.sources", "apt/sources.list", "resolv.conf", "hosts"):
        if os.path.exists(f"/etc/{name}"):
            shutil.copy(f"/etc/{name}", folder / "etc" / name)
    yield Machine(folder)
    shutil.rmtree(folder)


@pytest.mark.long
@pytest.mark.skipif(bool(AS_ROOT), reason="debootstrap needs root")
def test_the_steps_in_a_plain_root_folder(steps, package, slim):
    assert argument(steps, "FROM") == "debian:12-slim"
    shutil.copy(package, slim.folder / "tmp")
    done = slim.call("sh", "-c", argument(steps, "RUN"), timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    work = argument(steps, "WORKDIR")
    (slim.folder / work[1:]).mkdir(mode=0o755)
    assert list((slim.folder / "tmp").iterdir()) == [] and list((slim.folder / "var/lib/apt/lists").iterdir()) == []

    entry = json.loads(argument(steps, "ENTRYPOINT"))
    started = slim.call(*entry, "--version", user=argument(steps, "USER"), cwd=work)
    assert started.returncode == 0 and started.stdout.startswith("nsxcert "), started
    assert slim.call("id", "-u", user=argument(steps, "USER")).stdout.strip() == argument(steps, "USER").split(":")[0]
    assert (slim.folder / "etc/ssl/certs/ca-certificates.crt").stat().st_size > 100_000
    removed = slim.call("dpkg", "--remove", "nsxcert")
    assert removed.returncode == 0 and not (slim.folder / "usr/bin/nsxcert").exists(), removed
