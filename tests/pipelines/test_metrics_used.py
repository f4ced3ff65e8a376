# SPDX-License-Identifier: Apache-2.0
"""What --render prometheus says, where it is used: promtool, node_exporter, the alerts."""
import json
import re
import subprocess
from pathlib import Path

import pytest
from compat.test_metrics import metrics

STORED = Path(__file__).resolve().parents[1] / "compat" / "v1" / "results"
RESULTS = sorted(STORED.glob("*.json"))

# Which alerts a stored result sets off, an hour after its file was written.
ALERTS = {
    "verify-in-sync": {},
    "import-made": {},
    "register-unchanged": {},
    "verify-drifted": {"NsxCertificateDrifted"},
    "verify-drifted-all": {"NsxCertificateDrifted"},
    "import-refused-credentials": {"NsxcertRunFailed"},
    "import-untrusted": {"NsxcertRunFailed"},
    "generate-invalid": {"NsxcertRunFailed"},
    "malformed": {"NsxcertRunFailed"},
    "verify-not-verified": {},
}
# And what more after four days of the same.
LATER = {
    "verify-in-sync": {},
    "verify-not-verified": {"NsxCertificateUnknown"},
    "generate-planned": {"NsxcertChangesWaiting"},
}


def render(program, path):
    return subprocess.run([program, "--render", "prometheus", path], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_promtool_finds_nothing(tool, nsxcert_release, path):
    done = tool("promtool", "check", "metrics", input=render(nsxcert_release, path))
    assert (done.returncode, done.stdout) == (0, "")


def test_promtool_does_judge(tool):
    assert tool("promtool", "check", "metrics", input="a_total{} 1\n").returncode == 3


def test_node_exporter_takes_several_files_at_once(nsxcert_release, scrape, tmp_path):
    told = {}
    for name in ("generate-made", "import-made", "register-made", "verify-drifted-all", "malformed"):
        text = render(nsxcert_release, STORED / f"{name}.json")
        (tmp_path / f"nsxcert-lab-{name}.prom").write_text(text)
        told.update(metrics(text)[0])
    (tmp_path / ".nsxcert-lab-half.4711").write_text("nsxcert_last_run_suc")
    text = scrape(tmp_path)
    assert "\nnode_textfile_scrape_error 0\n" in text
    assert text.count("node_textfile_mtime_seconds{") == 5
    found = {}
    for name, labels, value in re.findall(r"^(nsxcert_\w+)\{(.*)\} (\S+)$", text, re.MULTILINE):
        pairs = [pair for pair in re.findall(r'([a-z_0-9]+)="([^"]*)"', labels) if pair[1]]
        found[(name, frozenset(pairs))] = float(value)
    assert found == {(name, frozenset(pairs)): value for (name, pairs), value in told.items()}


def rule_test(pipelines, text, eval_time, alerts):
    """A test for promtool: these samples for a while, then exactly these alerts."""
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    series = [{"series": line.rsplit(" ", 1)[0].replace("{", '{job="node",instance="ci",', 1),
               "values": f"{line.rsplit(' ', 1)[1]}x1200"} for line in samples]
    return {"rule_files": [str(pipelines / "prometheus" / "nsxcert.rules.yml")], "evaluation_interval": "15m", "tests": [{
        "interval": "5m", "input_series": series, "promql_expr_test": [{
            "expr": 'count by (alertname) (ALERTS{alertstate="firing"} > bool 0) > bool 0', "eval_time": eval_time,
            "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in sorted(alerts)]}]}]}


@pytest.mark.parametrize("eval_time, expected", [("1h", ALERTS), ("96h", LATER)], ids=["soon", "later"])
def test_alerts_of_stored_results(tool, pipelines, nsxcert_release, tmp_path, eval_time, expected):
    paths = []
    for name, alerts in expected.items():
        paths.append(tmp_path / f"{name}.yml")
        test = rule_test(pipelines, render(nsxcert_release, STORED / f"{name}.json"), eval_time, alerts)
        paths[-1].write_text(json.dumps(test))
    done = tool("promtool", "test", "rules", *paths)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("SUCCESS") == len(expected)
