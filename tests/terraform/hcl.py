# SPDX-License-Identifier: Apache-2.0
"""Reads variables and outputs from .tf files that `terraform fmt` has laid out.

`python tests/terraform/hcl.py FOLDER` prints the tables for that folder's README.
"""
import json
import re
import sys
from pathlib import Path

BLOCK = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.M | re.S)
TOKEN = re.compile(r"[A-Za-z_][\w]*|[(){},=\[\]]|\"[^\"]*\"|[\d.]+")


def blocks(folder, kind):
    """{name: body}, in the order of the files."""
    text = "".join(path.read_text() for path in sorted(Path(folder).glob("*.tf")))
    return {match[2]: match[3] for match in BLOCK.finditer(text) if match[1] == kind}


def member(body, name):
    """The text of an argument, to where the next one of the same block begins; None without."""
    match = re.search(rf"^  {name} *= (.*?)(?=^  [a-z_]+ *=|^  [a-z_]+ \{{|^$|\Z)", body, re.M | re.S)
    return match and match[1].strip()


def description(body):
    return json.loads(member(body, "description"))


def type_of(text):
    """"string", ["list", T], or {name: (T, is_optional)} for an object."""
    tokens = TOKEN.findall(text)
    value = take_type(tokens)
    assert not tokens, tokens
    return value


def take_type(tokens):
    word = tokens.pop(0)
    if not tokens or tokens[0] != "(":
        return word
    tokens.pop(0)
    value = take_members(tokens) if word == "object" else [word, take_type(tokens)]
    while tokens.pop(0) != ")":  # behind a comma: the default of optional()
        pass
    return value


def take_members(tokens):
    members = {}
    assert tokens.pop(0) == "{"
    while tokens[0] != "}":
        name = tokens.pop(0)
        assert tokens.pop(0) == "="
        kind = take_type(tokens)
        optional = isinstance(kind, list) and kind[0] == "optional"
        members[name] = (kind[1] if optional else kind, optional)
        if tokens[0] == ",":
            tokens.pop(0)
    tokens.pop(0)
    return members


def short(kind):
    """A type for the table."""
    if isinstance(kind, dict):
        return "object"
    return kind if isinstance(kind, str) else f"{kind[0]}({short(kind[1])})"


def inputs_table(folder):
    lines = ["| input | type | default | meaning |", "| --- | --- | --- | --- |"]
    for name, body in blocks(folder, "variable").items():
        default = member(body, "default")
        lines.append(f"| `{name}` | {short(type_of(member(body, 'type')))} | "
                     f"{'required' if default is None else f'`{default}`'} | {description(body)} |")
    return "\n".join(lines)


def outputs_table(folder):
    lines = ["| output | meaning |", "| --- | --- |"]
    lines += [f"| `{name}` | {description(body)} |" for name, body in blocks(folder, "output").items()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(f"{inputs_table(sys.argv[1])}\n\n{outputs_table(sys.argv[1])}")
