# SPDX-License-Identifier: Apache-2.0
"""The import rules: what a version takes into its trust store, and its words."""
import re

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import SignatureAlgorithmOID

from . import certs
from .messages import ApiError
from .store import Entry

KEY_LABELS = ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
STRINGS = ("private_key", "passphrase", "display_name", "description", "key_algo", "purpose")


def new_entry(call, body):
    """The entry that an import body makes; raises ApiError."""
    cluster = call.cluster
    check_types(body)
    chain = read_chain(body["pem_encoded"])
    key = read_key(cluster, body.get("private_key"), body.get("passphrase"))
    if key:
        check_pair(cluster, chain, key, body)
    check_strength(call, chain)
    check_duplicates(call, chain, body)
    check_validity(call, chain)
    return Entry(cluster.new_id(), body["pem_encoded"], key, body.get("display_name"),
                 cluster.clock.now(), call.user.name, chain=chain,
                 description=body.get("description"), tags=body.get("tags"),
                 purpose=body.get("purpose"))


def check_types(body):
    if not isinstance(body.get("pem_encoded"), str) or not body["pem_encoded"].strip():
        raise ApiError(400, "Required property 'pem_encoded' is missing.", 220)
    for member in STRINGS:
        if not isinstance(body.get(member), (str, type(None))):
            raise ApiError(400, f"Property '{member}' is not a string.", 220)
    if not isinstance(body.get("tags"), (list, type(None))):
        raise ApiError(400, "Property 'tags' is not a list.", 220)


def read_chain(text):
    if any(label.endswith("PRIVATE KEY") for label, _ in certs.split_pem(text)):
        raise ApiError(400, "Invalid PEM data received for certificate.", 2004)
    try:
        chain = certs.load_chain(text)
    except ValueError:
        chain = []
    if not chain:
        raise ApiError(400, "Invalid PEM data received for certificate.", 2004)
    return chain


def read_key(cluster, text, passphrase):
    """The private key, or None when none was sent."""
    if not text or not text.strip():
        return None
    bad = ApiError(400, "Invalid PEM data received for private key.", 2004)
    blocks = certs.split_pem(text)
    keys = [at for at, (label, _) in enumerate(blocks) if label in KEY_LABELS]
    if len(keys) != 1 or (keys[0] > 0 and cluster.profile.has("key-block-first")):
        raise bad
    label, inner = blocks[keys[0]]
    pem = block_of(label, inner)
    locked = label == "ENCRYPTED PRIVATE KEY" or "Proc-Type:" in inner
    try:
        secret = passphrase.encode() if locked and passphrase else None
        return serialization.load_pem_private_key(pem.encode(), secret)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise bad from None


def block_of(label, inner):
    """A PEM block in its clean form; headers of an old encrypted key are kept."""
    if "Proc-Type:" in inner:
        body = inner.replace("\r\n", "\n").strip("\n")
    else:
        packed = "".join(inner.split())
        body = "\n".join(re.findall(".{1,64}", packed))
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


def check_pair(cluster, chain, key, body):
    """A service certificate: key, basicConstraints, chain."""
    leaf = chain[0]
    mismatch = ApiError(400, "The private key does not match the certificate.")
    if certs.public_bytes(key.public_key()) != certs.public_bytes(leaf.public_key()):
        raise mismatch
    signing = body.get("purpose") == "signing-ca" and cluster.profile.has("key-and-purpose")
    where = cluster.sim.switches.missing_basic_constraints
    if where == "profile" and cluster.profile.has("basic-constraints"):
        where = "import"
    found = certs.extension(leaf, x509.BasicConstraints)
    if where == "import" and not signing and (found is None or found.ca):
        raise mismatch
    if chain_checked_here(cluster):
        reason = chain_fault(chain)
        if reason:
            raise ApiError(400, f"Certificate chain validation failed. {reason}", 2076)


def chain_checked_here(cluster):
    where = cluster.sim.switches.chain_check
    if where == "profile":
        return cluster.profile.has("chain-at-import")
    return where == "import"


def chain_fault(chain):
    """Why this is not leaf, intermediates, self-signed root in that order; or None."""
    for at, cert in enumerate(chain):
        last = at + 1 == len(chain)
        issuer = cert if last else chain[at + 1]
        if cert.issuer != issuer.subject:
            found = "the chain does not end in its root" if last else "the chain is out of order"
            return f"{cert.subject.rfc4514_string()}: {found}."
        if weak_digest(cert):
            continue  # the library does not check these signatures; see check_strength
        try:
            cert.verify_directly_issued_by(issuer)
        except (UnsupportedAlgorithm, InvalidSignature, ValueError, TypeError):
            return f"{cert.subject.rfc4514_string()}: the signature does not match."
    return None


def weak_digest(cert):
    names = {SignatureAlgorithmOID.RSA_WITH_SHA1, SignatureAlgorithmOID.RSA_WITH_MD5,
             SignatureAlgorithmOID.ECDSA_WITH_SHA1}
    return cert.signature_algorithm_oid in names


def check_strength(call, chain):
    elliptic = any(isinstance(cert.public_key(), ec.EllipticCurvePublicKey) for cert in chain)
    if elliptic and call.switches.ec_import == "refuse" and not call.profile.at_least("3.2"):
        raise ApiError(400, "The certificate uses an unsupported key algorithm.")
    if not call.profile.has("strong-signatures"):
        return
    for cert in chain:
        oid = cert.signature_algorithm_oid
        if weak_digest(cert):
            raise ApiError(400, "The certificate uses an unsupported signature algorithm"
                           f" {oid.dotted_string}.")
        public = cert.public_key()
        if isinstance(public, rsa.RSAPublicKey) and public.key_size < 2048:
            raise ApiError(400, "The certificate uses an unsupported key size.")


def check_duplicates(call, chain, body):
    how = call.switches.duplicates
    if how == "accept":
        return
    name, leaf = body.get("display_name"), chain[0]
    for entry in call.cluster.store:
        if how == "refuse-name" and name and entry.name == name:
            raise ApiError(400, f"An object with the display name {name} already exists.")
        if how == "refuse-pem" and entry.leaf == leaf:
            raise ApiError(400, f"The certificate already exists as {entry.id}.")


def check_validity(call, chain):
    if call.switches.expired_import == "accept":
        return
    if not certs.valid_at(chain[0], call.cluster.clock.now()):
        raise ApiError(400, "The certificate is expired or not yet valid.")
