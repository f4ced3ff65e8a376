# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates made at run time, good ones and bad ones."""
import datetime
import functools
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


@functools.cache
def rsa_key(number=0):
    """One of a few keys that tests share: making them is slow."""
    del number
    return rsa.generate_private_key(65537, 2048)


def ec_key():
    return ec.generate_private_key(ec.SECP256R1())


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def distinguished_name(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def alternative_names(names):
    entries = []
    for name in names:
        try:
            entries.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            entries.append(x509.DNSName(name))
    return x509.SubjectAlternativeName(entries)


class Pair:
    """A certificate, its key, and the certificates above it."""

    def __init__(self, certificate, key, above=()):
        self.certificate = certificate
        self.key = key
        self.above = list(above)

    @property
    def pem(self):
        """The leaf alone."""
        return pem_of(self.certificate)

    @property
    def chain(self):
        """Leaf to root."""
        return self.pem + "".join(pem_of(one) for one in self.above)

    @property
    def key_pem(self):
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption()).decode()

    def encrypted_key(self, passphrase):
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase.encode())).decode()

    @property
    def fingerprint(self):
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def not_after(self):
        """As results say it."""
        return self.certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")


def pem_of(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def fingerprints(pem_file):
    """Of every certificate in a file: what `pin_sha256` takes."""
    with open(pem_file, "rb") as file:
        certificates = x509.load_pem_x509_certificates(file.read())
    return [one.fingerprint(hashes.SHA256()).hex() for one in certificates]


def make(common_name, names=(), *, days=300, start=0, key=None, issuer=None, ca=False,
         key_encipherment=True, crl=None, usage="server"):
    """A server certificate (or a CA), self-signed or signed by `issuer` (a Pair)."""
    key = key or rsa_key()
    signer = issuer.key if issuer else key
    above = [issuer.certificate, *issuer.above] if issuer else []
    builder = (
        x509.CertificateBuilder()
        .subject_name(distinguished_name(common_name))
        .issuer_name(issuer.certificate.subject if issuer else distinguished_name(common_name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() + start * DAY)
        .not_valid_after(now() + (start + days) * DAY)
        .add_extension(x509.BasicConstraints(ca, None), True)
        .add_extension(x509.KeyUsage(True, False, key_encipherment and not ca, False, False, ca, ca,
                                     False, False), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
                       False))
    if not ca:
        wanted = ExtendedKeyUsageOID.SERVER_AUTH if usage == "server" else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([wanted]), False)
        builder = builder.add_extension(alternative_names(names or [common_name]), False)
    if crl:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), False)
    return Pair(builder.sign(signer, hashes.SHA256()), key, above)
