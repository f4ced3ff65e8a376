#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the integration targets of the collection against a simulated cluster.

Usage: targets.py --nsx-version V --collection FOLDER --home FOLDER --venv FOLDER [TARGET…]. What the targets need to
know of the cluster goes to tests/integration/integration_config.yml of FOLDER, which has to be a copy of the collection.
"""
import argparse
import hashlib
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from simulator.fixture import Simulator  # noqa: E402

SECONDS = 900
BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)


def pins_of(path):
    """The thumbprints of the certificates in the file at PATH, as a manager's console prints them."""
    blocks = BLOCK.findall(Path(path).read_text())
    return sorted({hashlib.sha256(ssl.PEM_cert_to_DER_cert(block)).hexdigest() for block in blocks})


def facts_of(simulator):
    """What the targets get as variables."""
    return {
        "nsx_executable": os.environ["NSXCERT_RELEASE"],
        "nsx_version": simulator.version,
        "nsx_hostname": simulator.endpoint(simulator.vip),
        "nsx_vip": simulator.vip,
        "nsx_nodes": [simulator.endpoint(node["address"]) for node in simulator.nodes],
        "nsx_node_addresses": [node["address"] for node in simulator.nodes],
        "nsx_username": simulator.username,
        "nsx_password": simulator.password,
        "nsx_pins": pins_of(simulator.factory_pem),
        "nsx_control": simulator.control,
    }


def run_targets(arguments, simulator):
    collection = arguments.collection
    config = collection / "tests/integration/integration_config.yml"
    config.write_text(json.dumps(facts_of(simulator)))  # JSON is YAML too
    python = subprocess.run([arguments.venv / "bin/python", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                            capture_output=True, text=True, check=True).stdout.strip()
    command = [str(arguments.venv / "bin/ansible-test"), "integration", "--local", "--python", python, "--color", "no",
               "--continue-on-error", *arguments.targets]
    path = os.pathsep.join([str(arguments.venv / "bin"), os.environ["PATH"]])
    environment = {**os.environ, "HOME": str(arguments.home), "PATH": path}
    return subprocess.run(command, cwd=collection, env=environment, stdin=subprocess.DEVNULL, timeout=SECONDS).returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nsx-version", required=True)
    for name in ("--collection", "--home", "--venv"):
        parser.add_argument(name, required=True, type=lambda text: Path(text).absolute())
    parser.add_argument("targets", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryFile() as log:
        with Simulator.start(arguments.nsx_version, stderr=log, max_seconds=SECONDS, quiet=True) as simulator:
            return run_targets(arguments, simulator)


if __name__ == "__main__":
    sys.exit(main())
