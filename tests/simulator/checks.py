# SPDX-License-Identifier: Apache-2.0
"""What a manager checks when it validates a certificate or puts it to use."""
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku

from . import certs, rules
from .messages import ApiError

CLUSTER_SERVICES = {"MGMT_CLUSTER", "MGMT_PLANE", "GLOBAL_MANAGER", "LOCAL_MANAGER"}
#: no certificate may serve two classes (4.2)
CLASSES = {"APH": "RPC", "APH_TN": "RPC", "CCP": "RPC", "RMQ": "RPC",
           "CBM_CLUSTER_MANAGER": "CBM", "GLOBAL_MANAGER": "FEDERATION",
           "LOCAL_MANAGER": "FEDERATION"}
PURPOSES = {"SERVER": Eku.SERVER_AUTH, "CLIENT": Eku.CLIENT_AUTH}


def is_cluster_service(kind):
    return kind in CLUSTER_SERVICES


def class_of(kind):
    return CLASSES.get(kind, "REST")


def validate(cluster, entry, usage):
    """The body of ?action=validate."""
    if cluster.sim.switches.validate_result == "error":
        return {"status": "ERROR", "error_message": "Certificate could not be checked."}
    reason = (rules.chain_fault(entry.chain) if entry.key else None) or leaf_fault(
        cluster, entry, usage)
    if reason:
        return {"status": "REJECTED", "error_message": f"Certificate was rejected: {reason}"}
    if crl_pending(cluster, entry):
        return {"status": "CRL_NOT_READY"}
    return {"status": "OK"}


def leaf_fault(cluster, entry, usage):
    now = cluster.clock.now()
    for cert in entry.chain:
        if not certs.valid_at(cert, now):
            return f"{cert.subject.rfc4514_string()} is expired or not yet valid"
    if entry.key is None and certs.is_ca(entry.leaf):
        return None
    return (basic_constraints_fault(cluster, entry.leaf) or key_usage_fault(cluster, entry.leaf)
            or purpose_fault(cluster, entry.leaf, usage))


def basic_constraints_fault(cluster, leaf):
    where = cluster.sim.switches.missing_basic_constraints
    if where == "accept" or (where == "profile" and not cluster.profile.has("basic-constraints")):
        return None
    found = certs.extension(leaf, x509.BasicConstraints)
    if found is None or found.ca:
        return "the private key does not match the certificate"
    return None


def key_usage_fault(cluster, leaf):
    usage = certs.extension(leaf, x509.KeyUsage)
    if usage is None or usage.key_encipherment:
        return None
    wanted = cluster.sim.switches.ku_check_ec
    if isinstance(leaf.public_key(), ec.EllipticCurvePublicKey) and not (
            wanted == "on" or (wanted == "profile" and cluster.profile.has("ku-check-ec"))):
        return None
    return "KeyUsage does not allow key encipherment"


def purpose_fault(cluster, leaf, usage):
    if not cluster.security_setting("eku_checking"):
        return None
    found = certs.extension(leaf, x509.ExtendedKeyUsage)
    if found is None:
        absent = cluster.sim.switches.eku_absent == "rejected"
        return "ExtendedKeyUsage is missing" if absent else None
    wanted = {PURPOSES[usage]} if usage else set(PURPOSES.values())
    if wanted.isdisjoint(set(found)):
        return f"ExtendedKeyUsage does not allow {usage or 'SERVER'}"
    return None


def crl_pending(cluster, entry):
    """True while the CRL of a certificate that names one is being fetched."""
    if not (cluster.profile.has("security-global-config")
            and cluster.security_setting("crl_checking")):
        return False
    if not any(certs.extension(cert, x509.CRLDistributionPoints) for cert in entry.chain):
        return False
    asked = cluster.crl_calls.get(entry.id, 0)
    cluster.crl_calls[entry.id] = asked + 1
    return asked < cluster.sim.switches.crl_ready_after


def may_apply(cluster, entry, kind, node):
    """Raise ApiError when the certificate may not be put to this use."""
    if entry.key is None:
        raise ApiError(400, f"Certificate {entry.id} has no private key.")
    reason = rules.chain_fault(entry.chain)
    if reason:
        raise ApiError(400, f"Certificate chain validation failed. {reason}", 2076)
    self_signed = certs.is_self_signed(entry.leaf)
    if self_signed and cluster.security_setting("ca_signed_only"):
        raise ApiError(400, "Only CA-signed certificates may be used for this service.")
    if crl_pending(cluster, entry):
        raise ApiError(400, "The CRL of the certificate is not ready.", details="CRL_NOT_READY")
    if cluster.profile.has("endpoint-names") and not self_signed:
        refuse_wrong_name(cluster, entry, kind, node)
    if cluster.profile.has("certificate-class"):
        refuse_other_class(cluster, entry, kind)


def refuse_wrong_name(cluster, entry, kind, node):
    """4.2: a CA-signed certificate names its endpoint; the VIP must be set."""
    if kind == "MGMT_CLUSTER":
        if cluster.vip is None:
            raise ApiError(400, "The cluster virtual IP is not configured.")
        wanted = {cluster.vip, cluster.vip_fqdn, cluster.vip6}
    elif kind == "API":
        wanted = {node.address, node.fqdn}
    else:
        return
    names = {name.lower() for name in certs.names_of(entry.leaf)}
    if not any(matches(name, word) for name in names for word in wanted if word):
        raise ApiError(400, "The certificate names neither the IP address nor the FQDN of the"
                       " endpoint in its common name or subject alternative names.")


def matches(name, wanted):
    if name.startswith("*."):
        return wanted.partition(".")[2] == name[2:]
    return name == wanted


def refuse_other_class(cluster, entry, kind):
    for (used_for, _), used in cluster.uses.items():
        if used is entry and class_of(used_for) != class_of(kind):
            raise ApiError(400, f"Certificate {entry.id} is used for {used_for}; it cannot be"
                           f" shared with {kind}.")
