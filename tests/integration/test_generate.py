# SPDX-License-Identifier: Apache-2.0
"""generate: every member, every kind, and the same request again on every later day."""
import datetime
import ipaddress
import os

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from generating import (VIP, contents, csr, is_pair, issue, key, leaf, listing, mode, moved, names, public,
                        request)
from pki import make, rsa_key


@pytest.fixture(scope="session")
def ca():
    """Root and issuing CA."""
    root = make("root.example.com", key=rsa_key(1), ca=True, days=3650)
    return make("issuing.example.com", key=rsa_key(2), ca=True, days=3650, issuer=root)


def issuer_of(ca):
    return {"certificate": ca.chain, "private_key": ca.key_pem}


def generate(program, folder, *flags, env=None, **parameters):
    """One run that must succeed; the key must show up nowhere but in its file."""
    run = program.run(request(**parameters), *flags, cwd=folder, env=env)
    assert run.json["ok"], run.json["error"]
    for path in folder.glob("*.key"):
        for line in path.read_text().splitlines()[1:-1]:
            assert line not in run.stdout + run.stderr
    return run


# Defaults, and each member

def test_defaults(program, tmp_path):
    run = generate(program, tmp_path)
    cert = leaf(tmp_path)
    assert run.json["changed"] and run.steps == {"generate": "done"}
    assert listing(tmp_path) == ["nsx.crt", "nsx.key"]
    assert is_pair(tmp_path) and key(tmp_path).key_size == 2048
    assert (mode(tmp_path / "nsx.key"), mode(tmp_path / "nsx.crt")) == ("0o600", "0o644")
    assert cert.signature_hash_algorithm.name == "sha256" and cert.version is x509.Version.v3
    assert isinstance(cert.signature_algorithm_parameters, padding.PKCS1v15)
    assert (cert.not_valid_after_utc - cert.not_valid_before_utc).days == 365
    assert names(cert) == ([], [VIP]) and cert.issuer == cert.subject
    assert cert.subject.rfc4514_string() == f"CN={VIP}"
    assert 0 < cert.serial_number < 2**159


def test_extensions(program, tmp_path):
    generate(program, tmp_path)
    found = leaf(tmp_path).extensions
    usage = found.get_extension_for_class(x509.KeyUsage)
    constraints = found.get_extension_for_class(x509.BasicConstraints)
    assert usage.critical and usage.value.digital_signature and usage.value.key_encipherment
    assert not usage.value.key_cert_sign
    assert constraints.critical and not constraints.value.ca
    assert list(found.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    subject_id = found.get_extension_for_class(x509.SubjectKeyIdentifier).value
    authority = found.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert authority.key_identifier == subject_id.digest


def test_result_tells_what_was_written(program, tmp_path):
    run = generate(program, tmp_path, subject={"organization": "Example"})
    cert = leaf(tmp_path)
    result = run.result
    assert result["certificate_pem"] == (tmp_path / "nsx.crt").read_text()
    assert result["fingerprint_sha256"] == cert.fingerprint(cert.signature_hash_algorithm).hex()
    assert int(result["serial"], 16) == cert.serial_number
    assert result["not_after"] == cert.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert result["san"] == {"dns": [], "ip": [VIP]} and result["renewal_due"] is False
    assert result["key"] == {"type": "rsa", "bits": 2048}
    assert result["paths"] == {"certificate_path": "nsx.crt", "key_path": "nsx.key", "request_path": None}
    again = generate(program, tmp_path, subject={"organization": "Example"})
    assert again.result == result


def test_subject_in_full(program, tmp_path):
    generate(program, tmp_path, subject={"country": "DE", "state": "Bavaria", "locality": "München",
                                         "organization": "Example", "organizational_unit": "Platform"})
    subject = [(part.oid, part.value) for part in leaf(tmp_path).subject]
    assert subject == [(NameOID.COUNTRY_NAME, "DE"), (NameOID.STATE_OR_PROVINCE_NAME, "Bavaria"),
                       (NameOID.LOCALITY_NAME, "München"), (NameOID.ORGANIZATION_NAME, "Example"),
                       (NameOID.ORGANIZATIONAL_UNIT_NAME, "Platform"), (NameOID.COMMON_NAME, VIP)]


@pytest.mark.parametrize("members, expected", [
    ({"common_name": "nsx.example.com"}, (["nsx.example.com"], [])),
    ({"common_name": "2001:db8::10"}, ([], ["2001:db8::10"])),
    ({"common_name": "2001:DB8:0:0::10", "san": {"ip": ["2001:db8::10"]}}, ([], ["2001:db8::10"])),
    ({"san": {"dns": ["nsx.example.com", "*.nsx.example.com"], "ip": ["192.0.2.11", "2001:db8::1"]}},
     (["*.nsx.example.com", "nsx.example.com"], ["192.0.2.10", "192.0.2.11", "2001:db8::1"])),
    ({"ip_as_dns": True}, ([VIP], [VIP])),
    ({"ip_as_dns": True, "san": {"dns": ["nsx.example.com"], "ip": ["192.0.2.11"]}},
     (["192.0.2.10", "192.0.2.11", "nsx.example.com"], ["192.0.2.10", "192.0.2.11"])),
])
def test_names(program, tmp_path, members, expected):
    generate(program, tmp_path, **members)
    dns, ip = names(leaf(tmp_path))
    assert (sorted(dns), sorted(ip, key=lambda one: (ipaddress.ip_address(one).version, one))) == expected
    assert not generate(program, tmp_path, **members).json["changed"]


@pytest.mark.parametrize("wanted, size", [({"type": "rsa", "bits": 3072}, 3072), ({"type": "rsa", "bits": 4096}, 4096),
                                          ({"type": "ec", "curve": "P-256"}, 256),
                                          ({"type": "ec", "curve": "P-384"}, 384),
                                          ({"type": "ec", "curve": "P-521"}, 521)])
def test_keys(program, tmp_path, wanted, size):
    run = generate(program, tmp_path, key=wanted)
    assert key(tmp_path).key_size == size and is_pair(tmp_path)
    assert isinstance(key(tmp_path), ec.EllipticCurvePrivateKey) == (wanted["type"] == "ec")
    usage = leaf(tmp_path).extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_encipherment == (wanted["type"] == "rsa")
    assert {name: value for name, value in run.result["key"].items() if name in wanted} == wanted
    assert not generate(program, tmp_path, key=wanted).json["changed"]


@pytest.mark.parametrize("digest", ["sha384", "sha512"])
def test_digests(program, tmp_path, digest):
    generate(program, tmp_path, digest=digest)
    assert leaf(tmp_path).signature_hash_algorithm.name == digest


def test_validity_is_not_compared_but_told(program, tmp_path):
    generate(program, tmp_path, validity_days=20)
    run = generate(program, tmp_path, validity_days=825)
    assert not run.json["changed"] and run.warnings == ["validity-differs"]
    assert run.json["warnings"][0]["pointer"] == "/parameters/validity_days"


# ca_signed

def test_ca_signed_has_the_chain_behind_the_leaf(program, tmp_path, ca):
    run = generate(program, tmp_path, kind="ca_signed", issuer=issuer_of(ca))
    found = x509.load_pem_x509_certificates((tmp_path / "nsx.crt").read_bytes())
    assert found[1:] == [ca.certificate, *ca.above]
    found[0].verify_directly_issued_by(ca.certificate)
    assert run.result["certificate_pem"] == (tmp_path / "nsx.crt").read_text()
    assert not generate(program, tmp_path, kind="ca_signed", issuer=issuer_of(ca)).json["changed"]


def test_ca_signed_with_another_chain(program, tmp_path, ca):
    generate(program, tmp_path, kind="ca_signed", issuer=issuer_of(ca))
    alone = {"certificate": ca.pem, "private_key": ca.key_pem}
    run = generate(program, tmp_path, kind="ca_signed", issuer=alone)
    assert run.json["steps"][0]["reasons"] == ["the chain behind the certificate is not the issuer's"]


def test_ca_signed_by_an_issuer_of_two_forms(program, tmp_path):
    """A renewed root beside the old one, or a cross-signed form beside the self-signed one: the way up is taken once."""
    other = make("other.example.com", key=rsa_key(1), ca=True, days=3650)
    old = make("issuing.example.com", key=rsa_key(2), ca=True, days=3650)
    renewed = make("issuing.example.com", key=rsa_key(2), ca=True, days=4000)
    crossed = make("issuing.example.com", key=rsa_key(2), ca=True, days=3650, issuer=other)
    for bundle, above in (([renewed, old], [renewed]), ([crossed, old, other], [crossed, other]), ([old, crossed, other], [old])):
        issuer = {"certificate": "".join(one.pem for one in bundle), "private_key": old.key_pem}
        assert generate(program, tmp_path, kind="ca_signed", issuer=issuer).json["changed"]
        found = x509.load_pem_x509_certificates((tmp_path / "nsx.crt").read_bytes())
        assert found[1:] == [one.certificate for one in above]
        assert not generate(program, tmp_path, kind="ca_signed", issuer=issuer).json["changed"]


def test_ca_signed_by_an_encrypted_key(program, tmp_path, ca):
    issuer = {"certificate": ca.chain, "private_key": ca.encrypted_key("pass word"), "passphrase": "pass word"}
    generate(program, tmp_path, kind="ca_signed", issuer=issuer)
    for wrong in ({"passphrase": "other"}, {"passphrase": None}):
        changed = {name: value for name, value in {**issuer, **wrong}.items() if value}
        run = program.run(request("ca_signed", issuer=changed, certificate_path="b.crt", key_path="b.key"), cwd=tmp_path)
        assert (run.code, run.error) == (1, "passphrase-wrong")


def test_ca_signed_refuses_an_unfit_issuer(program, tmp_path, ca):
    other = make("other.example.com", key=rsa_key(3), ca=True)
    expired = make("old.example.com", key=rsa_key(3), ca=True, start=-20, days=10)
    leaf_only = make("leaf.example.com", key=rsa_key(3))
    for certificate, private_key, code in ((ca.pem, other.key_pem, "key-mismatch"),
                                           (expired.pem, expired.key_pem, "invalid-certificate"),
                                           (leaf_only.pem, leaf_only.key_pem, "invalid-certificate")):
        asked = request("ca_signed", issuer={"certificate": certificate, "private_key": private_key})
        member = "private_key" if code == "key-mismatch" else "certificate"
        for flags in ([], ["--dry-run"]):
            run = program.run(asked, *flags, cwd=tmp_path)
            assert (run.code, run.error) == (1, code)
            assert run.json["error"]["pointer"] == f"/parameters/issuer/{member}"
        assert listing(tmp_path) == []


def test_ca_signed_never_outlasts_its_issuer(program, tmp_path):
    short = make("short.example.com", key=rsa_key(3), ca=True, days=100)
    generate(program, tmp_path, kind="ca_signed", issuer=issuer_of(short))
    assert leaf(tmp_path).not_valid_after_utc == short.certificate.not_valid_after_utc
    assert not generate(program, tmp_path, kind="ca_signed", issuer=issuer_of(short)).json["changed"]
    run = program.run(request("ca_signed", issuer=issuer_of(short), renew_before_days=100), cwd=tmp_path)
    assert (run.code, run.error) == (64, "renewal-window-too-long")


# request

def test_request_pending_issued_renewed(program, nsxcert, tmp_path, ca):
    run = generate(program, tmp_path, kind="request", san={"dns": ["nsx.example.com"]})
    asked = csr(tmp_path)
    assert asked.is_signature_valid and public(asked) == public(key(tmp_path))
    assert names(asked) == (["nsx.example.com"], [VIP])
    assert run.result["request_pem"] == (tmp_path / "nsx.csr").read_text() and run.result["issued"] is False
    assert listing(tmp_path) == ["nsx.csr", "nsx.key"] and mode(tmp_path / "nsx.csr") == "0o644"
    pending = generate(program, tmp_path, kind="request", san={"dns": ["nsx.example.com"]})
    assert not pending.json["changed"] and pending.result["issued"] is False
    issued = issue(tmp_path, ca, names_=(VIP, "nsx.example.com"))
    run = generate(program, tmp_path, kind="request", san={"dns": ["nsx.example.com"]})
    assert not run.json["changed"] and run.result["issued"] is True
    assert int(run.result["serial"], 16) == issued.serial_number
    later = generate(program, tmp_path, kind="request", san={"dns": ["nsx.example.com"]}, env=moved(300, nsxcert))
    assert later.json["changed"] and later.result["issued"] is False
    assert public(csr(tmp_path)) == public(key(tmp_path)) != public(asked)
    assert public(key(tmp_path, "nsx.key.previous")) == public(asked)
    assert leaf(tmp_path, "nsx.crt.previous") == issued and mode(tmp_path / "nsx.crt.previous") == "0o644"
    again = generate(program, tmp_path, kind="request", san={"dns": ["nsx.example.com"]}, env=moved(300, nsxcert))
    assert not again.json["changed"]


@pytest.mark.parametrize("reuse_key", [False, True])
def test_the_next_answer_does_not_replace_what_is_kept(program, nsxcert, tmp_path, ca, reuse_key):
    """Until the next answer is registered the managers serve the last one: it stays as .previous."""
    members = {"kind": "request", "reuse_key": reuse_key}
    generate(program, tmp_path, **members)
    first = issue(tmp_path, ca)
    assert generate(program, tmp_path, **members).result["issued"] and "nsx.crt.previous" not in listing(tmp_path)
    long_ago = datetime.datetime.now().timestamp() - 350 * 86400  # faketime moves the times of files as well
    os.utime(tmp_path / "nsx.csr", (long_ago, long_ago))
    assert generate(program, tmp_path, env=moved(300, nsxcert), **members).json["changed"]
    assert leaf(tmp_path) == first == leaf(tmp_path, "nsx.crt.previous")
    second = issue(tmp_path, ca, days=1200)
    for _ in range(2):
        run = generate(program, tmp_path, env=moved(300, nsxcert), **members)
        assert not run.json["changed"] and run.result["issued"]
        assert (leaf(tmp_path), leaf(tmp_path, "nsx.crt.previous")) == (second, first)


def test_only_certificates_are_kept_of_what_was_issued(program, tmp_path, ca):
    """The copy may be read by all: a key that somebody put into the CA's file is not in it."""
    generate(program, tmp_path, kind="request")
    issued = issue(tmp_path, ca)
    with (tmp_path / "nsx.crt").open("a") as file:
        file.write(ca.chain + ca.key_pem)
    generate(program, tmp_path, kind="request", digest="sha512")
    assert leaf(tmp_path, "nsx.crt.previous") == issued
    kept = (tmp_path / "nsx.crt.previous").read_text()
    assert kept.count("BEGIN CERTIFICATE") == 3 and "PRIVATE" not in kept


def test_renewed_request_of_the_same_key_is_pending(program, tmp_path, ca):
    """The certificate in use belongs to the key all the while: the run that finds it due asks, the next ones wait."""
    members = {"kind": "request", "reuse_key": True}
    generate(program, tmp_path, **members)
    long_ago = datetime.datetime.now().timestamp() - 350 * 86400
    os.utime(tmp_path / "nsx.csr", (long_ago, long_ago))
    issue(tmp_path, ca, days=365, start=-350)
    run = generate(program, tmp_path, **members)
    assert run.json["changed"] and "renewal was due" in run.json["steps"][0]["reasons"][0]
    for _ in range(2):
        run = generate(program, tmp_path, **members)
        assert not run.json["changed"] and run.result["issued"] and run.result["renewal_due"]
    past = (datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert not generate(program, tmp_path, issued_after=past, **members).json["changed"]
    os.utime(tmp_path / "nsx.csr", (long_ago, long_ago))
    assert generate(program, tmp_path, issued_after=past, **members).json["changed"]


def test_request_of_which_too_short_a_certificate_came(program, tmp_path, ca):
    members = {"kind": "request", "renew_before_days": 30}
    generate(program, tmp_path, **members)
    issue(tmp_path, ca, days=20)
    before = contents(tmp_path)
    run = program.run(request(**members), cwd=tmp_path)
    assert (run.code, run.error) == (64, "renewal-window-too-long") and contents(tmp_path) == before


def test_a_strange_certificate_is_not_issued(program, tmp_path):
    generate(program, tmp_path, kind="request")
    for text in (make(VIP, key=rsa_key(3)).pem, "no certificate\n", ""):
        (tmp_path / "nsx.crt").write_text(text)
        run = generate(program, tmp_path, kind="request")
        assert not run.json["changed"] and run.result["issued"] is False


# Renewal

@pytest.mark.parametrize("members, last_quiet_day, first_due_day", [
    ({}, 242, 245), ({"validity_days": 10}, 4, 6), ({"renew_before_days": 30}, 333, 336),
    ({"renew_before_days": 0}, 363, 366)])
def test_renewal_day(program, nsxcert, tmp_path, members, last_quiet_day, first_due_day):
    generate(program, tmp_path, **members)
    first = leaf(tmp_path)
    assert not generate(program, tmp_path, env=moved(last_quiet_day, nsxcert), **members).json["changed"]
    run = generate(program, tmp_path, env=moved(first_due_day, nsxcert), **members)
    reason = run.json["steps"][0]["reasons"][0]
    assert reason.startswith("expired at" if members.get("renew_before_days") == 0 else "renewal was due at")
    assert leaf(tmp_path, "nsx.crt.previous") == first and is_pair(tmp_path)
    assert is_pair(tmp_path, "nsx.key.previous", "nsx.crt.previous")
    assert not generate(program, tmp_path, env=moved(first_due_day, nsxcert), **members).json["changed"]


@pytest.mark.parametrize("kind", ["self_signed", "ca_signed"])
def test_made_while_the_clock_was_ahead(program, nsxcert, tmp_path, ca, kind):
    """Nobody takes a certificate of next month: once the clock is right, a new one is made, once."""
    members = {"kind": kind, **({"issuer": issuer_of(ca)} if kind == "ca_signed" else {})}
    generate(program, tmp_path, env=moved(30, nsxcert), **members)
    ahead = leaf(tmp_path)
    moment = ahead.not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    run = generate(program, tmp_path, **members)
    assert run.json["steps"][0]["reasons"] == [f"not valid before {moment}"]
    assert leaf(tmp_path).not_valid_before_utc < ahead.not_valid_before_utc and is_pair(tmp_path)
    assert not generate(program, tmp_path, **members).json["changed"]


def test_an_answer_of_the_ca_that_is_not_valid_yet_is_kept(program, tmp_path, ca):
    """When it begins is the CA's decision: another request would throw its answer away."""
    generate(program, tmp_path, kind="request")
    issue(tmp_path, ca, start=1)
    run = generate(program, tmp_path, kind="request")
    assert not run.json["changed"] and run.result["issued"] is True


@pytest.mark.parametrize("days", [365, 366, 7299])
def test_window_as_long_as_the_validity(program, tmp_path, days):
    run = program.run(request(renew_before_days=days), cwd=tmp_path)
    assert (run.code, listing(tmp_path)) == (64, [])
    assert [one["code"] for one in run.json["error"]["errors"]] == ["renewal-window-too-long"]


def test_reuse_key(program, nsxcert, tmp_path):
    generate(program, tmp_path, reuse_key=True)
    before = key(tmp_path)
    run = generate(program, tmp_path, reuse_key=True, env=moved(300, nsxcert))
    assert run.json["changed"] and public(key(tmp_path)) == public(before) and is_pair(tmp_path)
    run = generate(program, tmp_path, reuse_key=True, key={"type": "rsa", "bits": 3072})
    assert key(tmp_path).key_size == 3072, "a key that does not fit is not kept"


def test_issued_after_renews_once(program, nsxcert, tmp_path):
    generate(program, tmp_path)
    start = leaf(tmp_path).not_valid_before_utc
    moment = start.replace(year=start.year + 1, month=1, day=1).strftime("%Y-%m-%dT%H:%M:%SZ")
    members = {"issued_after": moment, "validity_days": 3650}
    assert not generate(program, tmp_path, **members).json["changed"], "a time that has not come renews nothing"
    run = generate(program, tmp_path, env=moved(366, nsxcert), **members)
    assert f"issued before {moment}" in run.json["steps"][0]["reasons"]
    for _ in range(2):
        assert not generate(program, tmp_path, env=moved(366, nsxcert), **members).json["changed"]


def test_issued_after_now_stays_idempotent(program, tmp_path):
    generate(program, tmp_path)
    moment = leaf(tmp_path).not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert not generate(program, tmp_path, issued_after=moment).json["changed"]


def test_backup_keeps_every_pair(program, tmp_path):
    for number in range(3):
        generate(program, tmp_path, backup=True, san={"dns": [f"n{number}.example.com"]})
    kept = sorted(path.name[len("nsx.crt"):] for path in tmp_path.glob("nsx.crt.bak-*"))
    assert len(kept) == 2 and all(is_pair(tmp_path, "nsx.key" + one, "nsx.crt" + one) for one in kept)
    for suffix in kept:
        cert = leaf(tmp_path, "nsx.crt" + suffix)
        assert suffix == ".bak-" + cert.fingerprint(cert.signature_hash_algorithm).hex()[:12]
    assert is_pair(tmp_path, "nsx.key.previous", "nsx.crt.previous")
    assert len(listing(tmp_path)) == 8


@pytest.mark.parametrize("kind, damage", [("request", "nsx.csr"), ("self_signed", "nsx.crt"), ("self_signed", "nsx.key")])
def test_backup_of_what_cannot_be_read(program, tmp_path, kind, damage):
    """Each unreadable file is kept under a name of its own."""
    generate(program, tmp_path, kind=kind)
    for text in ("one\n", "two\n"):
        (tmp_path / damage).write_text(text)
        generate(program, tmp_path, kind=kind, backup=True)
    kept = [path.read_text() for path in tmp_path.glob(damage + ".bak-*")]
    assert sorted(kept) == ["one\n", "two\n"]


# openssl_config

CONFIG = """[ req ]
default_bits = 3072
default_md = sha384
distinguished_name = req_distinguished_name
x509_extensions = v3_req
prompt = no
[ req_distinguished_name ]
countryName = US
stateOrProvinceName = California
localityName = CA
organizationName = NSX
commonName = 192.0.2.10
[ v3_req ]
keyUsage = critical, digitalSignature, keyEncipherment
subjectAltName = @alt_names
[ alt_names ]
DNS.1 = nsx.example.com
IP.1 = 192.0.2.10
IP.2 = 192.0.2.11
"""


def test_openssl_config_gives_defaults(program, tmp_path):
    (tmp_path / "nsx-cert.cnf").write_text(CONFIG)
    members = {"common_name": None, "openssl_config": {"file": "nsx-cert.cnf"}}
    generate(program, tmp_path, **members)
    cert = leaf(tmp_path)
    assert key(tmp_path).key_size == 3072 and cert.signature_hash_algorithm.name == "sha384"
    assert cert.subject.rfc4514_string() == "CN=192.0.2.10,O=NSX,L=CA,ST=California,C=US"
    assert names(cert) == (["nsx.example.com"], ["192.0.2.10", "192.0.2.11"])
    assert not generate(program, tmp_path, **members).json["changed"]


def test_members_win_over_openssl_config(program, tmp_path):
    (tmp_path / "nsx-cert.cnf").write_text(CONFIG)
    generate(program, tmp_path, openssl_config={"file": "nsx-cert.cnf"}, common_name="vip.example.com", digest="sha256",
             key={"type": "rsa", "bits": 2048}, subject={"organization": "Mine"}, san={"ip": ["192.0.2.12"]})
    cert = leaf(tmp_path)
    assert key(tmp_path).key_size == 2048 and cert.signature_hash_algorithm.name == "sha256"
    assert cert.subject.rfc4514_string() == "CN=vip.example.com,O=Mine,L=CA,ST=California,C=US"
    assert names(cert) == (["vip.example.com"], ["192.0.2.12"])


@pytest.mark.parametrize("source, code", [({"file": "missing.cnf"}, "source-unavailable"),
                                          ({"env": "NO_SUCH_VARIABLE"}, "source-unavailable"),
                                          ("no configuration", "invalid-config"),
                                          (CONFIG.replace("commonName = 192.0.2.10\n", ""), "invalid-config")])
def test_bad_openssl_config(program, tmp_path, source, code):
    run = program.run(request(openssl_config=source, common_name=None), cwd=tmp_path)
    assert (run.code, run.error, listing(tmp_path)) == (1, code, [])


# What is there already

def test_every_difference_is_a_reason(program, tmp_path):
    generate(program, tmp_path, san={"ip": ["192.0.2.11"]})
    run = generate(program, tmp_path, common_name="nsx.example.com", subject={"organization": "Example"},
                   key={"type": "ec", "curve": "P-256"}, digest="sha512", san={"ip": ["192.0.2.12"]})
    reasons = "\n".join(run.json["steps"][0]["reasons"])
    for word in ("the key is rsa of 2048 bits, not ec P-256" if "of 2048" in reasons else "not ec P-256", "subject",
                 "192.0.2.12", "192.0.2.11", "nsx.example.com", "sha512"):
        assert word in reasons, reasons


@pytest.mark.parametrize("name, text, reason", [
    ("nsx.key", "no key\n", "the key at nsx.key cannot be used"), ("nsx.key", "", "the key at nsx.key cannot be used"),
    ("nsx.crt", "no certificate\n", "the certificate at nsx.crt cannot be read"),
    ("nsx.crt", "", "the certificate at nsx.crt cannot be read"),
    ("nsx.key", None, "no key at nsx.key"), ("nsx.crt", None, "no certificate at nsx.crt"),
    ("nsx.key", rsa_key(3), "the certificate does not belong to the key"),
    ("nsx.key", "encrypted", "the key at nsx.key cannot be used")])
def test_unfit_file_is_replaced_with_its_reason(program, tmp_path, name, text, reason):
    generate(program, tmp_path)
    spoil(tmp_path / name, text)
    run = generate(program, tmp_path)
    assert any(reason in one for one in run.json["steps"][0]["reasons"]), run.json["steps"]
    assert is_pair(tmp_path)


def spoil(path, text):
    if text is None:
        path.unlink()
        return
    if text == "encrypted":
        text = make(VIP, key=key(path.parent)).encrypted_key("secret")
    elif not isinstance(text, str):
        text = make(VIP, key=text).key_pem
    path.write_text(text)


def test_a_pkcs1_key_and_crlf_are_fine(program, tmp_path):
    from cryptography.hazmat.primitives import serialization
    generate(program, tmp_path)
    old = key(tmp_path).private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                                      serialization.NoEncryption())
    (tmp_path / "nsx.key").write_bytes(old.replace(b"\n", b"\r\n"))
    (tmp_path / "nsx.crt").write_bytes((tmp_path / "nsx.crt").read_bytes().replace(b"\n", b"\r\n"))
    assert not generate(program, tmp_path).json["changed"]


@pytest.mark.parametrize("spelling", ["NSX.Example.com", "nsx.example.com.", "nsx.EXAMPLE.COM"])
def test_another_spelling_of_the_name_renews_nothing(program, tmp_path, spelling):
    generate(program, tmp_path, common_name="nsx.example.com")
    again = generate(program, tmp_path, common_name=spelling)
    assert not again.json["changed"]
    assert leaf(tmp_path).subject.rfc4514_string() == "CN=nsx.example.com"
