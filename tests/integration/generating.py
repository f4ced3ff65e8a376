# SPDX-License-Identifier: Apache-2.0
"""Requests for generate, reading what it wrote, and moving the clock."""
import glob
import os
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pki import pem_of

VIP = "192.0.2.10"


def request(kind="self_signed", *, dry_run=False, deadline=60, **parameters):
    """A generate request with relative paths; None takes a member away."""
    members = {"kind": kind, "common_name": VIP, "key_path": "nsx.key", "certificate_path": "nsx.crt"}
    if kind == "request":
        members["request_path"] = "nsx.csr"
    members.update(parameters)
    return {"api_version": "nsxcert/v1", "operation": "generate", "dry_run": dry_run, "deadline_seconds": deadline,
            "parameters": {name: value for name, value in members.items() if value is not None}}


def moved(days, program):
    """The environment of a run so many days from now. AddressSanitizer wants to be loaded first."""
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    assert found, "the package faketime is missing"
    linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    asan = [line.split()[2] for line in linked.splitlines() if "libasan" in line]
    return {"LD_PRELOAD": " ".join(asan + found), "FAKETIME": f"{days:+d}d", "DONT_FAKE_MONOTONIC": "1"}


def leaf(folder, name="nsx.crt"):
    return x509.load_pem_x509_certificates((Path(folder) / name).read_bytes())[0]


def key(folder, name="nsx.key"):
    return serialization.load_pem_private_key((Path(folder) / name).read_bytes(), None)


def csr(folder, name="nsx.csr"):
    return x509.load_pem_x509_csr((Path(folder) / name).read_bytes())


def public(thing):
    """The public key in a form that can be compared."""
    return thing.public_key().public_bytes(serialization.Encoding.DER,
                                           serialization.PublicFormat.SubjectPublicKeyInfo)


def names(thing):
    """(DNS entries, IP entries) of a certificate or request."""
    san = thing.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return san.get_values_for_type(x509.DNSName), [str(ip) for ip in san.get_values_for_type(x509.IPAddress)]


def is_pair(folder, key_name="nsx.key", name="nsx.crt"):
    return public(key(folder, key_name)) == public(leaf(folder, name))


def mode(path):
    return oct(os.stat(path).st_mode & 0o7777)


def listing(folder):
    return sorted(os.listdir(folder))


def contents(folder):
    """Everything in a folder: bytes, modes and times of change, to see that nothing happened."""
    return {path.name: (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns, path.stat().st_ino)
            for path in Path(folder).iterdir()}


def issue(folder, issuer, days=365, names_=(VIP,), start=0):
    """What a CA elsewhere does with nsx.csr: nsx.crt."""
    from pki import make
    signed = make(VIP, list(names_), days=days, start=start, issuer=issuer, key=PublicOnly(csr(folder).public_key()))
    (Path(folder) / "nsx.crt").write_text(pem_of(signed.certificate))
    return signed.certificate


class PublicOnly:
    """A public key where pki.make() expects a pair of keys."""

    def __init__(self, public_key):
        self._public_key = public_key

    def public_key(self):
        return self._public_key
