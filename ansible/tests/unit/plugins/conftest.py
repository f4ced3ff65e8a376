# Copyright (c) The nsxcert project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For all unit tests: a stand-in for the nsxcert program, and a module's main run in this process."""

from __future__ import annotations

import contextlib
import importlib
import json

import pytest
from ansible.module_utils import basic

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core 2.16

    @contextlib.contextmanager
    def patch_module_args(args):
        saved = basic._ANSIBLE_ARGS
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
        try:
            yield
        finally:
            basic._ANSIBLE_ARGS = saved


MODULES = "ansible_collections.nsxcert.nsx.plugins.modules."
OPERATIONS = ("generate", "inspect", "import", "register", "verify")
CAPABILITIES = {"version": "1.0.0", "api_versions": ["nsxcert/v1"], "operations": [{"name": name} for name in OPERATIONS]}
SCRIPT = """#!/bin/sh
here={folder}
printf '%s\\n' "$@" >>"$here/argv"
env >>"$here/environment"
if [ "$1" = --capabilities ]; then
    cat "$here/capabilities"
    exit {capabilities_exit}
fi
cat >"$here/stdin"
cat "$here/answer"
cat "$here/complaint" >&2
{end}
"""
ANSWER = {
    "api_version": "nsxcert/v1",
    "operation": "import",
    "request_id": None,
    "dry_run": False,
    "ok": True,
    "changed": False,
    "target": None,
    "steps": [],
    "diff": [],
    "unknown": [],
    "result": None,
    "warnings": [],
    "error": None,
    "meta": {"version": "1.0.0"},
}


class Program:
    """A stand-in for nsxcert in FOLDER: it answers what it is told to and writes down what it was given."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "nsxcert"
        self.answers()

    def answers(self, answer=None, text=None, complaint="", end="exit 0", capabilities=None, capabilities_exit=0):
        """ANSWER: members of the result that differ from a good one's; TEXT: what to print in place of one."""
        folder = self.folder
        (folder / "capabilities").write_text(json.dumps(CAPABILITIES if capabilities is None else capabilities))
        (folder / "answer").write_text(json.dumps({**ANSWER, **(answer or {})}) if text is None else text)
        (folder / "complaint").write_text(complaint)
        self.path.write_text(SCRIPT.format(folder=folder, end=end, capabilities_exit=capabilities_exit))
        self.path.chmod(0o755)

    def fails(self, code, **members):
        error = {"code": code, "detail": "It went wrong.", "remedy": "Try something else.", "errors": [], **members}
        self.answers({"ok": False, "error": error}, end="exit 1")

    @property
    def request(self):
        return json.loads((self.folder / "stdin").read_text())

    @property
    def arguments(self):
        return (self.folder / "argv").read_text()

    @property
    def environment(self):
        return (self.folder / "environment").read_text()

    @property
    def was_asked(self):
        return (self.folder / "stdin").exists()


@pytest.fixture
def program(tmp_path, monkeypatch):
    """The stand-in, found by NSXCERT; nothing else of this environment counts."""
    for name in ("NSXT_MANAGER_HOST", "NSXT_USERNAME", "NSXT_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    stand_in = Program(tmp_path)
    monkeypatch.setenv("NSXCERT", str(stand_in.path))
    return stand_in


@pytest.fixture
def run_module(capsys):
    """Runs a module's main with options, and returns what it printed for Ansible."""

    def run(name, check=False, diff=False, **options):
        main = importlib.import_module(MODULES + name).main
        capsys.readouterr()
        internal = {"_ansible_check_mode": check, "_ansible_diff": diff, "_ansible_remote_tmp": "/tmp"}
        with patch_module_args({**options, **internal}), pytest.raises(SystemExit):
            main()
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def logged(monkeypatch):
    """What the modules send to the system's log."""
    lines = []
    monkeypatch.setattr(basic, "has_journal", False)
    monkeypatch.setattr(basic.syslog, "syslog", lambda *arguments: lines.append(str(arguments[-1])))
    return lambda: "\n".join(lines)
