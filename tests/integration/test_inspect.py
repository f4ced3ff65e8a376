# SPDX-License-Identifier: Apache-2.0
"""inspect: what it tells of certificates from files, texts and variables, and what it finds wrong."""
import base64
import itertools
import re
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from inspecting import inspect, request
from pki import alternative_names, distinguished_name, ec_key, make, now, rsa_key, DAY

VIP = "192.0.2.10"


@pytest.fixture(scope="session")
def root():
    return make("root.example.com", key=rsa_key(1), ca=True, days=3650)


@pytest.fixture(scope="session")
def server(root):
    """Leaf, issuing CA, root."""
    issuing = make("issuing.example.com", key=rsa_key(2), ca=True, days=3000, issuer=root)
    return make(VIP, [VIP, "nsx.example.com"], key=rsa_key(3), issuer=issuing)


@pytest.fixture(scope="session")
def alone():
    return make(VIP, [VIP, "nsx.example.com"], key=rsa_key(3))


def codes(result, severity=None):
    return {one["code"] for one in result["findings"] if severity in (None, one["severity"])}


def test_a_good_ca_signed_certificate_is_no_finding(program, server):
    found = inspect(program, server.chain, addresses=[VIP, "nsx.example.com"])
    assert codes(found, "error") == set()
    assert found["chain"]["complete"]


# What it reads

def test_every_field(program, alone):
    found = inspect(program, alone.pem)
    cert = alone.certificate
    facts, = found["certificates"]
    key_id = cert.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()
    spki = cert.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(spki)
    assert facts == {
        "fingerprint_sha256": alone.fingerprint, "subject": f"CN={VIP}", "issuer": f"CN={VIP}",
        "serial": facts["serial"], "version": 3, "self_signed": True,
        "not_before": cert.not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "not_after": cert.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "san": {"dns": ["nsx.example.com"], "ip": [VIP]}, "signature_algorithm": "sha256WithRSAEncryption",
        "key": {"type": "rsa", "bits": 2048}, "public_key_sha256": base64.b64encode(digest.finalize()).decode(),
        "key_usage": ["digitalSignature", "keyEncipherment"], "extended_key_usage": ["serverAuth"],
        "basic_constraints": {"ca": False, "path_length": None, "critical": True},
        "subject_key_identifier": key_id, "authority_key_identifier": key_id, "crl_distribution_points": None}
    assert int(facts["serial"], 16) == cert.serial_number
    assert found["key_matches"] is None and found["endpoint"] is None and found["nsx_version"] is None
    assert found["chain"] == {"in_order": True, "complete": True}


@pytest.mark.parametrize("source", ["text", "file", "env"])
def test_sources(program, alone, tmp_path, source):
    (tmp_path / "nsx.crt").write_text(alone.pem)
    given = {"text": alone.pem, "file": {"file": str(tmp_path / "nsx.crt")}, "env": {"env": "NSX_CERTIFICATE"}}
    found = inspect(program, given[source], env={"NSX_CERTIFICATE": alone.pem})
    assert found["certificates"][0]["fingerprint_sha256"] == alone.fingerprint


@pytest.mark.parametrize("order", itertools.permutations(range(3)))
def test_chain_in_any_order(program, server, order):
    parts = [server.pem] + [one.public_bytes(serialization.Encoding.PEM).decode() for one in server.above]
    found = inspect(program, "".join(parts[index] for index in order))
    assert [one["subject"] for one in found["certificates"]] == [
        f"CN={VIP}", "CN=issuing.example.com", "CN=root.example.com"]
    assert found["chain"] == {"in_order": order == (0, 1, 2), "complete": True}


def one_line(pem):
    """All of the base64 in one line, as some tools write it."""
    return re.sub(r"(-----BEGIN CERTIFICATE-----)(.*?)(-----END CERTIFICATE-----)",
                  lambda part: f"{part[1]}\n{''.join(part[2].split())}\n{part[3]}", pem, flags=re.DOTALL)


@pytest.mark.parametrize("shape", [
    lambda pem: pem.replace("\n", "\r\n"), one_line, lambda pem: pem + pem, lambda pem: pem.rstrip("\n"),
    lambda pem: "subject=/CN=x\n" + pem + "\n\ntext behind\n", lambda pem: "\ufeff" + pem],
    ids=["CRLF", "one line", "twice", "no last newline", "text around", "byte order mark"])
def test_shapes_of_pem(program, server, shape):
    found = inspect(program, shape(server.chain))
    assert len(found["certificates"]) == 3 and found["chain"]["complete"]
    assert found["certificates"][0]["fingerprint_sha256"] == server.fingerprint


def test_chain_with_a_hole(program, server):
    root_pem = server.above[1].public_bytes(serialization.Encoding.PEM).decode()
    for text in (server.pem, server.pem + root_pem):
        found = inspect(program, text)
        assert found["chain"]["complete"] is False and "chain-incomplete" in codes(found, "error")


def test_key_in_the_certificates_text(program, alone):
    run = program.run(request(alone.pem + alone.key_pem), secrets=[alone.key_pem.splitlines()[3]])
    assert "extra-pem" in codes(run.result, "error")


@pytest.mark.parametrize("text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                                  "-----BEGIN CERTIFICATE-----\nMIIB", "x" * 70000])
def test_no_certificate(program, text):
    run = program.run(request(text))
    assert (run.code, run.error) in ((1, "invalid-certificate"), (64, "invalid-request"))


def test_der_is_told(program, alone, tmp_path):
    (tmp_path / "nsx.der").write_bytes(alone.certificate.public_bytes(serialization.Encoding.DER))
    run = program.run(request({"file": str(tmp_path / "nsx.der")}))
    assert run.error == "invalid-certificate" and "DER" in run.json["error"]["detail"]
    assert run.json["error"]["pointer"] == "/parameters/certificate"


@pytest.mark.parametrize("source", [{"file": "/nonexistent/nsx.crt"}, {"env": "NO_SUCH_VARIABLE"}, {"file": "/"}])
def test_missing_source(program, source):
    run = program.run(request(source))
    assert (run.code, run.error) == (1, "source-unavailable")
    assert run.json["error"]["pointer"] == "/parameters/certificate"


# Keys

def test_matching_key(program, server):
    assert inspect(program, server.chain, private_key=server.key_pem)["key_matches"] is True


def test_key_of_another(program, server):
    found = inspect(program, server.chain, private_key=make("x", key=rsa_key(5)).key_pem)
    assert found["key_matches"] is False and "key-mismatch" in codes(found, "error")


def test_encrypted_key(program, server):
    locked = server.encrypted_key("pass word")
    found = inspect(program, server.chain, private_key=locked, passphrase="pass word\n")
    assert found["key_matches"] is True and "key-encrypted-no-passphrase" not in codes(found)
    found = inspect(program, server.chain, private_key=locked)
    assert found["key_matches"] is None and "key-encrypted-no-passphrase" in codes(found, "error")
    run = program.run(request(server.chain, private_key=locked, passphrase="canary"), secrets=["canary", "pass word"])
    assert (run.code, run.error) == (1, "passphrase-wrong")
    assert run.json["error"]["pointer"] == "/parameters/private_key"


def test_unset_passphrase_is_not_an_empty_one(program, server):
    run = program.run(request(server.chain, private_key=server.encrypted_key("x"), passphrase={"env": "NO_SUCH"}))
    assert (run.code, run.error) == (1, "secret-unavailable")


def test_not_a_key(program, server):
    run = program.run(request(server.chain, private_key="canary-key"), secrets=["canary"])
    assert (run.code, run.error) == (1, "invalid-private-key")


@pytest.mark.parametrize("missing", ["certificate", "private_key"])
def test_not_there_yet(program, alone, tmp_path, missing):
    """An earlier step may make it: no error in a dry run, one in a run."""
    parameters = {"certificate": alone.pem, missing: {"file": str(tmp_path / "later.pem")}}
    dry = program.run(request(dry_run=True, **parameters))
    assert dry.code == 0 and dry.steps == {"inspect": "planned"} and dry.warnings == ["source-not-yet"]
    assert dry.json["warnings"][0]["pointer"] == f"/parameters/{missing}"
    assert dry.json["steps"][0]["reasons"] == ["not there yet"] and not dry.json["changed"]
    assert dry.result is None and dry.json["unknown"] == ["/result"]
    assert program.run(request(**parameters)).code == 1


# Findings by version

def signed_with_sha1():
    """The library of the other helpers refuses to."""
    done = subprocess.run(["openssl", "req", "-x509", "-sha1", "-newkey", "rsa:2048", "-noenc", "-keyout", "/dev/null",
                           "-subj", f"/CN={VIP}", "-addext", f"subjectAltName=IP:{VIP}"], capture_output=True, check=True)
    return done.stdout.decode()


def unusual(builder_changes=lambda builder: builder, *, key=None, san=(VIP,), days=300):
    key = key or rsa_key(3)
    builder = (x509.CertificateBuilder().subject_name(distinguished_name(VIP)).issuer_name(distinguished_name(VIP))
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now()).not_valid_after(now() + days * DAY))
    if san:
        builder = builder.add_extension(alternative_names(san), False)
    signed = builder_changes(builder).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def usual(**parameters):
    return make(VIP, **parameters).pem


FINDINGS = {
    # code: (certificate, {version: severity, or None})
    "basic-constraints-missing": (unusual, {"2.4": "warning", "2.5.1": "warning", "3.0": "error", "4.2": "error"}),
    "is-ca": (lambda: usual(ca=True), {"2.4": "error", "4.2": "error"}),
    "signature-weak": (signed_with_sha1, {"2.4": "warning", "4.1.2": "warning", "4.2": "error"}),
    "key-too-small": (lambda: unusual(key=rsa.generate_private_key(65537, 1024)), {"3.2": "warning", "4.2.1": "error"}),
    "key-type-ec": (lambda: usual(key=ec_key()), {"2.4": "error", "3.1": "error", "3.2": "warning", "4.2": "warning"}),
    "ku-no-key-encipherment": (lambda: usual(key_encipherment=False), {"2.5": None, "3.0": "error", "4.2": "error"}),
    "eku-no-server-auth": (lambda: unusual(lambda builder: builder.add_extension(
        x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CLIENT_AUTH]), False)), {"2.4": None, "3.0": "error"}),
    "san-missing": (lambda: unusual(san=()), {"2.4": "error", "4.2": "error"}),
    "san-ip-as-dns-only": (lambda: unusual(lambda builder: builder.add_extension(x509.SubjectAlternativeName(
        [x509.DNSName(VIP)]), False), san=()), {"2.4": "warning", "4.2": "warning"}),
    "expired": (lambda: usual(start=-20, days=10), {"2.4": "error", "4.2": "error"}),
    "not-yet-valid": (lambda: usual(start=5), {"2.4": "error", "4.2": "error"}),
    "validity-over-398": (lambda: usual(days=400), {"2.4": "info", "4.2": "info"}),
    "validity-over-825": (lambda: usual(days=900), {"2.4": "info", "4.2": "info"}),
    "wildcard-san": (lambda: usual(names=[VIP, "*.example.com"]), {"2.4": "info", "4.2": "info"}),
}


@pytest.mark.parametrize("code", FINDINGS)
def test_finding(program, code):
    certificate, severities = FINDINGS[code]
    pem = certificate()
    for version, severity in severities.items():
        found = inspect(program, pem, nsx_version=version)
        assert found["nsx_version"] == version
        seen = [one["severity"] for one in found["findings"] if one["code"] == code]
        assert seen == ([severity] if severity else []), f"{code} for {version}: {codes(found)}"
    newest = {one["code"]: one["severity"] for one in inspect(program, pem)["findings"]}
    last = list(severities.values())[-1]
    assert newest.get(code) == last, "left out: the newest version"


def test_a_good_certificate_has_no_finding(program, alone):
    for version in ("2.4", "2.5", "3.0", "3.2", "4.0", "4.1", "4.2.1"):
        found = inspect(program, alone.pem, private_key=alone.key_pem, nsx_version=version,
                        addresses=[VIP, "nsx.example.com"])
        assert codes(found, "error") | codes(found, "warning") == set()


@pytest.mark.parametrize("addresses, expected", [
    ([VIP], set()), (["192.0.2.99"], {"san-lacks-vip"}), (["nsx.example.com"], set()),
    (["other.example.com"], {"san-lacks-vip-fqdn"}), ([VIP, "192.0.2.99"], {"san-lacks-node"}),
    ([VIP, "nsx.example.com", "n1.example.com"], {"san-lacks-node"}), (["NSX.example.com"], set()), ([], set())])
def test_addresses(program, alone, addresses, expected):
    found = inspect(program, alone.pem, addresses=addresses)
    assert {code for code in codes(found) if code.startswith("san-lacks")} == expected


@pytest.mark.parametrize("parameters", [{}, {"certificate": "x", "endpoint": VIP}, {"endpoint": VIP, "private_key": "x"},
                                        {"certificate": "x", "nsx_version": "four"}, {"endpoint": "a:70000"},
                                        {"certificate": "x", "addresses": ["nsx.example.com:443"]}])
def test_malformed(program, parameters):
    assert program.run(request(**parameters)).code == 64
