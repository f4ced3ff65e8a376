#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes one report that tests/summary.py counts of what a command of ansible-test left.

Usage: collect.py KIND PREFIX COLLECTION OUT. KIND: sanity and units: a case is a case; integration: a case is a target,
and one that did not run has failed.
"""
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

NOTHING_TO_DO = "No tests applicable."


def read(path):
    return list(ElementTree.parse(path).iter("testcase"))


def bad_of(case):
    return [child for child in case if child.tag in ("failure", "error")]


def case_of(classname, name, bad=()):
    """A case with the first of what is BAD about it."""
    case = ElementTree.Element("testcase", classname=classname, name=name)
    for child in bad[:1]:
        failure = ElementTree.SubElement(case, "failure", message=child.get("message") or (child.text or "").strip())
        failure.text = child.text
    return case


def sanity_cases(prefix, reports):
    """One case a test; what found no file of its kind is left out."""
    for path in reports:
        for case in read(path):
            if NOTHING_TO_DO not in "".join(case.itertext()):
                yield case_of(f"{prefix}.sanity", case.get("name"), bad_of(case))


def units_cases(prefix, reports):
    for path in reports:
        for case in read(path):
            case.set("classname", f"{prefix}.{case.get('classname')}")
            yield case


def integration_cases(prefix, reports, targets):
    """One case a target: bad when one of its tasks was, or when it left no report."""
    for target in targets:
        tasks = [case for path in reports if path.name.startswith(f"{target}-") for case in read(path)]
        bad = [child for case in tasks for child in bad_of(case)]
        if not tasks:
            bad = [ElementTree.Element("failure", message="left no report")]
        yield case_of(f"{prefix}.integration", target, bad)


def targets_of(collection):
    folders = sorted((collection / "tests/integration/targets").iterdir())
    return [folder.name for folder in folders if not folder.name.startswith("setup_")]


def main():
    kind, prefix, collection, out = sys.argv[1:]
    reports = sorted(Path(collection, "tests/output/junit").glob("*.xml"))
    suite = ElementTree.Element("testsuite", name=f"{prefix}-{kind}")
    if kind == "integration":
        suite.extend(integration_cases(prefix, reports, targets_of(Path(collection))))
    else:
        suite.extend({"sanity": sanity_cases, "units": units_cases}[kind](prefix, reports))
    if len(suite):  # no file: summary.py says that there is no report
        ElementTree.ElementTree(suite).write(out)


if __name__ == "__main__":
    main()
