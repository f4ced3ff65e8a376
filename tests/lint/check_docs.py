#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reference pages of docs/ are what `make docs` makes of the tables and schemas."""
from make_docs import PAGES
from sources import ROOT, finish

finish([
    f"{page}: out of date, run `make docs`"
    for page, render in PAGES.items()
    if not (ROOT / page).exists() or (ROOT / page).read_text() != render()
])
