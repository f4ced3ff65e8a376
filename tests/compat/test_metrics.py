# SPDX-License-Identifier: Apache-2.0
"""Every stored result is told as metrics that Prometheus takes, under names that stay."""
import functools
import json
import re
from pathlib import Path

import pytest

from integration.calling import call

RESULTS = sorted((Path(__file__).resolve().parent / "v1" / "results").glob("*.json"))
STATUSES = {"in_sync", "drifted", "unknown"}

# Alert rules and dashboards name these: one may be added, none renamed or dropped.
NAMES = """
    nsxcert_api_status nsxcert_certificate_info nsxcert_certificate_not_after_timestamp_seconds
    nsxcert_certificate_not_before_timestamp_seconds nsxcert_endpoint_certificate_not_after_timestamp_seconds
    nsxcert_endpoint_check nsxcert_endpoint_reachable nsxcert_endpoint_settle_duration_seconds
    nsxcert_endpoint_status nsxcert_findings nsxcert_last_run_changed nsxcert_last_run_duration_seconds
    nsxcert_last_run_http_requests nsxcert_last_run_info nsxcert_last_run_success nsxcert_last_run_tls_connections
    nsxcert_last_run_warnings nsxcert_renewal_due nsxcert_renewal_timestamp_seconds nsxcert_status""".split()

LABEL = r'([a-z_0-9]+)="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(r"(nsxcert_[a-z_0-9]+)\{(" + LABEL + "(?:," + LABEL + r")*)\} (-?[0-9]+(?:\.[0-9]{3})?)")


def metrics(text):
    """({(name, labels): value}, {name: help}), held to the format as the textfile collector wants it."""
    assert text.endswith("\n")
    samples, helps, name = {}, {}, None
    lines = text[:-1].split("\n")
    for line in lines:
        if line.startswith("# HELP "):
            name, words = line.removeprefix("# HELP ").split(" ", 1)
            assert name not in helps
            helps[name] = words
        elif line.startswith("#"):
            assert line == f"# TYPE {name} gauge"
        else:
            found = SAMPLE.fullmatch(line)
            assert found and found[1] == name, line
            key = (name, tuple(re.findall(LABEL, found[2])))
            assert key not in samples
            samples[key] = float(found[len(found.groups())])
    assert list(helps) == sorted(helps)
    assert [key[0] for key in samples] == sorted(key[0] for key in samples)
    return samples, helps


def told(samples, name, **labels):
    """The values of the series with that name and these labels among others."""
    return [value for (other, pairs), value in samples.items() if other == name and labels.items() <= dict(pairs).items()]


@functools.cache
def render(nsxcert, path):
    answer = call(nsxcert, None, "--render", "prometheus", path)
    assert answer.code == 0 and answer.stderr == ""
    assert call(nsxcert, path.read_bytes(), "--render", "prometheus").stdout == answer.stdout
    return metrics(answer.stdout.decode())


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_stored_result_as_metrics(nsxcert, path):
    stored = json.loads(path.read_text())
    samples, helps = render(nsxcert, path)
    assert set(helps) <= set(NAMES)
    assert told(samples, "nsxcert_last_run_success") == [float(stored["ok"])]
    assert told(samples, "nsxcert_last_run_changed") == [float(stored["changed"])]
    assert told(samples, "nsxcert_last_run_duration_seconds") == [stored["meta"]["duration_ms"] / 1000]
    (info,) = [dict(pairs) for name, pairs in samples if name == "nsxcert_last_run_info"]
    assert info.get("error_code") == (stored["error"] and stored["error"]["code"])
    for _, pairs in samples:
        assert dict(pairs).get("operation") == stored["operation"]
        assert dict(pairs)["dry_run"] == ("true" if stored["dry_run"] else "false")
    own = stored["result"] or {}
    if "status" in own:
        for status in STATUSES:
            assert told(samples, "nsxcert_status", status=status) == [float(status == own["status"])]
    for endpoint in own.get("endpoints", []) if stored["operation"] == "verify" else []:
        for status in STATUSES:
            assert told(samples, "nsxcert_endpoint_status", address=endpoint["address"], status=status) == [
                float(status == endpoint["status"])]


def test_every_result_has_the_same_help_and_every_name_is_told(nsxcert):
    helps = {}
    for path in RESULTS:
        for name, words in render(nsxcert, path)[1].items():
            assert helps.setdefault(name, words) == words
    assert sorted(helps) == sorted(NAMES)
