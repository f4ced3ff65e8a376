# SPDX-License-Identifier: Apache-2.0
"""Certificate signing requests that the manager makes itself."""
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from . import API, Route
from .. import certs, rules
from ..messages import ApiError, empty_response, json_response
from ..store import Entry

CSRS = f"{API}/trust-management/csrs"
EXTENDED = f"{API}/trust-management/csrs-extended"
ATTRIBUTES = {"CN": NameOID.COMMON_NAME, "O": NameOID.ORGANIZATION_NAME,
              "OU": NameOID.ORGANIZATIONAL_UNIT_NAME, "C": NameOID.COUNTRY_NAME,
              "ST": NameOID.STATE_OR_PROVINCE_NAME, "L": NameOID.LOCALITY_NAME}


class SigningRequest:
    def __init__(self, call, body, extended):
        self.id = call.cluster.new_id()
        self.display_name = body.get("display_name") or self.id
        self.subject = subject_of(body)
        self.names = names_of(body) if extended else []
        self.key = call.sim.keys.take(call.cluster.rng.randrange(4))
        builder = x509.CertificateSigningRequestBuilder().subject_name(self.subject)
        if self.names:
            san = x509.SubjectAlternativeName(certs.general_names(self.names))
            builder = builder.add_extension(san, critical=False)
        signed = builder.sign(self.key, hashes.SHA256())
        self.pem = signed.public_bytes(serialization.Encoding.PEM).decode()

    def to_json(self):
        attributes = [{"key": word, "value": found.value} for word, oid in ATTRIBUTES.items()
                      for found in self.subject.get_attributes_for_oid(oid)]
        return {"id": self.id, "display_name": self.display_name, "resource_type": "csr",
                "subject": {"attributes": attributes}, "key_size": self.key.key_size,
                "algorithm": "RSA", "pem_encoded": self.pem, "_revision": 0}


def subject_of(body):
    """The x509 name of a `subject` member; raises ApiError."""
    try:
        pairs = [(ATTRIBUTES[one["key"]], one["value"]) for one in body["subject"]["attributes"]]
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])
    except (KeyError, TypeError, ValueError):
        raise ApiError(400, "Invalid value for 'subject'.", 220) from None


def names_of(body):
    try:
        found = body["extensions"]["subject_alt_names"]
        return [*found.get("dns_names", ()), *found.get("ip_addresses", ())]
    except (KeyError, TypeError, AttributeError):
        return []


def create(extended):
    def handler(call):
        made = SigningRequest(call, call.json_body(), extended)
        call.cluster.csrs[made.id] = made
        return json_response(made.to_json(), 201)
    return handler


def list_requests(call):
    results = [one.to_json() for one in call.cluster.csrs.values()]
    return json_response({"results": results, "result_count": len(results)})


def find(call):
    found = call.cluster.csrs.get(call.parts["id"])
    if found is None:
        raise ApiError(404, f"The object {call.parts['id']} does not exist.",
                       int(call.switches.not_found_code))
    return found


def get(call):
    return json_response(find(call).to_json())


def delete(call):
    del call.cluster.csrs[find(call).id]
    return empty_response()


def sign(call, made):
    """Store a self-signed certificate of a request."""
    days = call.query.get("days_valid", "825")
    if not days.isdigit() or not 0 < int(days) < 20000:
        raise ApiError(400, f"Invalid value '{days}' for parameter 'days_valid'.", 220)
    cluster = call.cluster
    cert = certs.make_certificate(made.subject, made.key.public_key(), made.key,
                                  cluster.new_serial(), cluster.clock.now() - 60, int(days),
                                  names=made.names)
    entry = Entry(cluster.new_id(), certs.cert_to_pem(cert), made.key, made.display_name,
                  cluster.clock.now(), call.user.name, chain=[cert])
    return json_response(cluster.store.add(entry).to_json(cluster))


def self_sign(call):
    return sign(call, find(call))


def self_sign_new(call):
    return sign(call, SigningRequest(call, call.json_body(), False))


def import_signed(call):
    """The certificate that a CA made of a request."""
    made, body = find(call), call.json_body()
    body["private_key"] = certs.key_to_pem(made.key)
    entry = call.cluster.store.add(rules.new_entry(call, body))
    return json_response({"results": [entry.to_json(call.cluster)], "result_count": 1}, 201)


ROUTES = [
    Route("GET", CSRS, list_requests, "csrs"),
    Route("POST", CSRS, create(False), "csrs", writes="trust"),
    Route("POST", CSRS, self_sign_new, "csrs-self-sign-new", "self_sign", writes="trust",
          params=("days_valid",)),
    Route("GET", f"{CSRS}/{{id}}", get, "csrs"),
    Route("DELETE", f"{CSRS}/{{id}}", delete, "csrs", writes="trust"),
    Route("POST", f"{CSRS}/{{id}}", self_sign, "csrs", "self_sign", writes="trust",
          params=("days_valid",)),
    Route("POST", f"{CSRS}/{{id}}", import_signed, "csrs", "import", writes="trust"),
    Route("GET", EXTENDED, list_requests, "csrs-extended"),
    Route("POST", EXTENDED, create(True), "csrs-extended", writes="trust"),
    Route("GET", f"{EXTENDED}/{{id}}", get, "csrs-extended"),
    Route("DELETE", f"{EXTENDED}/{{id}}", delete, "csrs-extended", writes="trust"),
    Route("POST", f"{EXTENDED}/{{id}}", self_sign, "csrs-extended", "self_sign", writes="trust",
          params=("days_valid",)),
    Route("POST", f"{EXTENDED}/{{id}}", import_signed, "csrs-extended", "import",
          writes="trust"),
]
