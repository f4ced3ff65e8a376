# SPDX-License-Identifier: Apache-2.0
"""cluster/api-certificate: the certificate that the VIP shows."""
from . import API, Route
from .. import checks, replace
from ..cluster import VIP
from ..messages import ApiError, json_response

PATH = f"{API}/cluster/api-certificate"


def get(call):
    if not call.cluster.was_set:
        how = call.switches.api_certificate_unset
        if how == "absent":
            return json_response({})
        if how == "null":
            return json_response({"certificate_id": None})
    return json_response({"certificate_id": call.cluster.registered()})


def set_certificate(call):
    entry = call.entry(call.required("certificate_id"))
    replace.refuse_second(call.cluster)
    checks.may_apply(call.cluster, entry, "MGMT_CLUSTER", None)
    services = [VIP]
    if not call.profile.at_least("3.0") and call.switches.set_cluster_changes_nodes == "on":
        services += [("API", node.uuid) for node in call.cluster.nodes]
    call.cluster.was_set = True
    replace.replace(call.cluster, services, entry, call.fault)
    return json_response({"certificate_id": entry.id})


def clear(call):
    """Afterwards each node answers the VIP with its own."""
    ident = call.required("certificate_id")
    if call.cluster.registered() != ident:
        raise ApiError(400, f"Certificate {ident} is not the cluster certificate.")
    replace.refuse_second(call.cluster)
    replace.replace(call.cluster, [VIP], None, call.fault)
    call.cluster.was_set = True
    return json_response({"certificate_id": None})


ROUTES = [
    Route("GET", PATH, get, "api-certificate"),
    Route("POST", PATH, set_certificate, "set-cluster-certificate", "set_cluster_certificate",
          writes="system", params=("certificate_id",)),
    Route("POST", PATH, clear, "clear-cluster-certificate", "clear_cluster_certificate",
          writes="system", params=("certificate_id",)),
]
