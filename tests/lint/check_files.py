#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What holds for every file: a licence line, lengths, no leftovers, clean line ends."""
import re

from sources import ROOT, all_files, finish

SOURCES = {".c", ".h", ".def", ".py", ".sh"}
WITH_LICENCE = SOURCES | {".yml", ".yaml", ".ini"}
NAMED_WITH_LICENCE = {"Makefile", "run", ".clang-format", ".clang-tidy", ".editorconfig"}
LINES_MAX = {"src": 400, "tests": 800}
# C is the business of .clang-format, which leaves long texts alone.
COLUMNS_MAX = {".def": 120, ".py": 140, ".sh": 140}
# In two halves: this file is checked as well.
LEFTOVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
# What runs inside Ansible has the licences that Ansible asks for.
LICENCES = {"ansible": ("GPL-3.0-or-later", "BSD-2-Clause")}
# Data that is wrong on purpose, or somebody else's.
DATA = re.compile(r"^tests/(cases|fuzz/corpus|suites/\w+)/|/fixtures/|^LICENSE$|^ansible/changelogs/changelog.yaml$")


def findings_of(name):
    raw = (ROOT / name).read_bytes()
    if b"\0" in raw or DATA.search(str(name)):
        return
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        yield f"{name}: not UTF-8"
        return
    lines = text.splitlines()
    if text and not text.endswith("\n"):
        yield f"{name}: no newline at the end"
    if (name.suffix in WITH_LICENCE or name.name in NAMED_WITH_LICENCE) and lines:
        licences = LICENCES.get(name.parts[0], ("Apache-2.0",))
        if not any(f"SPDX-License-Identifier: {licence}" in line for line in lines[:4] for licence in licences):
            yield f"{name}: no SPDX line on top"
    lines_max = LINES_MAX.get(name.parts[0], len(lines))
    if name.suffix in SOURCES and len(lines) > lines_max:
        yield f"{name}: {len(lines)} lines, at most {lines_max}"
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield f"{name}:{number}: blanks at the end"
        if name.suffix in SOURCES and "\t" in line:
            yield f"{name}:{number}: a tab"
        if len(line) > COLUMNS_MAX.get(name.suffix, len(line)):
            yield f"{name}:{number}: {len(line)} columns, at most {COLUMNS_MAX[name.suffix]}"
        if LEFTOVER.search(line):
            yield f"{name}:{number}: {LEFTOVER.search(line)[0]}"


if __name__ == "__main__":
    finish([finding for name in all_files() for finding in findings_of(name)])
