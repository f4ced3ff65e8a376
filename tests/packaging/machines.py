# SPDX-License-Identifier: Apache-2.0
"""Commands, and folders that stand for machines."""
import os
import subprocess

# Who is not root is it in a namespace of his own.
AS_ROOT = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]


def run(*command, **options):
    options = {"capture_output": True, "text": True, "timeout": 600, "stdin": subprocess.DEVNULL} | options
    if "input" in options:
        del options["stdin"]
    return subprocess.run([str(word) for word in command], **options)


def succeed(*command, **options):
    result = run(*command, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


class Machine:
    """A root folder, with chroot in the place of a container's engine."""

    def __init__(self, folder):
        self.folder = folder

    def call(self, *command, user="0:0", cwd="/", **options):
        enter = ["chroot", *([f"--userspec={user}"] if user != "0:0" else []), self.folder]
        inside = ["/usr/bin/env", "-C", cwd] if cwd != "/" else []
        return run(*AS_ROOT, *enter, *inside, *command, **options)

    def dpkg(self, *arguments):
        return run(*AS_ROOT, "dpkg", f"--root={self.folder}", "--log=/dev/null", *arguments)

    def files(self):
        """All but dpkg's own records."""
        names = {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if not path.is_dir() or path.is_symlink()}
        return {name for name in names if not name.startswith(("var/lib/dpkg/", "var/log/"))}
