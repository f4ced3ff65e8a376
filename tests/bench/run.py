# SPDX-License-Identifier: Apache-2.0
"""Measures nsxcert: `run.py --count` what is the same on every run, held to its guards; `run.py [AREA…]` times beside
floors and peers. docs/performance.md tells what the figures mean."""
import datetime
import json
import os
import platform
import subprocess
import sys
import time

import areas
import budgets
import counts
import timing
from workshop import ROOT, Workshop


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


def words(command):
    """The first line a command prints; None without the command."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        return done.stdout.splitlines()[0]
    except (OSError, IndexError):
        return None


def processor():
    with open("/proc/cpuinfo") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), platform.machine())


def surroundings(shop):
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": words(["git", "rev-parse", "HEAD"]), "processor": processor(), "cores": os.cpu_count(),
        "system": platform.platform(), "load_before": os.getloadavg(),
        "versions": {"nsxcert": words([str(shop.program), "--version"]), "openssl": words(["openssl", "version"]),
                     "curl": words(["curl", "--version"]), "python": platform.python_version(),
                     "libraries": {name: words(["pkg-config", "--modversion", name])
                                   for name in ("openssl", "jansson", "libcurl")}}}


def clock(chosen):
    unknown = [name for name in chosen if name not in areas.AREAS]
    if unknown:
        print(f"no area {unknown[0]}; there are: {' '.join(areas.AREAS)}", file=sys.stderr)
        return 64
    rows = []
    with Workshop() as shop:
        told = surroundings(shop)
        shop.make_pair()
        for name in chosen or areas.AREAS:
            for case in areas.AREAS[name](shop):
                rows.append(timing.measure(case))
                print("\n".join(timing.lines(rows[-1])), flush=True)
        told["load_after"] = os.getloadavg()
        path = shop.build / "bench.json"
    path.write_text(json.dumps({**told, "rows": rows}, indent=2) + "\n")
    print(f"load {told['load_before'][0]:.1f} before, {told['load_after'][0]:.1f} after, {told['cores']} cores; written to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(count() if sys.argv[1:] == ["--count"] else clock(sys.argv[1:]))
