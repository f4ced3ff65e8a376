# SPDX-License-Identifier: Apache-2.0
"""The five pipelines as they would be run: each body is taken out of its file and run here, stage by stage.

    pipeline = GitLab(pipelines, folder, environment)
    code, output = pipeline.run("plan")

A system's own machinery (which job is next, artifacts, containers) is played by the tests; every command is the file's.
"""
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from ruamel.yaml import YAML

SECONDS = 120
STAGES = ("validate", "plan", "apply", "verify")


def load(path):
    return list(YAML(typ="safe", pure=True).load_all(path.read_text()))


class Pipeline:
    """`folder` gets checkout/nsx (requests and script), files, metrics. `secrets`: what the system keeps."""

    requests = "requests"
    prefix = ()  # what runs each command

    def __init__(self, pipelines, folder, path, secrets):
        self.pipelines = pipelines
        self.folder = folder
        self.secrets = secrets
        self.path = path  # PATH, with nsxcert on it
        self.checkout = folder / "checkout"
        self.nsx = self.checkout / "nsx"
        self.files = folder / "files"
        self.metrics = folder / "metrics"
        for one in (self.nsx, self.files, self.metrics):
            one.mkdir(parents=True)
        shutil.copy(pipelines / "nsxcert-pipeline.sh", self.nsx)

    @property
    def results(self):
        return self.checkout / "nsxcert-results"

    def environment(self, variables):
        """What a job gets: its own variables, folders of the runner's moved here, nothing else of ours."""
        moved = {"/var/lib/nsxcert/lab": str(self.files), "/var/lib/prometheus/node-exporter": str(self.metrics)}
        values = {}
        for name, value in variables.items():
            for prefix, place in moved.items():
                if str(value).startswith(prefix):
                    value = place + str(value).removeprefix(prefix)
            values[name] = str(value)
        return {"PATH": self.path, "HOME": str(self.folder), "LC_ALL": "C.UTF-8", **values}

    def start(self, command, variables, cwd=None):
        done = subprocess.run([*self.prefix, *command], env=self.environment(variables), cwd=cwd or self.checkout, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=SECONDS, check=False)
        return done.returncode, done.stdout

    def metric(self, operation):
        return (self.metrics / f"nsxcert-lab-{operation}.prom").read_text()


class GitLab(Pipeline):
    # allow_failure shows exit 2 as what it is
    changes_code = 2

    def __init__(self, *arguments):
        super().__init__(*arguments)
        (self.document,) = load(self.pipelines / "gitlab-ci.yml")

    def job(self, name):
        job = dict(self.document[name])
        while "extends" in job:
            job = {**self.document[job.pop("extends")], **job}
        return job

    def starts(self, **variables):
        """{job: when} of a pipeline with these predefined variables, by each job's rules."""
        jobs = {stage: next((rule for rule in self.job(stage).get("rules", [{}]) if holds(rule.get("if"), variables)), None)
                for stage in STAGES}
        return {stage: rule.get("when", "on_success") for stage, rule in jobs.items() if rule is not None}

    def run(self, stage):
        job = self.job(stage)
        assert job["stage"] == stage
        # A variable with a scope is given to the jobs of that environment alone.
        scoped = self.secrets if "environment" in job else {}
        body = "set -eo pipefail\n" + "\n".join(job["script"])
        variables = {**self.document["variables"], **job.get("variables", {}), **scoped, "CI_JOB_STAGE": stage}
        code, output = self.start(["bash", "-c", body], variables)
        if stage == "plan":
            assert job["allow_failure"] == {"exit_codes": self.changes_code}
            self.changes = code == self.changes_code
            code = 0 if self.changes else code
        return code, output


def holds(condition, variables):
    """A condition of GitLab's rules, as far as those here use them: comparisons joined by &&."""
    def value(word):
        return variables.get(word[1:]) if word.startswith("$") else word.strip('"')

    comparisons = [comparison.split(" == ") for comparison in (condition or "").split(" && ") if comparison]
    return all(value(left) == value(right) for left, right in comparisons)


class GitHub(Pipeline):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        (self.document,) = load(self.pipelines / "github-actions.yml")

    def run(self, stage):
        job = self.document["jobs"][stage]
        outputs, summary = self.folder / "outputs", self.folder / f"{stage}-summary.md"
        outputs.write_text("")
        summary.write_text("")
        code, output = 0, ""
        for step in job["steps"]:
            if "run" not in step or (code != 0 and step.get("if") != "always()"):
                continue
            variables = {**self.document["env"], **{name: self.expand(value) for name, value in step.get("env", {}).items()},
                         "GITHUB_OUTPUT": outputs, "GITHUB_STEP_SUMMARY": summary}
            assert "${{" not in step["run"]
            step_code, text = self.start(["bash", "-e", "-c", step["run"]], variables)
            code, output = code or step_code, output + text
        assert summary.read_text() == (self.results / f"{stage}.md").read_text() != ""
        if stage == "plan":
            assert job["outputs"] == {"changes": "${{ steps.plan.outputs.changes }}"}
            self.changes = "changes=true\n" in outputs.read_text()
        return code, output

    def expand(self, value):
        return re.sub(r"\$\{\{ secrets\.(\w+) \}\}", lambda found: self.secrets[found[1]], value)


class Concourse(Pipeline):
    requests = "requests-env"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        (self.document,) = load(self.pipelines / "concourse.yml")
        self.metrics.rmdir()
        self.stage_folder = None

    def run(self, stage):
        (job,) = [job for job in self.document["jobs"] if job["name"] == stage]
        (task,) = [step for step in job["plan"] if "task" in step]
        config = task["config"]
        self.stage_folder = self.folder / f"{stage}-container"
        shutil.rmtree(self.stage_folder, ignore_errors=True)
        for output in config["outputs"]:
            (self.stage_folder / output["name"]).mkdir(parents=True)
        (self.stage_folder / config["inputs"][0]["name"]).symlink_to(self.checkout)
        variables = {name: self.expand(str(value)) for name, value in {**config["params"], **task["params"]}.items()}
        code, text = self.start([config["run"]["path"], *config["run"]["args"]], variables, self.stage_folder)
        self.metrics = self.stage_folder / "metrics"
        if stage == "plan":
            self.changes = says_changes(text)
        return code, text

    @property
    def results(self):
        return self.stage_folder / "results"

    def expand(self, value):
        names = {"((nsx.password))": "NSXT_PASSWORD", "((nsx.certificate))": "NSX_CERTIFICATE",
                 "((nsx.private_key))": "NSX_PRIVATE_KEY"}
        return self.secrets[names[value]] if value in names else value


class Tekton(Pipeline):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.task, self.pipeline, self.given = load(self.pipelines / "tekton.yaml")
        self.metrics.rmdir()
        self.metrics = self.files / "metrics"

    @property
    def results(self):
        return self.files / "results"

    def mount(self):
        """A ConfigMap as a volume: each file is a link into a folder that is exchanged as a whole."""
        mount = self.folder / "workspace"
        shutil.rmtree(mount, ignore_errors=True)
        shutil.copytree(self.nsx, mount / "..data")
        for path in self.nsx.iterdir():
            (mount / path.name).symlink_to(Path("..data") / path.name)
        return mount

    def run(self, stage):
        (task,) = [task for task in self.pipeline["spec"]["tasks"] if task["name"] == stage]
        (step,) = self.task["spec"]["steps"]
        given = {f"$(params.{one['name']})": one["value"] for one in self.given["spec"]["params"]}
        params = {one["name"]: one["default"] for one in self.task["spec"]["params"] if "default" in one}
        params |= {one["name"]: given.get(one["value"], one["value"]) for one in task["params"]}
        changes = self.folder / "changes"
        changes.unlink(missing_ok=True)
        known = {**{f"$(params.{name})": value for name, value in params.items()}, "$(results.changes.path)": str(changes),
                 "$(workspaces.requests.path)": str(self.mount()), "$(workspaces.files.path)": str(self.files)}
        variables = {}
        for one in step["env"]:
            if "valueFrom" not in one:
                variables[one["name"]] = expand(one["value"], known)
            elif expand(one["valueFrom"]["secretKeyRef"]["name"], known) == "nsx-lab":
                variables[one["name"]] = self.secrets[one["name"]]
            else:
                assert one["valueFrom"]["secretKeyRef"]["optional"] is True
        assert "$(" not in step["script"] and step["script"].startswith("#!/bin/sh\n")
        script = self.folder / "script"
        script.write_text(step["script"])
        script.chmod(0o755)
        code, output = self.start([script], variables, self.folder)
        if stage == "plan":
            self.changes = changes.read_text() == "true"
        return code, output


def says_changes(output):
    """Where exit 2 does not get out of the stage: the text view of a dry run tells it."""
    return "would change\n" in output or "would change:" in output


def expand(text, known):
    for name, value in known.items():
        text = text.replace(name, value)
    assert "$(" not in text, text
    return text


class Systemd(Pipeline):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        lines = (self.pipelines / "systemd" / "nsxcert@.service").read_text().replace("%i", "lab").splitlines()
        self.settings = [tuple(line.split("=", 1)) for line in lines if "=" in line and not line.startswith("#")]

    def values(self, name):
        return [value for key, value in self.settings if key == name]

    @property
    def results(self):
        return self.files / "results"

    def run(self, stage):
        (command,) = [line for line in self.values("ExecStart") if re.search(rf"\b{stage}\b", line)]
        assert len(self.values("ExecStart")) == len(STAGES) and not self.values("SuccessExitStatus")
        command = [word.replace("$$", "$").replace("/usr/local/lib/nsxcert", str(self.nsx)) for word in shlex.split(command)]
        variables = dict(value.split("=", 1) for value in self.values("Environment"))
        variables = {name: value.replace("/etc/nsxcert/lab", str(self.nsx)) for name, value in variables.items()}
        code, output = self.start(command, {**variables, **self.secrets}, "/")
        if stage == "plan":
            self.changes = says_changes(output)
        return code, output


PIPELINES = [GitLab, GitHub, Concourse, Tekton, Systemd]


def release_on_path(program, folder):
    """A PATH on which `nsxcert` is the program."""
    folder.mkdir(exist_ok=True)
    link = folder / "nsxcert"
    if not link.exists():
        link.symlink_to(Path(program).resolve())
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
