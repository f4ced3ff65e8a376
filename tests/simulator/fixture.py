# SPDX-License-Identifier: Apache-2.0
"""Start and steer a simulator from a test: one process, reset between tests.

    with Simulator.start("4.1", managers=3, switch=["import_status=200"]) as sim:
        sim.fault({"what": "status_503", "path": "/api/v1/node", "times": 2})
        ...
        assert len(sim.log(writes=True)) == 1

Options are those of the command line, with underscores; a list repeats one.
"""
import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from urllib.parse import quote, urlsplit

TESTS = pathlib.Path(__file__).resolve().parent.parent
START_SECONDS = 60


class SimulatorError(Exception):
    """The simulator did not start, or refused a control call."""


class Simulator:
    def __init__(self, process, info):
        self._process = process
        self.info = info
        self.version = info["version"]
        self.port = info["port"]
        self.username = info["username"]
        self.password = info["password"]
        self.factory_pem = info["factory_pem"]
        self.clusters = info["clusters"]
        self.control = info["control"]
        self.ssh = info.get("ssh")

    @classmethod
    def start(cls, version, python=sys.executable, stderr=None, **options):
        """A running simulator; use it as a context manager or call stop().

        stderr: a file for its log; without one the log is kept out of sight.
        """
        log = stderr or tempfile.TemporaryFile()
        options = {"port": 0, **options}
        command = [python, "-m", "simulator", "--nsx-version", version, *arguments(options)]
        path = os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH")]))
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=log, env={**os.environ, "PYTHONPATH": path})
        line = process.stdout.readline()
        if not line:
            process.stdout.close()
            code = process.wait(START_SECONDS)
            raise SimulatorError(f"exit {code}: {' '.join(command)}\n{tail(log)}")
        if stderr is None:
            log.close()  # the child has its own descriptor
        return cls(process, json.loads(line))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process.stdout.close()

    @property
    def pid(self):
        return self._process.pid

    # -- addresses ------------------------------------------------------------

    @property
    def vip(self):
        """Address of the first cluster's VIP, None if it has none."""
        return self.clusters[0]["vip"]

    @property
    def nodes(self):
        """[{"address", "uuid", "fqdn"}] of the first cluster."""
        return self.clusters[0]["nodes"]

    def endpoint(self, address):
        return f"{address}:{self.port}"

    def ssh_command(self, address, *command, options=(), password=False):
        """The words that log in to a manager's command line (`start(…, ssh=True)`).

        Without a command it is an interactive session. password: no key is offered;
        put `sshpass -e` before it, and SSHPASS into its environment.
        """
        settings = ["UserKnownHostsFile=" + self.ssh["known_hosts"], "StrictHostKeyChecking=yes",
                   "GlobalKnownHostsFile=none", "IdentitiesOnly=yes", "LogLevel=ERROR"]
        settings += ["PubkeyAuthentication=no"] if password else ["BatchMode=yes"]
        return ["ssh", "-F", "none", "-i", self.ssh["private_key"], "-p", str(self.ssh["port"]),
                "-l", self.ssh["user"], *(word for one in settings for word in ("-o", one)),
                *options, address, *command]

    # -- control --------------------------------------------------------------

    def call(self, method, path, body=None):
        """One control call; raises SimulatorError with its words when it is refused."""
        where = urlsplit(self.control)
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=30)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            value = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise SimulatorError(value["error"])
        return value

    def reset(self):
        """Back to the start state: faults, switches, store, clock, log."""
        self.call("POST", "/reset")

    def log(self, writes=False):
        """The requests so far, oldest first."""
        return self.call("GET", "/log?writes=1" if writes else "/log")["log"]

    def state(self, cluster=0):
        """One cluster's state."""
        return self.call("GET", "/state")["clusters"][cluster]

    def patch(self, change):
        """PATCH /state; returns the state of the first cluster."""
        return self.call("PATCH", "/state", change)["clusters"][change.get("cluster", 0)]

    def switches(self, positions):
        self.patch({"switches": positions})

    def fault(self, fault):
        """Add a fault; returns its id."""
        return self.call("POST", "/faults", fault)["id"]

    def faults(self):
        """The faults that were added, with how often each struck."""
        return self.call("GET", "/faults")["faults"]

    def fault_names(self):
        """[{"name", "level", "text", …}] of every kind of fault."""
        return self.call("GET", "/faults/names")["names"]

    def clear_faults(self, ident=None):
        self.call("DELETE", "/faults" if ident is None else f"/faults?id={quote(str(ident))}")


def tail(log):
    """The last words of a simulator that did not start."""
    try:
        log.seek(0)
        words = log.read()
        return words.decode(errors="replace")[-1000:] if isinstance(words, bytes) else words[-1000:]
    except (OSError, AttributeError, ValueError):
        return ""


def arguments(options):
    """Command line words of keyword options."""
    words = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is True:
                words.append(flag)
            elif one is not False and one is not None:
                words += [flag, str(one)]
    return words
