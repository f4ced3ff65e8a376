# SPDX-License-Identifier: Apache-2.0
"""zlint (its RFC and community sources) and pkilint find nothing.

The rules of the CA/Browser Forum are for public CAs and not looked at. Where the request itself asks for what a rule
forbids, that one finding is expected.
"""
import json

from tools import run, run_well, tool

QUIET = {"pass", "NA", "NE"}
EXPECTED = {"ip-as-dns": {"pkix.invalid_domain_name_syntax"}}
EXPECTED_ZLINT = {"ip-as-dns": {"n_san_iana_pub_suffix_empty"}}


def leaf_of(made, folder):
    """The first certificate alone: linters read one."""
    text = made.certificate.read_text()
    end = "-----END CERTIFICATE-----\n"
    path = folder / "leaf.pem"
    path.write_text(text[:text.index(end) + len(end)])
    return path


def test_zlint(made, tmp_path):
    zlint = tool("zlint")
    sources = [line.strip() for line in run_well(zlint, "-list-lints-source").splitlines()]
    # RFC 6960 is about OCSP; zlint lists it and takes it for no option.
    chosen = [name for name in sources if name.startswith("RFC") and name != "RFC6960"] + ["Community"]
    assert "RFC5280" in chosen and "Community" in sources, sources
    report = json.loads(run_well(zlint, "-includeSources", ",".join(chosen), leaf_of(made, tmp_path)))
    assert len(report) > 100
    found = {name: row for name, row in report.items() if row["result"] not in QUIET}
    assert set(found) == EXPECTED_ZLINT.get(made.kind, set()), found


def findings_of(output):
    """The codes in pkilint's report: lines like `    pkix.some_code (ERROR): words`."""
    return {line.split()[0] for line in output.splitlines() if line.startswith("    ")}


def test_pkilint(made, tmp_path):
    process = run(tool("lint_pkix_cert"), "lint", "--severity", "NOTICE", leaf_of(made, tmp_path))
    assert findings_of(process.stdout) == EXPECTED.get(made.kind, set()), process.stdout
    if made.kind not in EXPECTED:
        assert (process.returncode, process.stdout.strip()) == (0, "")


def test_pkilint_sees_faults(folder_of_kinds, tmp_path):
    """A certificate that is wrong is found to be so: the silence above means something."""
    run_well(tool("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "k", "-subj",
             "/CN=x", "-addext", "extendedKeyUsage=critical,anyExtendedKeyUsage", "-addext",
             "subjectAltName=DNS:a_b..c", "-out", tmp_path / "bad.pem")
    process = run(tool("lint_pkix_cert"), "lint", "--severity", "NOTICE", tmp_path / "bad.pem")
    assert findings_of(process.stdout), process.stdout
