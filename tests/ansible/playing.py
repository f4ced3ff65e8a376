# SPDX-License-Identifier: Apache-2.0
"""Runs ansible-playbook on the collection of this checkout, against simulated clusters."""
import hashlib
import json
import os
import re
import ssl
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECAP = re.compile(r"^(\S+) +: +ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+) +skipped=(\d+) +rescued=(\d+)", re.M)
NAMES = ("ok", "changed", "unreachable", "failed", "skipped", "rescued")


def core_versions():
    """Those that install.sh promises, and the newest where a Python for it was found."""
    found = ["2.16", "2.19"]
    return found + ["2.21"] * (ROOT / "build/ansible-2.21/bin/ansible-playbook").exists()


def worker():
    """A number for this worker's own network."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def factory_pins(sim):
    """The fingerprints of all certificates that a factory cluster serves."""
    blocks = re.findall(r"-----BEGIN CERT.*?-----END CERTIFICATE-----", Path(sim.factory_pem).read_text(), re.DOTALL)
    return sorted({hashlib.sha256(ssl.PEM_cert_to_DER_cert(block)).hexdigest() for block in blocks})


def cluster_variables(sim, number=0):
    """What an inventory says of one simulated cluster."""
    cluster = sim.info["clusters"][number]
    addresses = [cluster["vip"]] + [node["address"] for node in cluster["nodes"]]
    return {
        "cluster_certificate_hostname": f"{cluster['vip']}:{sim.info['port']}",
        "cluster_certificate_nodes": addresses[1:],
        "cluster_certificate_san": {"dns": ["nsx.example.com"], "ip": addresses},
    }


def inventory_of(sim, nsxcert, **variables):
    """The inventory of all clusters of SIM, and of their managers where SIM has SSH."""
    hosts = {cluster["name"]: cluster_variables(sim, number) for number, cluster in enumerate(sim.info["clusters"])}
    common = {
        "cluster_certificate_username": sim.username,
        "cluster_certificate_password_env": "NSXT_PASSWORD",
        "cluster_certificate_pin_sha256": factory_pins(sim),
        "cluster_certificate_executable": nsxcert,
        "cluster_certificate_registration_options": {"confirm_after_seconds": 0},
        **variables,
    }
    inventory = {"nsx_clusters": {"hosts": hosts, "vars": {key: value for key, value in common.items() if value is not None}}}
    ssh = sim.info.get("ssh")
    if ssh:
        inventory["nsx_managers"] = managers_of(sim, ssh)
        for cluster in sim.info["clusters"]:
            hosts[cluster["name"]]["cluster_certificate_console_hosts"] = [node["fqdn"] for node in cluster["nodes"]]
    return inventory


def managers_of(sim, ssh):
    nodes = [node for cluster in sim.info["clusters"] for node in cluster["nodes"]]
    return {
        "hosts": {node["fqdn"]: {"ansible_host": node["address"]} for node in nodes},
        "vars": {
            "ansible_port": ssh["port"],
            "ansible_user": ssh["user"],
            "ansible_ssh_private_key_file": ssh["private_key"],
            "ansible_ssh_common_args": f"-F none -o UserKnownHostsFile={ssh['known_hosts']} -o StrictHostKeyChecking=yes",
        },
    }


class Played:
    """What one run of ansible-playbook left: exit code, output, and the recap of each host."""

    def __init__(self, done):
        self.code = done.returncode
        self.output = done.stdout + done.stderr
        self.hosts = {match[1]: dict(zip(NAMES, map(int, match.groups()[1:]))) for match in RECAP.finditer(done.stdout)}

    def sum(self, what):
        return sum(host[what] for host in self.hosts.values())

    def ended(self, code=0):
        """Asserts the exit code, showing the output where it differs."""
        assert self.code == code, self.output
        return self

    def said(self, text):
        """Whether the output has TEXT, however it is wrapped."""
        return " ".join(text.split()) in " ".join(self.output.split())


class Player:
    """ansible-playbook of one core version, with a home, a collection path and temporary folders of its own."""

    def __init__(self, core, folder, home, nsxcert):
        self.program = ROOT / f"build/ansible-{core}/bin/ansible-playbook"
        self.folder = folder
        self.home = home
        self.nsxcert = nsxcert
        place = folder / "collections/ansible_collections/nsxcert"
        place.mkdir(parents=True)
        (place / "nsx").symlink_to(ROOT / "ansible")
        self.environment = {
            "PATH": f"{self.program.parent}:/usr/bin:/bin",
            "HOME": str(home),
            "PWD": str(folder),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
            "ANSIBLE_REMOTE_TEMP": str(home / "remote"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def play(self, playbook, *arguments, inventory=None, **environment):
        """Runs PLAYBOOK: a name of the collection, or plays as Python lists, written as a file."""
        if not isinstance(playbook, str):
            path = self.folder / "play.yml"
            path.write_text(json.dumps(playbook))
            playbook = str(path)
        command = [str(self.program), playbook, *map(str, arguments)]
        if inventory is not None:
            (self.folder / "inventory").mkdir(exist_ok=True)
            (self.folder / "inventory/hosts.yml").write_text(json.dumps(inventory))
            command += ["-i", str(self.folder / "inventory/hosts.yml")]
        done = subprocess.run(
            command, cwd=self.folder, env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=300, check=False,
        )
        return Played(done)

    def site(self, sim, *arguments, **variables):
        """The whole procedure on all clusters of SIM."""
        environment = {"NSXT_PASSWORD": variables.pop("password", sim.password)}
        inventory = inventory_of(sim, self.nsxcert, **variables)
        return self.play("nsxcert.nsx.site", *arguments, inventory=inventory, **environment)
