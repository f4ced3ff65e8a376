# SPDX-License-Identifier: Apache-2.0
"""A plain HTTP client, and certificates for the tests."""
import base64
import hashlib
import http.client
import json
import socket
import ssl
import time
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku

from simulator.certs import KEY_USAGES, cert_to_pem, common_name, general_names

STORE = "/api/v1/trust-management/certificates"
RSA_KEY = rsa.generate_private_key(65537, 2048)


def insecure(newest=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if newest:
        context.maximum_version = newest
    return context


class Answer:
    def __init__(self, answer):
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """Talks to one simulator; `address` defaults to the first VIP or node."""

    def __init__(self, sim):
        self.sim = sim
        self.address = sim.vip or sim.nodes[0]["address"]
        self.login = (sim.username, sim.password)

    def connect(self, address=None, context=None):
        return http.client.HTTPSConnection(address or self.address, self.sim.port, timeout=10,
                                           context=context or insecure())

    def headers(self):
        if self.login is None:
            return {}
        pair = base64.b64encode(":".join(self.login).encode()).decode()
        return {"Authorization": f"Basic {pair}"}

    def call(self, method, path, body=None, headers=None, address=None, connection=None):
        link = connection or self.connect(address)
        try:
            sent = {**self.headers(), **(headers or {})}
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
                sent.setdefault("Content-Type", "application/json")
            link.request(method, path if path.startswith("/api") or path.startswith("/policy")
                         else f"/api/v1/{path}", body, sent)
            return Answer(link.getresponse())
        finally:
            if connection is None:
                link.close()

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body, **more)

    def delete(self, path, **more):
        return self.call("DELETE", path, **more)

    def add(self, pem, key=None, **members):
        body = {"pem_encoded": pem, **members}
        if key:
            body["private_key"] = key
        return self.post(f"{STORE}?action=import", body)

    def served(self, address=None):
        """SHA-256 of the leaf that a new connection is shown."""
        with socket.create_connection((address or self.address, self.sim.port), 5) as plain:
            with insecure().wrap_socket(plain) as link:
                return hashlib.sha256(link.getpeercert(True)).hexdigest()

    def wait_served(self, sha256, address=None, seconds=10):
        """Ride out a restart until `sha256` is served."""
        end = time.monotonic() + seconds
        seen = None
        while time.monotonic() < end:
            try:
                seen = self.served(address)
            except OSError as error:
                seen = error
            if seen == sha256:
                return
            time.sleep(0.01)
        raise AssertionError(f"{address} still shows {seen}")

    def wait(self, good, seconds=10):
        """Until good(state) holds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            state = self.sim.state()
            if good(state):
                return state
            time.sleep(0.01)
        raise AssertionError(f"not reached: {state}")

    def idle(self):
        return self.wait(lambda state: state["replacing"] == 0)


def key_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()


class Pair:
    def __init__(self, cert, key, chain=()):
        self.cert = cert
        self.key = key_pem(key)
        self.pem = cert_to_pem(cert) + "".join(cert_to_pem(one) for one in chain)
        self.sha256 = hashlib.sha256(cert.public_bytes(serialization.Encoding.DER)).hexdigest()


def make(cn="nsx.sim.test", names=(), key=None, issuer=None, issuer_key=None, ca=False,
         usage=("digital_signature", "key_encipherment"), eku=(Eku.SERVER_AUTH,), basic=True,
         days=365, start=-1, digest=None, crl=None, chain=()):
    """One certificate with every part of it to choose."""
    key = key or RSA_KEY
    begin = datetime.now(timezone.utc) + timedelta(days=start)
    subject = common_name(cn)
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer or subject)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(begin).not_valid_after(begin + timedelta(days=days)))
    if basic:
        builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
    if usage:
        flags = {name: name in usage for name in KEY_USAGES}
        builder = builder.add_extension(x509.KeyUsage(**flags), critical=True)
    if eku:
        builder = builder.add_extension(x509.ExtendedKeyUsage(eku), critical=False)
    if names:
        san = x509.SubjectAlternativeName(general_names(names))
        builder = builder.add_extension(san, critical=False)
    if crl:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return Pair(builder.sign(issuer_key or key, digest or hashes.SHA256()), key, chain)


def make_ca(name="Test Root"):
    """(certificate, key) of a root."""
    key = ec.generate_private_key(ec.SECP256R1())
    pair = make(name, key=key, ca=True, usage=("key_cert_sign", "crl_sign"), eku=())
    return pair.cert, key


def make_signed(cn="nsx.sim.test", names=(), with_root=True, **more):
    """A leaf signed by a fresh root, with its chain in the PEM."""
    root, key = make_ca()
    return make(cn, names, issuer=root.subject, issuer_key=key,
                chain=[root] if with_root else [], **more)
