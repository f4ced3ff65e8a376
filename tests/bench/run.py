# SPDX-License-Identifier: Apache-2.0
"""Measures nsxcert: `run.py --count` what is the same on every run, held to its guards; `run.py [AREA…]` times beside
floors and peers. docs/performance.md tells what the figures mean."""
import sys
import time

import budgets
import counts
from workshop import Workshop


def count():
    broken = rows = 0
    started = time.monotonic()
    with Workshop() as shop:
        for source in (counts, budgets):
            for row in source.rows(shop):
                print(row.line(), flush=True)
                rows += 1
                broken += not row.held
    print(f"{rows} figures, {broken} guards broken, {time.monotonic() - started:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(count())
