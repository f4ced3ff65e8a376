#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the completions of packaging/completions from the tables of the sources: `make completions`.

`completions.py FOLDER` writes them there. The flags come from src/cli/flags.c, the operations from src/op/table.c and
schema/, the codes from the tables of errors and rules.
"""
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "packaging/completions"
sys.path.insert(0, str(ROOT / "tests/lint"))
from doc_errors import ERRORS, RULES, pick, rows_of  # noqa: E402

ORIGIN = "Written by mk/completions.py from the tables of src/: change those, then run `make completions`."
# What src/cli/flags.c's exclusive() refuses beside each other; the modes are in its table.
WAYS = ["request-file", "request-env", "terraform"]
NOT_WITH_A_MODE = [*WAYS, "validate", "dry-run", "detailed-exitcode", "output", "format"]
NOT_WITH_TERRAFORM = ["validate", "format", "detailed-exitcode"]


def flags():
    """The rows of the table of flags, each a dict of its members as text."""
    table = re.search(r"flag_row rows\[\] = \{(.*?)\n\};", (ROOT / "src/cli/flags.c").read_text(), re.DOTALL)[1]
    rows = []
    for row in re.findall(r"\{(\.name = .*?)\}", table, re.DOTALL):
        members = dict(re.findall(r"\.(\w+) = (\"[^\"]*\"|'.'|[\w()]+)", row))
        rows.append({name: value.strip("\"'") for name, value in members.items()})
    return rows


def is_mode(row):
    return row["kind"].startswith("FLAG_MODE")


def conflicts(row, rows):
    """The names of the flags that the program refuses beside this one."""
    modes = [other["name"] for other in rows if is_mode(other)]
    name, names = row["name"], []
    if is_mode(row):
        names += modes + NOT_WITH_A_MODE
    if name in NOT_WITH_A_MODE:
        names += modes
    if name in WAYS:
        names += WAYS
    if name == "terraform":
        names += NOT_WITH_TERRAFORM
    if name in NOT_WITH_TERRAFORM:
        names.append("terraform")
    return [other["name"] for other in rows if other["name"] in names and other is not row]


def spellings(names, rows):
    """Flags as they are typed, the letters too."""
    letters = {row["name"]: row["letter"] for row in rows if "letter" in row}
    return [text for name in names for text in ([f"-{letters[name]}"] if name in letters else []) + [f"--{name}"]]


def operations():
    """(name, summary) of each."""
    names = re.findall(r'\.name = "([a-z-]+)"', (ROOT / "src/op/table.c").read_text())
    return [(name, json.loads((ROOT / f"schema/{name}.schema.json").read_text())["title"]) for name in names]


def codes():
    """(code, title) of each error, warning and finding; --explain takes a name of both for the error."""
    rows = rows_of(RULES) + rows_of(ERRORS)
    return sorted({pick(row, "name", "code"): pick(row, "title") for row in rows}.items())


def words(row):
    """What the value of a flag may be, or None when it is a FILE or a NAME."""
    if "choices" in row:
        return row["choices"].split("|")
    kinds = {"OPERATION": operations, "CODE": codes}
    values = kinds.get(row["value"].strip("[]"))
    return None if values is None else [name for name, _ in values()]


def bash_value(row):
    values = words(row)
    if values is not None:
        return f'offer="{" ".join(values)}"'
    return "_nsxcert_files && return" if row["value"] == "FILE" else 'offer=$(compgen -e)'


def bash_conflicts(row, rows):
    own = spellings([row["name"]], rows)
    return f'{" | ".join(own)}) taken+="{" ".join(own + spellings(conflicts(row, rows), rows))} " ;;'


def bash(rows):
    with_value = [row for row in rows if "value" in row]
    second = [row for row in with_value if row["value"].endswith(" [FILE]")]
    return {
        "VALUES": [" " * 12 + f"--{row['name']}) {bash_value(row)} ;;" for row in with_value],
        "SECOND_VALUES": [" " * 12 + f"--{row['name']}) _nsxcert_files && return ;;" for row in second],
        "CONFLICTS": [" " * 12 + bash_conflicts(row, rows) for row in rows],
        "FLAGS": [" ".join(f"--{row['name']}" for row in rows)],
    }


def quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_action(row):
    kind = row["value"].split()[0].strip("[]")
    if "choices" in row:
        return f"{kind.lower() if kind.isupper() else row['name']}:({' '.join(row['choices'].split('|'))})"
    actions = {"FILE": "_files", "NAME": "_parameters -g '*export*'", "OPERATION": "_nsxcert_operations", "CODE": "_nsxcert_codes"}
    return f"{kind.lower()}:{actions[kind]}"


def zsh_argument(row, rows):
    """One line of _arguments."""
    excluded = " ".join(spellings(conflicts(row, rows), rows))
    text = "[" + re.sub(r"([\[\]:])", r"\\\1", row["help"]) + "]"
    if "value" in row:
        optional = "::" if row["value"].startswith("[") else ":"
        text += optional + zsh_action(row) + ("::file:_files" if row["value"].endswith(" [FILE]") else "")
    if "letter" in row:
        both = spellings([row["name"]], rows)
        return f"{quote(f'({chr(32).join(both)} {excluded})')}{{{','.join(both)}}}{quote(text)}"
    return quote(f"({excluded})" * bool(excluded) + f"--{row['name']}" + "=" * ("value" in row) + text)


def zsh_described(pairs):
    return [" " * 8 + quote(name + ":" + text.replace(":", "\\:")) for name, text in pairs]


def zsh(rows):
    arguments = [" " * 4 + zsh_argument(row, rows) for row in rows]
    return {
        "OPERATIONS": zsh_described(operations()),
        "CODES": zsh_described(codes()),
        "ARGUMENTS": [" \\\n".join(arguments)],
    }


def fill(template, parts):
    text = (HOME / template).read_text().replace("@ORIGIN@", ORIGIN)
    for name, lines in parts.items():
        text = text.replace(f"@{name}@", "\n".join(lines))
    return text


def render():
    """The text of each completion by the name of its file."""
    rows = flags()
    return {"nsxcert": fill("bash.in", bash(rows)), "_nsxcert": fill("zsh.in", zsh(rows))}


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HOME
    for name, text in render().items():
        (folder / name).write_text(text)
