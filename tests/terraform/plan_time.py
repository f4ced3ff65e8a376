#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long `terraform plan` takes with 1, 10 and 100 data sources, and how much of it is nsxcert.

    build/venv/bin/python tests/terraform/plan_time.py

Each is planned three times and the quickest counts: with nsxcert looking at a simulated cluster (the virtual IP and
three managers, without login), and with a shell script that answers at once in its place. The rest of the table is
one data source with as many endpoints. Not a test: times depend on the machine.
"""
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "integration")]

import terraforming
from simulator.fixture import Simulator

ROUNDS = 3
NSXCERT = os.environ.get("NSXCERT_RELEASE", str(terraforming.ROOT / "build/release/nsxcert"))
ANSWER = {name: "" for name in ("status", "changed", "renewal_due", "certificate_id", "display_name",
                                "fingerprint_sha256", "not_after", "certificate_pem", "warnings", "reason")}


def seconds(terraform):
    """The quickest plan: wall time, and the processor time of all its processes."""
    found = []
    for _ in range(ROUNDS):
        used, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        terraform.run("plan", "-input=false", "-lock=false", expected=0)
        took, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append((took, after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime))
    return min(found)


def stub(folder):
    """A program that answers at once."""
    answer, path = folder / "answer.json", folder / "stub"
    answer.write_text(json.dumps(ANSWER | {"status": "in_sync", "result_json": "{}"}))
    path.write_text(f"#!/bin/sh\nexec cat {answer}\n")
    path.chmod(0o755)
    return str(path)


def measure(terraform, program, **variables):
    terraform.variables(executable=program, **variables)
    return seconds(terraform)


def main():
    folder = Path(tempfile.mkdtemp(prefix="plan-time-"))
    program = terraforming.find_terraform()
    terraform = terraforming.Terraform(program, terraforming.write_cli_config(folder), folder / "copy",
                                       "examples/many-clusters", {})
    other = stub(folder)
    print(f"{program.name} {program.text}, nsxcert {NSXCERT}\n")
    print("| data sources | endpoints | plan | plan with a stub | processor time of the plan | nsxcert's share of it |")
    print("| --- | --- | --- | --- | --- | --- |")
    with Simulator.start("4.2") as sim:
        nodes = [node["address"] for node in sim.nodes]
        cluster = {"address": sim.endpoint(sim.vip), "nodes": nodes}
        four = [{"address": f"{host}:{sim.port}"} for host in [sim.vip, *nodes]]
        for count in (1, 10, 100):
            table_row(terraform, other, count, 4 * count, clusters={f"c{n:03}": cluster for n in range(count)}, fleet=[])
        for count in (40, 400):
            fleet = [{"address": one["address"], "server_name": f"n{n}.example.com"}
                     for n in range(count // 4) for one in four]
            table_row(terraform, other, 1, count, clusters={}, fleet=fleet)


def table_row(terraform, other, sources, endpoints, **variables):
    (took, used), (floor, floor_used) = measure(terraform, NSXCERT, **variables), measure(terraform, other, **variables)
    share = max(0.0, used - floor_used)
    print(f"| {sources} | {endpoints} | {took:.1f} s | {floor:.1f} s | {used:.1f} s | {share:.1f} s, {100 * share / used:.0f} % |",
          flush=True)


if __name__ == "__main__":
    main()
