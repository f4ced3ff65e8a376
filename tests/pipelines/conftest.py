# SPDX-License-Identifier: Apache-2.0
"""The tools that judge pipelines/; one that cannot be had is a skip with its reason."""
import http.client
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = [ROOT / "build" / "go" / "bin", ROOT / "build" / "prometheus", ROOT / "build" / "venv" / "bin"]


def find_tool(name):
    """Its path, or a skip."""
    found = next((str(folder / name) for folder in INSTALLED if (folder / name).exists()), shutil.which(name))
    if found is None:
        pytest.skip(f"no {name} here; tests/pipelines/install.sh and tests/deps.sh install what can be had")
    return found


@pytest.fixture(scope="session")
def pipelines():
    """The folder under test."""
    return ROOT / "pipelines"


@pytest.fixture(scope="session")
def tool():
    """tool("name", …) runs it, with its output joined; skips without it."""

    def run(name, *arguments, **options):
        return subprocess.run([find_tool(name), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=120, check=False, **options)

    return run


@pytest.fixture
def scrape(tmp_path):
    """scrape(folder) is what node_exporter tells of the *.prom files there."""
    program = find_tool("prometheus-node-exporter")

    def run(folder):
        process = subprocess.Popen([program, "--collector.disable-defaults", "--collector.textfile",
                                    f"--collector.textfile.directory={folder}", "--web.listen-address=127.0.0.1:0",
                                    "--web.disable-exporter-metrics"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            found = next((found for found in (re.search(r'"Listening on" address=(\S+)', line) for line in process.stderr)
                          if found), None)
            assert found, "node_exporter did not start"
            connection = http.client.HTTPConnection(found[1], timeout=30)
            connection.request("GET", "/metrics")
            answer = connection.getresponse()
            text = answer.read().decode()
            connection.close()
            assert answer.status == 200, text
            return text
        finally:
            process.kill()
            process.communicate()

    return run
