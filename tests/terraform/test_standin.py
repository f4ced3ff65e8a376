# SPDX-License-Identifier: Apache-2.0
"""The protocol of `data "external"`, as the provider in the mirror keeps it.

In `make check` that is our stand-in, which shows nothing about hashicorp/external; with
EXTERNAL_PROVIDER_MIRROR=DIR the same is asked of the real one.
"""
import json

import pytest

CONFIG = """
terraform {
  required_providers {
    external = { source = "hashicorp/external", version = "~> 2.3" }
  }
}
variable "program" { type = list(string) }
variable "query" {
  type    = map(string)
  default = null
}
variable "working_dir" {
  type    = string
  default = null
}
data "external" "it" {
  program     = var.program
  query       = var.query
  working_dir = var.working_dir
}
output "result" { value = data.external.it.result }
output "id" { value = data.external.it.id }
"""


@pytest.fixture(scope="module")
def asked(workshop):
    """Applies a data source whose program is a shell script; the outcome and its outputs."""
    terraform = workshop("examples/one-cluster")
    for file in terraform.folder.glob("*.tf"):
        file.unlink()
    (terraform.folder / "main.tf").write_text(CONFIG)
    terraform.run("init", "-input=false", expected=0)

    def ask(script, program=None, **variables):
        (terraform.folder / "terraform.tfstate").unlink(missing_ok=True)
        (terraform.folder / "program.sh").write_text(f"#!/bin/sh\n{script}\n")
        (terraform.folder / "program.sh").chmod(0o755)
        terraform.variables(program=program or ["./program.sh"], **variables)
        outcome = terraform.run("apply", "-input=false", "-auto-approve")
        return outcome, terraform.output() if outcome.code == 0 else None
    ask.folder = terraform.folder
    return ask


def test_the_query_is_an_object_of_strings_on_stdin(asked):
    _, output = asked("cat", query={"a": "1", "b": 'two "2" <&>', "none": None})
    assert output == {"result": {"a": "1", "b": 'two "2" <&>'}, "id": "-"}


def test_no_query_is_an_empty_object(asked):
    outcome, _ = asked("cat >stdin; echo '{}'")
    assert outcome.code == 0 and json.loads((asked.folder / "stdin").read_text()) == {}


def test_arguments_and_folder(asked):
    (asked.folder / "below").mkdir()
    _, output = asked('printf \'{"args": "%s", "cwd": "%s"}\' "$*" "$(pwd)"', working_dir="below",
                      program=[str(asked.folder / "program.sh"), "one", "", "two"])
    assert output["result"] == {"args": "one two", "cwd": str(asked.folder / "below")}


def test_another_exit_code_makes_stderr_the_error_and_drops_stdout(asked):
    outcome, _ = asked("echo '{\"a\": \"SEEN\"}'; echo first line >&2; echo last line >&2; exit 3")
    assert outcome.code == 1 and "first line" in outcome.text and "last line" in outcome.text
    assert "exit status 3" in outcome.text and "SEEN" not in outcome.text


def test_stderr_of_a_success_is_dropped(asked):
    outcome, output = asked("echo HEARD >&2; echo '{}'")
    assert output["result"] == {} and "HEARD" not in outcome.text


@pytest.mark.parametrize("answer", ['{"a": 1}', '{"a": true}', '{"a": {}}', '["a"]', '"a"', "", "{", '{"a": "b"} tail'])
def test_anything_but_strings_is_refused(asked, answer):
    outcome, _ = asked(f"printf '%s' '{answer}'")
    assert outcome.code == 1 and "Error: " in outcome.text


def test_a_program_that_is_not_there(asked):
    outcome, _ = asked("", program=["./no-such-program"], query={})
    assert outcome.code == 1 and "no-such-program" in outcome.text
