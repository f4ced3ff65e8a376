# SPDX-License-Identifier: Apache-2.0
"""Situations of generate that faults are put into, and what must hold after each."""
import itertools
import re
import shutil
import subprocess
from pathlib import Path

from calling import call, encode, the_result
from generating import is_pair, issue, leaf, listing, public, request
from pki import make, rsa_key

EC = {"type": "ec", "curve": "P-256"}  # quick to make
CALLS = ["write", "rename", "link", "unlink", "fsync", "fchmod", "fchown", "chmod", "ftruncate"]

# name: (what was asked for before, in order; what is asked for now)
SCENES = {
    "first run": ([], {}),
    "renewal": ([{"digest": "sha384"}, {"digest": "sha512"}], {}),
    "renewal with backup": ([{"digest": "sha384"}, {"digest": "sha512"}], {"backup": True}),
    "renewal with the key": ([{"digest": "sha512"}], {"reuse_key": True}),
    "first request": ([], {"kind": "request", "certificate_path": None}),
    "request renewed": ([{"kind": "request", "certificate_path": None, "digest": "sha512"}],
                        {"kind": "request", "certificate_path": None, "backup": True}),
    "issued request renewed": ([{"kind": "request", "digest": "sha512"}], {"kind": "request"}),
}


class Scene:
    """A prepared folder that can be copied for each try."""

    def __init__(self, name, program, folder):
        earlier, self.members = SCENES[name]
        self.folder = Path(folder)
        self.template = self.folder / "template"
        self.template.mkdir()
        self.kind = self.members.get("kind", "self_signed")
        self.second = "nsx.csr" if self.kind == "request" else "nsx.crt"
        self.had_files = bool(earlier)
        for members in earlier:
            assert call(program, self.request(self.template, members)).code == 0
        self.original = self.public_of(self.template) if earlier else None
        self.issued = None
        if earlier and "certificate_path" not in self.members and self.kind == "request":
            self.issued = issue(self.template, make("ca.example.com", key=rsa_key(1), ca=True))
        self.numbers = itertools.count(1)

    def request(self, folder, members=None):
        """With absolute paths, so that a trace shows which calls are about them."""
        wanted = dict(key=EC, **(self.members if members is None else members))
        paths = {"key_path": "nsx.key", "certificate_path": "nsx.crt", "request_path": "nsx.csr"}
        for name, path in paths.items():
            if wanted.get(name, path) is not None and (name != "request_path" or wanted.get("kind") == "request"):
                wanted[name] = str(Path(folder) / path)
        return request(wanted.pop("kind", "self_signed"), **wanted)

    def copy(self):
        target = self.folder / f"try{next(self.numbers)}"
        shutil.copytree(self.template, target, symlinks=True)
        return target

    def public_of(self, folder, suffix=""):
        """The key's public half; the file beside it must be of the same key."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
        key = public(load_pem_private_key((Path(folder) / f"nsx.key{suffix}").read_bytes(), None))
        data = (Path(folder) / f"{self.second}{suffix}").read_bytes()
        beside = x509.load_pem_x509_csr(data) if self.kind == "request" else x509.load_pem_x509_certificate(data)
        assert public(beside) == key, f"a mismatching pair{suffix} in {folder}: {listing(folder)}"
        return key

    def check_whole(self, folder):
        """One matching pair, what it replaced as .previous (and backup), nothing else."""
        found = listing(folder)
        assert not [name for name in found if name.startswith(".")], found
        self.public_of(folder)
        if not self.had_files:
            assert found == sorted(["nsx.key", self.second])
            return
        assert self.public_of(folder, ".previous") == self.original
        backups = {name.partition(".bak-")[2] for name in found if ".bak-" in name}
        assert len(backups) == (1 if self.members.get("backup") else 0)
        for one in backups:
            assert self.public_of(folder, f".bak-{one}") == self.original
        if self.issued:
            assert leaf(folder) == leaf(folder, "nsx.crt.previous") == self.issued
        assert len(found) == 4 + 2 * len(backups) + (2 if self.issued else 0)

    def check_untouched(self, folder):
        """The pair is what it was, and no half-written file is left."""
        found = listing(folder)
        assert not [name for name in found if name.startswith(".")], found
        if self.had_files:
            assert self.public_of(folder) == self.original
            for name in ("nsx.key", self.second):
                assert (folder / name).read_bytes() == (self.template / name).read_bytes()
        else:
            assert found == []

    def check_previous_untouched(self, folder):
        for kept in self.template.glob("*.previous"):
            assert (folder / kept.name).read_bytes() == kept.read_bytes(), f"{kept.name} was replaced"

    def is_untouched(self, folder):
        names = ("nsx.key", self.second)
        return all((folder / name).read_bytes() == (self.template / name).read_bytes() if self.had_files
                   else not (folder / name).exists() for name in names)

    def is_as_copied(self, folder):
        """Not a byte and not a name differs from what copy() gave: one more run would be a first one."""
        return contents(folder) == contents(self.template)

    def run(self, program, folder, **options):
        return call(program, self.request(folder), **options)

    def trace(self, program, folder, calls, faults=()):
        """[(call, how manieth of that name, line)] of one run, with `faults` injected."""
        log = folder.parent / f"{folder.name}.trace"
        done = strace(["-e", "trace=" + ",".join(calls), *faults, "-o", log], program, self.request(folder))
        assert done.returncode == 0, done.stderr
        seen, counts = [], {}
        for line in log.read_text().splitlines():
            name = re.match(r"(?:\d+ +)?(\w+)\(", line)
            if name:
                counts[name[1]] = counts.get(name[1], 0) + 1
                seen.append((name[1], counts[name[1]], line))
        return seen


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def strace(options, program, document):
    return subprocess.run(["strace", "-f", "-qq", *map(str, options), program], input=encode(document),
                          capture_output=True, check=False, timeout=120)


def result_of(done):
    return the_result(done.stdout)


__all__ = ["CALLS", "SCENES", "Scene", "is_pair", "leaf", "result_of", "strace"]
