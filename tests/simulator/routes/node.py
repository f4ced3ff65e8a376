# SPDX-License-Identifier: Apache-2.0
"""The node API: one manager, asked itself or through cluster/NODE-ID/…"""
from datetime import datetime, timezone

from . import API, Route
from .. import checks, replace
from ..messages import empty_response, html_response, json_response

LIMITS = {"client_api_concurrency_limit": 40, "client_api_rate_limit": 100,
          "global_api_concurrency_limit": 199, "connection_timeout": 30,
          "session_timeout": 1800}


def host_name(call):
    return call.node.fqdn.partition(".")[0]


def get_node(call):
    now = call.cluster.clock.now()
    day = datetime.fromtimestamp(now, timezone.utc)
    return json_response({
        "node_uuid": call.node.uuid, "external_id": call.node.uuid, "kernel_version": "4.14.0",
        "node_version": call.profile.node_version,
        "product_version": call.profile.product_version, "hostname": host_name(call),
        "fully_qualified_domain_name": call.node.fqdn, "system_time": int(now * 1000),
        "system_datetime": day.strftime("%a %b %d %Y UTC %H:%M:%S.000"), "timezone": "Etc/UTC",
        "export_type": "UNRESTRICTED", "motd": "", "cli_timeout": 600, "cli_history_size": 500,
        "cli_output_datetime": False})


def get_version(call):
    return json_response({"node_version": call.profile.node_version,
                          "product_version": call.profile.product_version})


def get_http(call):
    limits = {**LIMITS, **call.cluster.api_service}
    entry = call.cluster.uses[("API", call.node.uuid)]
    return json_response({"service_name": "http", "service_properties": {
        **limits, "certificate": {"certificate_id": entry.id, "pem_encoded": entry.pem}}})


def get_http_status(_call):
    return json_response({"runtime_state": "running", "health": "STABLE", "reason": "",
                          "pids": [2101], "monitor_pid": 2100,
                          "monitor_runtime_state": "running"})


def apply_certificate(call):
    """?action=apply_certificate&certificate_id=ID: this node's API service."""
    entry = call.entry(call.required("certificate_id"))
    replace.refuse_second(call.cluster)
    checks.may_apply(call.cluster, entry, "API", call.node)
    replace.replace(call.cluster, [("API", call.node.uuid)], entry, call.fault)
    status = int(call.switches.node_apply_status)
    if status == 504:
        return html_response(504, "504 Gateway Time-out")
    if call.switches.node_apply_body == "empty":
        return empty_response(status)
    return json_response({"certificate_id": entry.id}, status)


def restart(call):
    """The API service of this node goes away and comes back."""
    entry = call.cluster.uses[("API", call.node.uuid)]
    replace.replace(call.cluster, [("API", call.node.uuid)], entry)
    return json_response({"runtime_state": "running"}, 202)


def set_running(up):
    def handler(call):
        call.node.up = up
        call.sim.refresh_later(call.sim.listener(call.cluster, call.node))
        return json_response({"runtime_state": "running" if up else "stopped"})
    return handler


def routes_under(prefix):
    http = f"{prefix}/node/services/http"
    return [
        Route("GET", f"{prefix}/node", get_node, "node"),
        Route("GET", f"{prefix}/node/version", get_version, "node"),
        Route("GET", http, get_http, "node-http"),
        Route("GET", f"{http}/status", get_http_status, "node-http"),
        Route("POST", http, apply_certificate, "node-http-apply", "apply_certificate",
              writes="system", params=("certificate_id",)),
        Route("POST", http, restart, "node-http", "restart", writes="system"),
        Route("POST", http, set_running(True), "node-http", "start", writes="system"),
        Route("POST", http, set_running(False), "node-http", "stop", writes="system"),
    ]


ROUTES = routes_under(API) + routes_under(f"{API}/cluster/{{target}}")
