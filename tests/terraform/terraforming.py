# SPDX-License-Identifier: Apache-2.0
"""Running Terraform (or OpenTofu: TERRAFORM=PROGRAM) in a copy of terraform/, offline, with the mirror of install.sh."""
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "build" / "tf"
REQUIRED = os.environ.get("CI") == "true"
SECONDS = 300


def missing(what):
    (pytest.fail if REQUIRED else pytest.skip)(f"{what} is missing; tests/terraform/install.sh installs it")


@dataclass
class Found:
    """A program that speaks Terraform's language."""

    path: str
    name: str
    text: str

    @property
    def version(self):
        """(major, minor) of the Terraform whose features it has; OpenTofu counts on from 1.6 by itself."""
        return tuple(int(part) for part in self.text.split(".")[:2])


def find_terraform():
    wanted = os.environ.get("TERRAFORM")
    path = wanted or shutil.which("terraform") or shutil.which("terraform", path=PLACE / "bin")
    if not path:
        missing("terraform")
    process = subprocess.run([path, "version"], env=environment(), capture_output=True, text=True, check=True,
                             timeout=SECONDS)
    name, text = process.stdout.split("\n", 1)[0].split(" v")
    return Found(path, name, text)


def environment(**more):
    """Nothing that this machine sets for Terraform gets through, and nobody is called."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "TOFU_"))}
    return {**kept, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", **more}


def write_cli_config(folder):
    mirror = os.environ.get("EXTERNAL_PROVIDER_MIRROR") or PLACE / "mirror"
    if not Path(mirror).is_dir():
        missing(f"the mirror {mirror}")
    path = folder / "terraform.rc"
    path.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{Path(mirror).resolve()}"\n  }}\n}}\n')
    return path


@dataclass
class Outcome:
    """What a run of Terraform left."""

    code: int
    stdout: str
    stderr: str

    @property
    def text(self):
        """All of it as one line, without the frames that long messages are broken by."""
        return " ".join((self.stdout + self.stderr).replace("│", " ").replace("╷", " ").replace("╵", " ").split())

    def warns(self, name):
        return f'in check "{name}"' in self.text


class Terraform:
    """One root module in a copy of its own."""

    def __init__(self, program, cli_config, folder, name, more):
        self.program = program
        self.top = folder
        shutil.copytree(ROOT / "terraform", folder / "terraform",
                        ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars.json"))
        self.folder = folder / "terraform" / name
        self.environment = environment(TF_CLI_CONFIG_FILE=str(cli_config), **more)
        self.run("init", "-input=false", expected=0)

    def variables(self, **values):
        (self.folder / "terraform.tfvars.json").write_text(json.dumps(values))

    def run(self, command, *flags, expected=None, **more):
        process = subprocess.run([self.program.path, command, *flags, "-no-color"], cwd=self.folder, text=True,
                                 env={**self.environment, **more}, stdin=subprocess.DEVNULL, capture_output=True,
                                 check=False, timeout=SECONDS)
        outcome = Outcome(process.returncode, process.stdout, process.stderr)
        if expected is not None:
            assert outcome.code == expected, outcome.stdout + outcome.stderr
        return outcome

    def plan(self, *flags, changes, **more):
        """A plan; `changes`: whether it has something to do."""
        return self.run("plan", "-input=false", "-detailed-exitcode", *flags, expected=2 if changes else 0, **more)

    def apply(self, **more):
        return self.run("apply", "-input=false", "-auto-approve", expected=0, **more)

    def output(self):
        """{name: value}"""
        values = json.loads(self.run("output", "-json", expected=0).stdout)
        return {name: value["value"] for name, value in values.items()}

    @property
    def state(self):
        return (self.folder / "terraform.tfstate").read_text()
