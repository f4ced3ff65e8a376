# SPDX-License-Identifier: Apache-2.0
"""examples/apply on a simulated cluster, with a clock that moves."""
import json
import os
import re

import pki
from job import moved_clock

PROGRAM = """#!/bin/sh
if [ -s "{folder}/clock" ]; then . "{folder}/clock"; fi
exec "{nsxcert}" "$@"
"""


# More than a look takes on a busy machine; what an unreachable manager makes a plan wait.
LOOK_SECONDS = 10


class Life:
    """The root module, its variables set; `moved(days)` is what nsxcert and the managers believe."""

    def __init__(self, workshop, sim, nsxcert, example="examples/apply"):
        self.sim = sim
        self.terraform = workshop(example, NSXT_PASSWORD=sim.password)
        self.folder = self.terraform.top
        self.executable = self.folder / "nsxcert"
        self.executable.write_text(PROGRAM.format(folder=self.folder, nsxcert=nsxcert))
        self.executable.chmod(0o755)
        addresses = [sim.vip, *(node["address"] for node in sim.nodes)]
        self.terraform.variables(
            executable=str(self.executable), address=sim.endpoint(sim.vip), nodes=addresses[1:],
            common_name=sim.vip, ip_addresses=addresses, dns_names=["nsx.example.com"],
            pin_sha256=pki.fingerprints(sim.factory_pem), folder=str(self.folder), confirm_after_seconds=0,
            deadline_seconds=LOOK_SECONDS)

    def change(self, **variables):
        path = self.terraform.folder / "terraform.tfvars.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | variables))

    def moved(self, days):
        words = {**moved_clock(days), "LD_PRELOAD": faketime(moved_clock(days)["LD_PRELOAD"])}
        text = "".join(f"export {name}='{value}'\n" for name, value in words.items())
        (self.folder / "clock").write_text(text)
        self.sim.patch({"clock_offset_seconds": days * 86400})

    def served(self):
        """The fingerprints on the wire, by the simulator's own word."""
        return {one["sha256"] for one in self.sim.state()["serves"].values()}

    def resource(self):
        """The id of the resource that stands for the registration."""
        (one,) = [one for one in json.loads(self.terraform.state)["resources"] if one["type"] == "terraform_data"]
        return one["instances"][0]["attributes"]["id"]


def faketime(preloads):
    """Without a sanitizer's runtime: Terraform runs the shipped program."""
    return next(word for word in preloads.split() if re.search("faketime", word) and os.path.exists(word))
