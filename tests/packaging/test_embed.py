# SPDX-License-Identifier: Apache-2.0
"""The program that embeds the schemas refuses, at build, what the checker could not use."""
import json
import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def embed(repository, nsxcert_release, tmp_path):
    """embed(kind, change): what becomes of the schema of import once `change` was made to it."""
    program = Path(nsxcert_release).parents[1] / "embed" / "embed"

    def run(kind, change=lambda schema: None):
        shutil.copytree(repository / "schema", tmp_path / "schema", dirs_exist_ok=True)
        path = tmp_path / "schema" / "import.schema.json"
        schema = json.loads(path.read_text())
        change(schema)
        path.write_text(json.dumps(schema))
        return subprocess.run([program, kind, tmp_path / "schema", "import"], capture_output=True, text=True, timeout=30)

    return run


def test_full_is_what_the_program_prints(embed, nsxcert_release):
    printed = subprocess.run([nsxcert_release, "--schema", "import"], capture_output=True, text=True, timeout=30)
    assert embed("full").stdout == printed.stdout


def test_rules_are_short(embed):
    full, rules = embed("full"), embed("rules")
    assert (full.returncode, rules.returncode) == (0, 0)
    assert 1000 < len(rules.stdout) < len(full.stdout) / 3


@pytest.mark.parametrize(("change", "reason"), [
    (lambda schema: schema.update(anyOf=[True]), 'unsupported keyword or value at "/anyOf"'),
    (lambda schema: schema["properties"]["manager"].update({"$ref": "common.schema.json#/$defs/none"}), "none does not exist"),
    (lambda schema: schema["properties"]["manager"].update({"$ref": "other.json"}), "other.json leads to no definition"),
    (lambda schema: schema["properties"]["operation"].update(pattern="\\d"), "/pattern"),
    (lambda schema: schema["properties"].update({"manager": {"$ref": "#/$defs/manager"}}), "manager does not exist"),
], ids=["keyword", "definition", "file", "pattern", "home"])
@pytest.mark.parametrize("kind", ["full", "rules"])
def test_what_the_checker_cannot_use_fails(embed, kind, change, reason):
    result = embed(kind, change)
    assert result.returncode == 1 and reason in result.stderr, result


def test_one_name_for_two_definitions_fails(embed):
    def change(schema):
        schema["$defs"]["manager"] = {"type": "object"}
        schema["properties"]["parameters"] = {"$ref": "#/$defs/manager"}

    result = embed("full", change)
    assert result.returncode == 1 and "manager is in both files" in result.stderr, result
