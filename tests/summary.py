#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up what `make check` left in its folder of reports.

Usage: summary.py REPORTS. Prints what failed, each skip with its reason and,
as the very last line, `N passed, N failed, N skipped`. The exit code is 1 if
anything failed, nothing ran, or a part left no whole report.

REPORTS/expected.tsv lists the parts (kind, name) that were started:
  step    a line (outcome, name, reason) in steps.tsv
  unit    unit/NAME.tap in Check's TAP and unit/NAME.exit
  pytest  NAME.xml in JUnit's form and NAME.exit
"""
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

PYTEST_WHOLE = (0, 1, 5)  # all passed, some failed, nothing collected


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []

    def fail(self, name, reason):
        self.failed.append((name, reason))

    def skip(self, name, reason):
        self.skipped.append((name, reason))


def read_rows(path):
    """The lines of a file of tab-separated fields; none when it is absent."""
    if not path.exists():
        return []
    return [line.split("\t") for line in path.read_text().splitlines() if line]


def read_exit(path):
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def add_step(tally, reports, name):
    rows = [row for row in read_rows(reports / "steps.tsv") if row[1] == name]
    if len(rows) != 1:
        tally.fail(name, "left no report")
        return
    outcome, _, reason = rows[0]
    if outcome == "passed":
        tally.passed += 1
    elif outcome == "skipped":
        tally.skip(name, reason)
    else:
        tally.fail(name, reason)


def add_unit(tally, reports, name):
    tap = reports / "unit" / f"{name}.tap"
    lines = tap.read_text(errors="replace").splitlines() if tap.exists() else []
    status = read_exit(reports / "unit" / f"{name}.exit")
    plans = [int(m[1]) for m in (re.fullmatch(r"1\.\.(\d+)", line) for line in lines) if m]
    results = [line for line in lines if re.match(r"(not )?ok\b", line)]
    failures = 0
    for line in results:
        text = re.sub(r"^(not )?ok \d+ - ", "", line)
        if line.startswith("not "):
            failures += 1
            tally.fail(name, text)
        elif re.search(r"# SKIP", line, re.IGNORECASE):
            tally.skip(name, text)
        else:
            tally.passed += 1
    if sum(plans) != len(results) or not results:
        tally.fail(name, f"left no whole report (exit {status})")
    elif status != 0 and not failures:
        tally.fail(name, f"ended with exit {status} although its tests passed")


def add_pytest(tally, reports, name):
    status = read_exit(reports / f"{name}.exit")
    try:
        cases = list(ElementTree.parse(reports / f"{name}.xml").iter("testcase"))
    except (OSError, ElementTree.ParseError):
        tally.fail(name, f"left no report (exit {status})")
        return
    failures = 0
    for case in cases:
        title = f"{case.get('classname')}.{case.get('name')}".lstrip(".")
        bad = [child for child in case if child.tag in ("failure", "error")]
        skips = [child for child in case if child.tag == "skipped"]
        if bad:
            failures += 1
            tally.fail(title, first_line(bad[0].get("message")))
        elif skips:
            tally.skip(title, first_line(skips[0].get("message")))
        else:
            tally.passed += 1
    if status not in PYTEST_WHOLE or (status == 1 and not failures):
        tally.fail(name, f"ended with exit {status}")


def first_line(text):
    lines = (text or "").strip().splitlines()
    return lines[0] if lines else "no reason given"


READERS = {"step": add_step, "unit": add_unit, "pytest": add_pytest}


def main():
    reports = Path(sys.argv[1])
    tally = Tally()
    for kind, name in read_rows(reports / "expected.tsv"):
        READERS[kind](tally, reports, name)
    for name, reason in tally.skipped:
        print(f"skipped: {name}: {reason}")
    for name, reason in tally.failed:
        print(f"failed: {name}: {reason}")
    print(f"{tally.passed} passed, {len(tally.failed)} failed, {len(tally.skipped)} skipped")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
