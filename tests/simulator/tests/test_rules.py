# SPDX-License-Identifier: Apache-2.0
"""Import rules by version, with their codes and words; validate."""
import ssl

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku

from plain import RSA_KEY, STORE, make, make_ca, make_signed


def refused(answer):
    assert answer.status == 400, answer.body
    return answer.json


def one_line(pem):
    return "".join(pem.splitlines()).replace("CERTIFICATE-----MI", "CERTIFICATE-----\nMI").replace(
        "-----END", "\n-----END")


@pytest.mark.parametrize("shape", [
    lambda pem: pem, lambda pem: pem.rstrip("\n"), one_line,
    lambda pem: pem.replace("\n", "\r\n"), lambda pem: "some text\n" + pem])
@pytest.mark.parametrize("version", ("2.4", "4.2"))
def test_any_form_of_pem_is_taken_and_returned_as_it_came(start, version, shape):
    _, client = start(version)
    pair = make()
    sent = shape(pair.pem)
    answer = client.add(sent, pair.key, _revision=0, unknown_member=1, resource_type="x")
    assert answer.status == 201, answer.body
    entry = answer.json["results"][0]
    assert client.get(f"{STORE}/{entry['id']}").json["pem_encoded"] == sent
    assert entry["display_name"] == entry["id"]


@pytest.mark.parametrize("secret", (None, "open"))
@pytest.mark.parametrize("form", (serialization.PrivateFormat.PKCS8,
                                  serialization.PrivateFormat.TraditionalOpenSSL))
def test_forms_of_the_key(start, form, secret):
    _, client = start("4.1")
    lock = (serialization.BestAvailableEncryption(secret.encode()) if secret
            else serialization.NoEncryption())
    text = RSA_KEY.private_bytes(serialization.Encoding.PEM, form, lock).decode()
    pair = make()
    assert client.add(pair.pem, text, passphrase=secret).status == 201
    if secret:
        assert refused(client.add(pair.pem, text))["error_code"] == 2004
        assert refused(client.add(pair.pem, text, passphrase="no"))["error_code"] == 2004


def test_bodies_that_are_refused(start):
    _, client = start("4.1")
    pair = make()
    for body in ({}, {"pem_encoded": 5}, {"pem_encoded": pair.pem, "private_key": 5}, [], "{"):
        refused(client.post(f"{STORE}?action=import", body))
    assert refused(client.add("nothing"))["error_code"] == 2004
    assert refused(client.add(pair.pem + pair.key))["error_code"] == 2004
    assert refused(client.add(pair.pem, "nothing"))["error_code"] == 2004


def test_key_of_another_certificate(start):
    _, client = start("2.4")
    other = make(key=rsa.generate_private_key(65537, 2048))
    assert "does not match" in refused(client.add(make().pem, other.key))["error_message"]


def test_key_block_first(start):
    params = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    pair = make(key=ec.generate_private_key(ec.SECP256R1()))
    assert start("4.0")[1].add(pair.pem, params + pair.key).status == 201
    answer = refused(start("4.1")[1].add(pair.pem, params + pair.key))
    assert answer["error_code"] == 2004
    assert answer["error_message"] == "Invalid PEM data received for private key."


@pytest.mark.parametrize("pair", [make(basic=False), make(ca=True)], ids=("without", "ca"))
def test_basic_constraints_are_wanted_from_3_1(start, pair):
    assert start("3.0")[1].add(pair.pem, pair.key).status == 201
    answer = refused(start("3.1")[1].add(pair.pem, pair.key))
    assert "key does not match the certificate" in answer["error_message"]
    sim, client = start("3.1")
    sim.switches({"missing_basic_constraints": "validate"})
    ident = client.add(pair.pem, pair.key).json["results"][0]["id"]
    assert client.get(f"{STORE}/{ident}?action=validate").json["status"] == "REJECTED"


def chains():
    root, root_key = make_ca()
    other, _ = make_ca("Other")
    middle = make("Middle", key=ec.generate_private_key(ec.SECP256R1()), issuer=root.subject,
                  issuer_key=root_key, ca=True)
    key = serialization.load_pem_private_key(middle.key.encode(), None)
    leaf = make("leaf", issuer=middle.cert.subject, issuer_key=key)
    text = [pair.public_bytes(serialization.Encoding.PEM).decode() for pair in
            (leaf.cert, middle.cert, root, other)]
    return leaf.key, text


def test_chain_with_its_root_in_order(start):
    key, (leaf, middle, root, other) = chains()
    for version in ("4.1", "4.2"):
        _, client = start(version)
        assert client.add(leaf + middle + root, key).status == 201
        for bad in (leaf, leaf + middle, leaf + root + middle, middle + leaf + root,
                    leaf + middle + other):
            if bad.startswith(middle):
                refused(client.add(bad, key))
                continue
            answer = refused(client.add(bad, key))
            assert answer["error_code"] == 2076
            assert answer["error_message"].startswith("Certificate chain validation failed")


def test_before_4_1_register_refuses_the_chain(start):
    key, (leaf, middle, _, _) = chains()
    _, client = start("3.0")
    ident = client.add(leaf + middle, key).json["results"][0]["id"]
    answer = refused(client.post("cluster/api-certificate?action=set_cluster_certificate"
                                 f"&certificate_id={ident}"))
    assert answer["error_code"] == 2076


def sha1_copy(cert):
    """The same self-signed certificate with a SHA-1 signature, which the library
    does not make: the two algorithm names differ in their last byte alone."""
    sha256, sha1 = (bytes.fromhex("2a864886f70d0101") + bytes([last]) for last in (11, 5))
    body = cert.tbs_certificate_bytes.replace(sha256, sha1)
    der = cert.public_bytes(serialization.Encoding.DER).replace(sha256, sha1)
    signature = RSA_KEY.sign(body, padding.PKCS1v15(), hashes.SHA1())
    return ssl.DER_cert_to_PEM_cert(der[:-len(signature)] + signature)


def test_weak_certificates_from_4_2(start):
    short = make(key=rsa.generate_private_key(65537, 1024))
    for pem, key, word in ((short.pem, short.key, "key size"),
                           (sha1_copy(make().cert), make().key,
                            "signature algorithm 1.2.840.113549.1.1.5")):
        assert start("4.1")[1].add(pem, key).status == 201
        answer = refused(start("4.2")[1].add(pem, key))
        assert f"unsupported {word}" in answer["error_message"]


def test_duplicates_by_switch(start):
    sim, client = start("4.1")
    pair, other = make(), make()
    ids = {client.add(pair.pem, pair.key, display_name="a").json["results"][0]["id"]
           for _ in range(2)}
    assert len(ids) == 2
    sim.switches({"duplicates": "refuse-pem"})
    refused(client.add(pair.pem.replace("\n", "\r\n"), pair.key))
    assert client.add(other.pem, display_name="a").status == 201
    sim.switches({"duplicates": "refuse-name"})
    refused(client.add(make().pem, display_name="a"))


def test_answers_by_switch(start):
    sim, client = start("4.1")
    sim.switches({"import_status": "200", "error_members": "message-only"})
    assert client.add(make().pem).status == 200
    assert list(refused(client.add("no"))) == ["error_message"]
    sim.switches({"expired_import": "refuse"})
    refused(client.add(make(start=-20, days=10).pem))


def test_kinds_of_entries(start):
    _, client = start("4.1")
    root, _ = make_ca()
    signed = make_signed()
    kinds = [client.add(pem, key).json["results"][0] for pem, key in (
        (make().pem, make().key), (signed.pem, signed.key),
        (root.public_bytes(serialization.Encoding.PEM).decode(), None))]
    assert [one["resource_type"] for one in kinds] == [
        "certificate_self_signed", "certificate_signed", "certificate_ca"]
    assert [one["has_private_key"] for one in kinds] == [True, True, False]
    details = client.get(f"{STORE}/{kinds[1]['id']}?details=true").json["details"]
    assert len(details) == 2 and details[1]["is_ca"] and details[0]["not_after"] > 10 ** 12


def validate(client, pair, query=""):
    ident = client.add(pair.pem, pair.key).json["results"][0]["id"]
    return ident, client.get(f"{STORE}/{ident}?action=validate{query}").json


def test_validate(start):
    sim, client = start("4.1")
    assert validate(client, make())[1] == {"status": "OK"}
    for bad in (make(usage=("digital_signature",)), make(start=-20, days=10),
                make(eku=(Eku.TIME_STAMPING,))):
        found = validate(client, bad)[1]
        assert found["status"] == "REJECTED"
        assert found["error_message"].startswith("Certificate was rejected: ")
    only_client = make(eku=(Eku.CLIENT_AUTH,))
    assert validate(client, only_client, "&usage=SERVER")[1]["status"] == "REJECTED"
    assert validate(client, only_client, "&usage=CLIENT")[1]["status"] == "OK"
    sim.switches({"validate_result": "error"})
    assert validate(client, make())[1]["status"] == "ERROR"


def test_elliptic_key_usage_is_refused_by_4_1_alone(start):
    pair = make(key=ec.generate_private_key(ec.SECP256R1()), usage=("digital_signature",))
    for version, status in (("4.0", "OK"), ("4.1", "REJECTED"), ("4.2", "OK")):
        assert validate(start(version)[1], pair)[1]["status"] == status


def test_the_clock_makes_certificates_expire(start):
    sim, client = start("4.1")
    ident, found = validate(client, make(days=100))
    assert found["status"] == "OK"
    sim.patch({"clock_offset_seconds": 101 * 86400})
    assert client.get(f"{STORE}/{ident}?action=validate").json["status"] == "REJECTED"


def test_crl_not_ready_for_a_while(start):
    sim, client = start("3.0", switch=["crl_checking=on", "crl_ready_after=2"])
    pair = make(crl="http://crl.sim.test/ca.crl")
    ident, found = validate(client, pair)
    assert found == {"status": "CRL_NOT_READY"}
    asked = [client.get(f"{STORE}/{ident}?action=validate").json["status"] for _ in range(2)]
    assert asked == ["CRL_NOT_READY", "OK"]
    assert validate(client, make())[1]["status"] == "OK"


def test_signing_requests(start):
    _, client = start("3.2")
    subject = {"attributes": [{"key": "CN", "value": "nsx.sim.test"}]}
    plain = client.post("trust-management/csrs", {"subject": subject}).json
    extended = client.post("trust-management/csrs-extended", {
        "subject": subject, "extensions": {"subject_alt_names": {
            "dns_names": ["nsx.sim.test"], "ip_addresses": ["192.0.2.1"]}}}).json
    assert plain["pem_encoded"].startswith("-----BEGIN CERTIFICATE REQUEST-----")
    made = client.post(f"trust-management/csrs/{extended['id']}?action=self_sign&days_valid=30")
    assert made.json["resource_type"] == "certificate_self_signed"
    assert client.delete(f"trust-management/csrs/{plain['id']}").status == 200
    assert client.get(f"trust-management/csrs/{plain['id']}").status == 404
