# SPDX-License-Identifier: Apache-2.0
"""trust-management/certificates: the store, validation, apply_certificate."""
from . import API, Route
from .. import checks, paging, replace, rules
from ..cluster import VIP
from ..messages import ApiError, empty_response, html_response, json_response

STORE = f"{API}/trust-management/certificates"
LIST_PARAMS = ("cursor", "page_size", "sort_by", "sort_ascending", "included_fields", "details",
               "type", "node_id", "fmt")


def is_standard(call):
    """fmt exists from 9.0; before, it is one more unknown parameter."""
    word = call.query.get("fmt", "raw") if call.profile.has("fmt") else "raw"
    if word not in ("raw", "standard"):
        raise ApiError(400, f"Invalid value '{word}' for parameter 'fmt'.", 220)
    return word == "standard"


def list_certificates(call):
    details, standard = call.query.get("details") == "true", is_standard(call)
    entries = filtered(call, list(call.cluster.store))
    if call.fault:
        entries = call.fault.visible(entries, call.cluster)
    return paging.page(call, entries,
                       lambda entry: entry.to_json(call.cluster, details, standard))


def filtered(call, entries):
    """The filters `type` and, from 4.1, `node_id`."""
    kind = call.query.get("type")
    uses = call.cluster.uses
    if kind == "cluster_api_certificate":
        wanted = [uses.get(VIP)]
    elif kind == "api_certificate" and call.profile.has("filter-api-certificate"):
        node = call.query.get("node_id")
        wanted = [entry for (service, at), entry in uses.items()
                  if service == "API" and node in (None, at)]
    else:
        return entries
    return [entry for entry in entries if entry in wanted]


def import_certificate(call):
    entries = [rules.new_entry(call, call.json_body())]
    for entry in entries:
        call.cluster.store.add(entry)
    results = [entry.to_json(call.cluster) for entry in entries]
    return json_response({"results": results, "result_count": len(results)},
                         int(call.switches.import_status))


def get(call):
    entry = call.entry(call.parts["id"])
    return json_response(entry.to_json(call.cluster, call.query.get("details") == "true",
                                       is_standard(call)))


def delete(call):
    entry = call.entry(call.parts["id"])
    if entry.stale and call.profile.has("stale-entries"):
        raise ApiError(400, f"Certificate {entry.id} cannot be deleted: a stale entry refers to"
                       " it.")
    if call.cluster.used_by(entry.id):
        raise ApiError(400, f"The object {entry.id} cannot be deleted as it is in use.", 500030)
    call.cluster.store.remove(entry.id)
    return empty_response()


def validate(call):
    entry = call.entry(call.parts["id"])
    usage = call.query.get("usage") if call.profile.has("validate-usage") else None
    if usage not in (None, "SERVER", "CLIENT"):
        raise ApiError(400, f"Invalid value '{usage}' for parameter 'usage'.", 220)
    return json_response(checks.validate(call.cluster, entry, usage))


def apply_certificate(call):
    """?action=apply_certificate&service_type=…[&node_id=…]"""
    entry = call.entry(call.parts["id"])
    kind = call.required("service_type")
    node = target_node(call, kind)
    replace.refuse_second(call.cluster)
    checks.may_apply(call.cluster, entry, kind, node)
    if kind == "MGMT_CLUSTER":
        call.cluster.was_set = True
    replace.replace(call.cluster, [(kind, node and node.uuid)], entry, call.fault)
    status = int(call.switches.apply_status)
    return html_response(504, "504 Gateway Time-out") if status == 504 else empty_response(status)


def target_node(call, kind):
    """The node of a node service; None for a cluster service; raises ApiError."""
    if kind not in call.profile.service_types:
        raise ApiError(400, f"Invalid value '{kind}' for parameter 'service_type'.", 220)
    ident = call.query.get("node_id")
    if checks.is_cluster_service(kind):
        if ident:
            raise ApiError(400, f"Parameter 'node_id' is not allowed for {kind}.")
        return None
    node = call.cluster.node_of(call.required("node_id"))
    if node is None or node.uuid != ident:
        raise ApiError(404, f"The node {ident} does not exist.",
                       int(call.switches.not_found_code))
    return node


ROUTES = [
    Route("GET", STORE, list_certificates, "trust", params=LIST_PARAMS),
    Route("POST", STORE, import_certificate, "trust", "import", writes="trust"),
    Route("GET", f"{STORE}/{{id}}", get, "trust", params=("details", "fmt")),
    Route("DELETE", f"{STORE}/{{id}}", delete, "trust", writes="trust"),
    Route("GET", f"{STORE}/{{id}}", validate, "validate", "validate", params=("usage",)),
    Route("POST", f"{STORE}/{{id}}", apply_certificate, "apply-certificate", "apply_certificate",
          writes="trust", params=("service_type", "node_id"), switch="3.1:apply_in_3_1"),
]
