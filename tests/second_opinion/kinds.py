# SPDX-License-Identifier: Apache-2.0
"""Every kind of certificate that `generate` makes, each in a folder of its own, with what verifies it."""
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools import run_well, tool

NAME = "nsx.example.com"
SAN = {"dns": [NAME], "ip": ["127.0.0.1", "192.0.2.10", "2001:db8::10"]}
SUBJECT = {"country": "DE", "state": "Bayern", "locality": "München", "organization": "Example, Inc.",
           "organizational_unit": "Platform"}

# name: what its request has beside the paths
KINDS = {
    "rsa-2048": {"common_name": "192.0.2.10", "san": SAN},
    "rsa-3072": {"common_name": NAME, "san": SAN, "key": {"type": "rsa", "bits": 3072}, "digest": "sha384"},
    "rsa-4096": {"common_name": NAME, "san": SAN, "key": {"type": "rsa", "bits": 4096}, "digest": "sha512"},
    "ec-p256": {"common_name": NAME, "san": SAN, "key": {"type": "ec", "curve": "P-256"}},
    "ec-p384": {"common_name": NAME, "san": SAN, "key": {"type": "ec", "curve": "P-384"}, "digest": "sha384"},
    "ec-p521": {"common_name": NAME, "san": SAN, "key": {"type": "ec", "curve": "P-521"}, "digest": "sha512"},
    "full-subject": {"common_name": NAME, "san": SAN, "subject": SUBJECT},
    "ip-as-dns": {"common_name": "127.0.0.1", "san": SAN, "ip_as_dns": True},
    "ipv6-only": {"common_name": "2001:db8::10"},
    "reuse-key": {"common_name": NAME, "san": SAN, "reuse_key": True},
    "ca-signed": {"kind": "ca_signed", "common_name": NAME, "san": SAN},
    "request": {"kind": "request", "common_name": NAME, "san": SAN},
}


@dataclass
class Made:
    """A certificate, its key, the anchor it is verified with, and a name it is good for."""

    kind: str
    folder: Path
    name: str

    @property
    def certificate(self):
        """Leaf and chain, as a server sends it."""
        return self.folder / "nsx.crt"

    @property
    def key(self):
        return self.folder / "nsx.key"

    @property
    def anchor(self):
        return self.folder.parent / "ca/root.crt" if self.by_ca else self.certificate

    @property
    def by_ca(self):
        return self.kind in ("ca-signed", "request")


def generate(program, folder, parameters):
    request = {"api_version": "nsxcert/v1", "operation": "generate", "parameters": parameters}
    process = subprocess.run([program], input=json.dumps(request), text=True, capture_output=True, cwd=folder,
                             timeout=120, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
    return json.loads(process.stdout)["result"]


def make_ca(folder):
    """Root and intermediate, by openssl alone."""
    openssl = tool("openssl")
    folder.mkdir()
    (folder / "ca.cnf").write_text(
        "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\n"
        "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid:always\n")
    for name in ("root", "middle"):
        run_well(openssl, "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out",
                 f"{name}.csr", "-subj", f"/O=Second Opinion/CN=Second Opinion {name}", cwd=folder)
    sign = [openssl, "x509", "-req", "-days", "3650", "-sha256", "-extfile", "ca.cnf"]
    run_well(*sign, "-in", "root.csr", "-signkey", "root.key", "-out", "root.crt", cwd=folder)
    run_well(*sign, "-in", "middle.csr", "-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial", "-out",
             "middle.crt", cwd=folder)
    (folder / "chain.crt").write_text((folder / "middle.crt").read_text() + (folder / "root.crt").read_text())


def sign_request(folder, ca):
    """As a CA would: the request's extensions, and its own key identifiers."""
    (folder / "sign.cnf").write_text("subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n")
    run_well(tool("openssl"), "x509", "-req", "-in", folder / "nsx.csr", "-CA", ca / "middle.crt", "-CAkey",
             ca / "middle.key", "-CAcreateserial", "-days", "365", "-sha256", "-copy_extensions", "copyall",
             "-extfile", folder / "sign.cnf", "-out", folder / "leaf.crt")
    (folder / "nsx.crt").write_text((folder / "leaf.crt").read_text() + (ca / "chain.crt").read_text())


def make(program, top, kind):
    folder = top / kind
    folder.mkdir()
    parameters = {"certificate_path": "nsx.crt", "key_path": "nsx.key", **KINDS[kind]}
    ca = top / "ca"
    if kind == "ca-signed":
        parameters["issuer"] = {"certificate": {"file": str(ca / "chain.crt")},
                                "private_key": {"file": str(ca / "middle.key")}}
    if kind == "request":
        parameters["request_path"] = "nsx.csr"
    first = generate(program, folder, parameters)
    if kind == "request":
        sign_request(folder, ca)
    if kind == "reuse-key":
        parameters["san"] = {**SAN, "dns": [NAME, "nsx-b.example.com"]}
        second = generate(program, folder, parameters)
        assert second["fingerprint_sha256"] != first["fingerprint_sha256"]
        assert second["public_key_sha256"] == first["public_key_sha256"]
    return Made(kind, folder, "2001:db8::10" if kind == "ipv6-only" else NAME)
