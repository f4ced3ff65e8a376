#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The figures of tests/cover.sh from gcovr's summary: `cover.py SUMMARY MIN`."""
import json
import sys
from collections import defaultdict


def percent(part, whole):
    return f"{100 * part / whole:5.1f} %" if whole else "      -"


def print_row(name, files):
    sums = {key: sum(file[key] for file in files)
            for key in ("line_covered", "line_total", "branch_covered", "branch_total")}
    lines = percent(sums["line_covered"], sums["line_total"])
    branches = percent(sums["branch_covered"], sums["branch_total"])
    print(f"{name:<34}{lines} of {sums['line_total']:>5} lines  {branches} of {sums['branch_total']:>5} branches")


def main():
    files = json.load(open(sys.argv[1], encoding="utf-8"))["files"]
    low = [file for file in files if file["line_total"] and 100 * file["line_covered"] < int(sys.argv[2]) * file["line_total"]]
    rooms = defaultdict(list)
    for file in files:
        rooms[file["filename"].split("/")[1]].append(file)
    for file in sorted(low, key=lambda file: file["filename"]):
        print_row(file["filename"], [file])
    if low:
        print()
    for room in sorted(rooms):
        print_row(f"src/{room}", rooms[room])
    print_row("src", files)


main()
