# SPDX-License-Identifier: Apache-2.0
"""Settings: cluster/api-service, the security switches, certificate profiles."""
from . import API, Route
from .node import LIMITS
from .. import checks
from ..messages import ApiError, json_response

SECURITY = {"crl_checking_enabled": "crl_checking", "ca_signed_only": "ca_signed_only",
            "eku_checking_enabled": "eku_checking"}
PROFILES = f"{API}/trust-management/certificate-profile"


def check_revision(call, body, present):
    if body.get("_revision") != present:
        raise ApiError(int(call.switches.stale_revision), "The object was changed meanwhile;"
                       " fetch it and try again.", 500087)


# -- cluster/api-service --------------------------------------------------------

def api_service(call):
    cluster = call.cluster
    old = not call.profile.has("no-old-tls")
    return {
        **LIMITS, "protocol_versions": [{"name": "TLSv1.1", "enabled": old},
                                        {"name": "TLSv1.2", "enabled": True}],
        "cipher_suites": [], "redirect_host": "", "lockout_immune_addresses": [],
        "basic_authentication_enabled": cluster.access.allows("basic"),
        "cookie_based_authentication_enabled": cluster.access.allows("cookie"),
        **cluster.api_service, "_revision": cluster.api_service_revision}


def get_api_service(call):
    return json_response(api_service(call))


def put_api_service(call):
    body = call.json_body()
    check_revision(call, body, call.cluster.api_service_revision)
    for name in LIMITS:
        if type(body.get(name)) is not int or body[name] < 0:
            raise ApiError(400, f"Invalid value for '{name}'.", 220)
    known = api_service(call)
    call.cluster.api_service = {name: value for name, value in body.items()
                                if name in known and not name.startswith("_")}
    call.cluster.api_service_revision += 1
    return get_api_service(call)


# -- security switches ------------------------------------------------------------

def security(call):
    cluster = call.cluster
    body = {member: cluster.security_setting(name) for member, name in SECURITY.items()}
    if call.profile.has("auto-renewal"):
        word = f"automatic_appliance_certificate_{call.switches.renewal_words}"
        body[f"{word}_enabled"] = cluster.security_setting("auto_renewal")
        body[f"{word}_lead_time"] = cluster.renewal_days
    return {**body, "resource_type": "SecurityGlobalConfig", "id": "security-global-config",
            "_revision": cluster.security_revision}


def get_security(call):
    return json_response(security(call))


def put_security(call):
    body, cluster = call.json_body(), call.cluster
    check_revision(call, body, cluster.security_revision)
    word = f"automatic_appliance_certificate_{call.switches.renewal_words}"
    members = {**SECURITY, f"{word}_enabled": "auto_renewal"}
    for member, name in members.items():
        if isinstance(body.get(member), bool):
            cluster.security[name] = body[member]
    cluster.renewal_days = int(body.get(f"{word}_lead_time", cluster.renewal_days))
    cluster.security_revision += 1
    return get_security(call)


# -- profiles -----------------------------------------------------------------------

def profile(call, kind):
    body = {"service_type": kind, "profile_name": kind.replace("_", " ").title(),
            "cluster_certificate": checks.is_cluster_service(kind),
            "node_type": ["NSX_MANAGER"],
            "extended_key_usage": ["SERVER", "CLIENT"] if kind in ("APH", "APH_TN", "CCP")
            else ["CLIENT"] if kind in ("RSYSLOG_CLIENT", "CLIENT_AUTH") else ["SERVER"],
            "unique_use": kind in ("APH", "APH_TN", "CCP"), "resource_type": "CertificateProfile"}
    if call.profile.has("requires-private-key"):
        body["requires_private_key"] = kind != "CLIENT_AUTH"
    if call.profile.has("certificate-class"):
        body.update(certificate_class=checks.class_of(kind), affected_services=[kind],
                    abort_on_error=False)
    return body


def list_profiles(call):
    results = [profile(call, kind) for kind in call.profile.service_types]
    return json_response({"results": results, "result_count": len(results)})


def get_profile(call):
    kind = call.parts["kind"]
    if kind not in call.profile.service_types:
        raise ApiError(404, f"There is no certificate profile {kind}.",
                       int(call.switches.not_found_code))
    return json_response(profile(call, kind))


def put_and_get(path, name, getter, putter, switch=""):
    return [Route("GET", path, getter, name, switch=switch),
            Route("PUT", path, putter, name, writes="system", switch=switch)]


ROUTES = [
    *put_and_get(f"{API}/cluster/api-service", "api-service", get_api_service, put_api_service,
                 "2.4:api_service_in_2_4"),
    *put_and_get(f"{API}/global-configs/SecurityGlobalConfig", "security-global-config",
                 get_security, put_security),
    *put_and_get("/policy/api/v1/infra/security-global-config", "policy-security-config",
                 get_security, put_security),
    Route("GET", f"{PROFILES}s", list_profiles, "certificate-profiles",
          switch="3.1:apply_in_3_1"),
    Route("GET", f"{PROFILES}/{{kind}}", get_profile, "certificate-profiles",
          switch="3.1:apply_in_3_1"),
]
