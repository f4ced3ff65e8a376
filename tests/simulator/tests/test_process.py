# SPDX-License-Identifier: Apache-2.0
"""The simulator as a process: its command line, its one line, its end."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from plain import Client, make
from simulator.fixture import Simulator, SimulatorError
from simulator.options import parse
from simulator.switches import TABLE, parse_position

TESTS = pathlib.Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "simulator", "--nsx-version", "4.1", "--port", "0",
           "--first-cluster", "930"]
ENVIRON = {**os.environ, "PYTHONPATH": str(TESTS)}


def alive(pid):
    try:
        return open(f"/proc/{pid}/stat", encoding="ascii").read().split(") ")[1][0] != "Z"
    except OSError:
        return False


def wait_gone(pid, seconds=10):
    end = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not alive(pid)


def test_one_line_on_stdout_and_a_log_without_secrets():
    process = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=ENVIRON)
    info = json.loads(process.stdout.readline())
    assert {"clusters", "port", "username", "password", "auditor_username",
            "auditor_password", "factory_pem", "control", "version"} <= set(info)
    folder = os.path.dirname(info["factory_pem"])
    pair = make()
    Client(Simulator(process, info)).add(pair.pem, pair.key, passphrase="canary-word")
    process.send_signal(signal.SIGTERM)
    rest, log = process.communicate(timeout=10)
    assert (process.returncode, rest) == (0, b"")
    assert b"POST /api/v1/trust-management/certificates?action=import -> 201" in log
    for secret in (b"canary-word", b"PRIVATE", info["password"].encode()):
        assert secret not in log
    assert not os.path.exists(folder)


def test_it_ends_with_open_connections_and_hanging_faults():
    with Simulator.start("4.1", first_cluster=930) as sim:
        client = Client(sim)
        link = client.connect()
        client.get("node", connection=link)
        sim.fault({"what": "hang_before", "times": 0})
        link.request("GET", "/api/v1/node", headers=client.headers())
        os.kill(sim.pid, signal.SIGTERM)
        assert wait_gone(sim.pid)
        link.close()


def test_it_ends_with_its_parent():
    script = (f"import subprocess, sys; p = subprocess.Popen({COMMAND!r}, stdout=subprocess.PIPE);"
              "p.stdout.readline(); print(p.pid)")
    pid = int(subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.DEVNULL, env=ENVIRON, check=True).stdout)
    assert wait_gone(pid)


def test_it_ends_after_max_seconds():
    assert subprocess.run([*COMMAND, "--max-seconds", "1"], env=ENVIRON, timeout=30,
                          capture_output=True, check=False).returncode == 0


def test_a_port_that_is_taken_is_explained():
    with Simulator.start("4.1", first_cluster=930) as sim:
        with pytest.raises(SimulatorError, match="cannot start"):
            Simulator.start("4.1", first_cluster=930, port=sim.port)


@pytest.mark.parametrize("words,said", [
    (["--nsx-version", "1.0"], "invalid choice"), ([], "--nsx-version"),
    (["--nsx-version", "4.1", "--switch", "none=1"], "unknown switch"),
    (["--nsx-version", "4.1", "--switch", "strict=maybe"], "none of off, on"),
    (["--nsx-version", "4.1", "--managers", "0"], "between 1 and 8")])
def test_wrong_command_lines_are_explained(capsys, words, said):
    with pytest.raises(SystemExit) as ended:
        parse(words)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_every_switch_has_a_default_among_its_choices():
    for switch in TABLE:
        assert parse_position(switch.name, switch.default) == switch.default
        assert not switch.choices or switch.default == switch.choices[0]


def test_the_readme_names_every_switch():
    text = (TESTS / "simulator" / "README.md").read_text(encoding="utf-8")
    assert [switch.name for switch in TABLE if f"`{switch.name}`" not in text] == []


def test_a_large_store_and_many_clusters():
    with Simulator.start("4.1", first_cluster=960, clusters=20, managers=3,
                         certificates=50) as sim:
        assert len(sim.clusters) == 20
        assert sim.state(19)["certificates"] == 54
