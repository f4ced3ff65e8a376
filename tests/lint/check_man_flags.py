#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual page lists the program's flags, all of them and no other."""
import re

from sources import ROOT, finish

known = set(re.findall(r'\{\.name = "([a-z-]+)"', (ROOT / "src/cli/flags.c").read_text()))
page = (ROOT / "docs/nsxcert.1").read_text()
items = re.findall(r"^\.It (Fl .*)$", page, re.MULTILINE)
listed = {flag for item in items for flag in re.findall(r"\bFl -([a-z-]+)", item)}
findings = [f"docs/nsxcert.1: --{flag} is missing" for flag in sorted(known - listed)]
findings += [f"docs/nsxcert.1: --{flag} is no flag of src/cli/flags.c" for flag in sorted(listed - known)]
if not known:
    findings.append("src/cli/flags.c: no table of flags found")
finish(findings)
