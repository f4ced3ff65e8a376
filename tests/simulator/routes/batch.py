# SPDX-License-Identifier: Apache-2.0
"""certificates/action/batch-replace, batch-results and renewal (4.2 and later)."""
import re

from . import Route
from .trust import STORE
from .. import batch, checks, replace
from ..messages import ApiError, empty_response, json_response

IDENT = re.compile(r"[a-zA-Z0-9]+([-._]?[a-zA-Z0-9]+)*\Z")


def batch_replace(call):
    wanted = call.json_body().get("certificate_replacements")
    if not isinstance(wanted, list) or not wanted:
        raise ApiError(400, "Required property 'certificate_replacements' is missing.", 220)
    replace.refuse_second(call.cluster)
    pairs = [pair_of(call, one) for one in wanted]
    batch.Batch(call.cluster, pairs, call.switches.settle).start()
    call.cluster.was_set = True
    return empty_response()


def pair_of(call, wanted):
    """(old entry, new entry) of one item; raises ApiError."""
    if not isinstance(wanted, dict):
        raise ApiError(400, "An item of 'certificate_replacements' is not an object.", 220)
    for name, ident in wanted.items():
        if ident is not None and not (isinstance(ident, str) and IDENT.match(ident)):
            raise ApiError(400, f"Invalid value for '{name}'.", 220)
    old = call.entry(wanted.get("old_certificate_id"))
    uses = [service for service, used in call.cluster.uses.items() if used is old]
    if not uses:
        raise ApiError(400, f"Certificate {old.id} is not used by any service.")
    if wanted.get("new_certificate_id") is None:
        return old, replace.self_signed_copy(call.cluster, old)
    new = call.entry(wanted["new_certificate_id"])
    for kind, node in uses:
        checks.may_apply(call.cluster, new, kind, node and call.cluster.node_of(node))
    return old, new


def results(call):
    found = call.cluster.batch
    return json_response(found.to_json() if found else {"results": [], "result_count": 0})


def clear_results(call):
    """?force=true stops a running batch."""
    if batch.running(call.cluster):
        if call.query.get("force") != "true":
            raise ApiError(400, "A batch replacement is in progress.")
        call.cluster.batch.cancel()
    call.cluster.batch = None
    return empty_response()


def renew(call):
    replace.refuse_second(call.cluster)
    batch.renew_due(call.cluster)
    return empty_response(202)


ROUTES = [
    Route("POST", f"{STORE}/action/batch-replace", batch_replace, "batch-replace",
          writes="trust", params=("force",)),
    Route("GET", f"{STORE}/batch-results", results, "batch-replace"),
    Route("DELETE", f"{STORE}/batch-results", clear_results, "batch-replace", writes="trust",
          params=("force",)),
    Route("POST", f"{STORE}/action/renew-appliance-certificates", renew, "renew-appliance",
          writes="trust"),
]
