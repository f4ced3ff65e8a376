# SPDX-License-Identifier: Apache-2.0
"""What openssl's own commands say."""
from tools import run, run_well, tool


def chain_arguments(made):
    return ["-CAfile", made.anchor] + (["-untrusted", made.certificate] if made.by_ca else [])


def test_verify_strictly(made):
    host = ["-verify_ip", made.name] if ":" in made.name else ["-verify_hostname", made.name]
    output = run_well(tool("openssl"), "verify", "-x509_strict", "-purpose", "sslserver", *host, *chain_arguments(made),
                      made.certificate)
    assert output.strip().endswith(": OK")


def test_verify_refuses_another_name_and_another_anchor(made):
    openssl = tool("openssl")
    other = run(openssl, "verify", "-verify_hostname", "other.example.com", *chain_arguments(made), made.certificate)
    assert other.returncode != 0 and "hostname mismatch" in other.stdout.lower()
    nobody = run(openssl, "verify", "-no-CAfile", "-no-CApath", "-no-CAstore", made.certificate)
    assert nobody.returncode != 0


def test_text(made):
    text = run_well(tool("openssl"), "x509", "-in", made.certificate, "-noout", "-text")
    assert "Version: 3 (0x2)" in text
    assert "X509v3 Basic Constraints: critical\n                CA:FALSE" in text
    assert "X509v3 Extended Key Usage: \n                TLS Web Server Authentication" in text
    usage = "Digital Signature" if made.kind.startswith("ec-") else "Digital Signature, Key Encipherment"
    assert f"X509v3 Key Usage: critical\n                {usage}\n" in text
    assert "X509v3 Subject Key Identifier" in text and "X509v3 Authority Key Identifier" in text
    assert ("DNS:127.0.0.1" in text) == (made.kind == "ip-as-dns")


def test_key_belongs_and_is_pkcs8(made):
    openssl = tool("openssl")
    assert made.key.read_text().startswith("-----BEGIN PRIVATE KEY-----\n")
    assert made.key.stat().st_mode & 0o777 == 0o600
    of_key = run_well(openssl, "pkey", "-in", made.key, "-pubout")
    assert run_well(openssl, "x509", "-in", made.certificate, "-noout", "-pubkey") == of_key
    assert "valid" in run_well(openssl, "pkey", "-in", made.key, "-check", "-noout")


def test_request(made):
    if made.kind != "request":
        return
    text = run_well(tool("openssl"), "req", "-in", made.folder / "nsx.csr", "-noout", "-text", "-verify")
    assert "verify OK" in text and "DNS:nsx.example.com" in text and "CA:FALSE" in text
