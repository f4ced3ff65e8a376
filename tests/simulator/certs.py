# SPDX-License-Identifier: Apache-2.0
"""Making and reading certificates."""
import hashlib
import ipaddress
import re
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
KEY_USAGES = ("digital_signature", "content_commitment", "key_encipherment",
              "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
              "encipher_only", "decipher_only")


class KeyPool:
    """A few RSA keys for the whole process: making one takes long."""

    def __init__(self, size=4):
        self._size = size
        self._keys = []
        self._signer = None

    def take(self, index):
        while len(self._keys) <= index % self._size:
            self._keys.append(rsa.generate_private_key(65537, 2048))
        return self._keys[index % self._size]

    @property
    def signer(self):
        """An EC key: it signs ten thousand certificates in seconds."""
        self._signer = self._signer or ec.generate_private_key(ec.SECP256R1())
        return self._signer


def key_to_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()


def cert_to_pem(cert):
    return cert.public_bytes(serialization.Encoding.PEM).decode()


def common_name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def general_names(names):
    """DNS and IP entries from plain strings."""
    found = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def make_certificate(subject, public_key, signer, serial, start, days=825, issuer=None,
                     names=(), is_ca=False):
    """One certificate; self-signed when no issuer name is given.

    subject and issuer are x509.Name, start is in epoch seconds.
    """
    begin = datetime.fromtimestamp(int(start), timezone.utc)
    usage = {name: False for name in KEY_USAGES}
    wanted = ("key_cert_sign", "crl_sign") if is_ca else ("digital_signature", "key_encipherment")
    usage.update({name: True for name in wanted})
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer or subject)
               .public_key(public_key).serial_number(serial).not_valid_before(begin)
               .not_valid_after(begin + timedelta(days=days))
               .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
               .add_extension(x509.KeyUsage(**usage), critical=True))
    if not is_ca:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH,
                                   ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(general_names(names)),
                                        critical=False)
    return builder.sign(signer, hashes.SHA256())


def split_pem(text):
    """(label, inner text) of every PEM block, in order."""
    return [(match.group(1), match.group(2)) for match in BLOCK.finditer(text)]


def load_chain(text):
    """The certificates of a PEM text; raises ValueError when one is unreadable.

    Accepts LF, CRLF, one long base64 line, and no final newline.
    """
    chain = []
    for label, inner in split_pem(text):
        if label == "CERTIFICATE":
            body = "".join(inner.split())
            lines = "\n".join(body[at:at + 64] for at in range(0, len(body), 64))
            pem = f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
            chain.append(x509.load_pem_x509_certificate(pem.encode()))
    return chain


def clean_pem(chain):
    return "".join(cert_to_pem(cert) for cert in chain)


def thumbprint(cert):
    return hashlib.sha256(cert.public_bytes(serialization.Encoding.DER)).hexdigest()


def public_bytes(key):
    return key.public_bytes(serialization.Encoding.DER,
                            serialization.PublicFormat.SubjectPublicKeyInfo)


def extension(cert, kind):
    """The value of an extension, or None."""
    try:
        return cert.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def is_self_signed(cert):
    return cert.subject == cert.issuer


def is_ca(cert):
    found = extension(cert, x509.BasicConstraints)
    return bool(found and found.ca)


def names_of(cert):
    """Every name and address that the certificate carries, as strings."""
    names = {attribute.value for attribute in
             cert.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}
    san = extension(cert, x509.SubjectAlternativeName)
    for entry in san or ():
        if isinstance(entry, (x509.DNSName, x509.IPAddress)):
            names.add(str(entry.value))
    return names


def valid_at(cert, now):
    return (cert.not_valid_before_utc.timestamp() <= now
            <= cert.not_valid_after_utc.timestamp())


def key_facts(key):
    """(algorithm, bits, curve) of a public key."""
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size, None
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.key_size, key.curve.name
    if isinstance(key, dsa.DSAPublicKey):
        return "DSA", key.key_size, None
    return type(key).__name__.replace("PublicKey", ""), 0, None


def describe(cert, now):
    """The `details` entry that the API gives for one certificate."""
    algorithm, bits, curve = key_facts(cert.public_key())
    cn = {"subject": "", "issuer": ""}
    for side in cn:
        found = getattr(cert, side).get_attributes_for_oid(NameOID.COMMON_NAME)
        cn[side] = found[0].value if found else ""
    digest = cert.signature_hash_algorithm
    details = {
        "subject_cn": cn["subject"], "subject": cert.subject.rfc4514_string(),
        "issuer_cn": cn["issuer"], "issuer": cert.issuer.rfc4514_string(),
        "not_before": int(cert.not_valid_before_utc.timestamp() * 1000),
        "not_after": int(cert.not_valid_after_utc.timestamp() * 1000),
        "serial_number": f"{cert.serial_number:x}",
        "signature_algorithm": f"{digest.name.upper()}with{algorithm}" if digest else algorithm,
        "public_key_algo": algorithm, "public_key_length": bits,
        "is_ca": is_ca(cert), "is_valid": valid_at(cert, now), "version": "3",
    }
    if curve:
        details["ecdsa_curve_name"] = curve
    if algorithm == "RSA":
        details["rsa_public_key_modulus"] = f"{cert.public_key().public_numbers().n:x}"
    return details
