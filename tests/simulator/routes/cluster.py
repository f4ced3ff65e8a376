# SPDX-License-Identifier: Apache-2.0
"""The cluster as it describes itself: members, groups, health."""
from . import API, Route
from .. import certs
from ..messages import json_response

ENTITIES = ("HTTP", "DATASTORE", "MANAGER", "POLICY", "CONTROLLER")
GROUPS = ("DATASTORE", "CLUSTER_BOOT_MANAGER", "CONTROLLER", "MANAGER", "POLICY", "HTTPS")
STATES = {"STABLE": "STABLE", "DEGRADED": "DEGRADED", "UNAVAILABLE": "UNSTABLE"}


def fqdn(call, node):
    return node.fqdn if call.switches.node_fqdn == "on" else ""


def describe_node(call, node):
    entry = call.cluster.uses[("API", node.uuid)]
    pem, print_ = certs.cert_to_pem(entry.leaf), certs.thumbprint(entry.leaf)
    port = call.listener.port
    body = {
        "node_uuid": node.uuid, "display_name": node.fqdn.partition(".")[0],
        "fqdn": fqdn(call, node), "status": "JOINED",
        "entities": [{"entity_type": kind, "ip_address": node.address, "port": port}
                     for kind in ENTITIES],
        "certificates": [{"entity_type": kind, "certificate": pem,
                          "certificate_sha256_thumbprint": print_} for kind in ENTITIES],
        "msg_clients": [],
    }
    if call.profile.has("api-listen-addr"):
        body["api_listen_addr"] = {
            "ip_address": node.address, "port": port, "fqdn": fqdn(call, node),
            "certificate": pem, "certificate_sha256_thumbprint": print_,
            "service_endpoint_uuid": node.uuid, "entities_hosted": []}
    return body


def get_cluster(call):
    return json_response({
        "cluster_id": call.cluster.id,
        "nodes": [describe_node(call, node) for node in call.cluster.nodes],
        "mgmt_cluster_changes_allowed": True, "control_cluster_changes_allowed": True,
        "_revision": len(call.cluster.nodes)})


def list_nodes(call):
    results = []
    for node in call.cluster.nodes:
        listen = {"ip_address": node.address, "port": call.listener.port}
        results.append({"id": node.uuid, "external_id": node.uuid,
                        "resource_type": "ClusterNodeConfig",
                        "display_name": node.fqdn.partition(".")[0],
                        "appliance_mgmt_listen_addr": node.address,
                        "manager_role": {"type": "ManagementClusterRoleConfig",
                                         "api_listen_addr": listen},
                        "controller_role": {"type": "ControllerClusterRoleConfig"},
                        "_revision": 0})
    return json_response({"results": results, "result_count": len(results)})


def get_status(call):
    cluster = call.cluster
    overall = cluster.overall_status()
    listed = [[{"uuid": node.uuid, "mgmt_cluster_listen_ip_address": node.address}
               for node in cluster.nodes if node.up is up] for up in (True, False)]
    body = {"cluster_id": cluster.id,
            "mgmt_cluster_status": {"status": STATES.get(overall, overall),
                                    "online_nodes": listed[0], "offline_nodes": listed[1]},
            "control_cluster_status": {"status": STATES.get(overall, overall)}}
    old_one = call.profile.version == "2.4"
    if not old_one or call.switches.detailed_cluster_status_in_2_4 == "on":
        body["detailed_cluster_status"] = {
            "cluster_id": cluster.id, "overall_status": overall,
            "groups": [describe_group(call, kind, overall) for kind in GROUPS]}
    return json_response(body)


def describe_group(call, kind, overall):
    cluster = call.cluster
    members = [{"member_uuid": node.uuid, "member_ip": node.address,
                "member_fqdn": fqdn(call, node),
                "member_status": "UP" if node.up else "DOWN"} for node in cluster.nodes]
    leaders = [{"service_name": "api", "leader_uuid": cluster.holder.uuid,
                "lease_version": cluster.lease}] if kind == "HTTPS" else []
    return {"group_id": f"{cluster.id[:24]}{GROUPS.index(kind):012d}", "group_type": kind,
            "group_status": overall, "members": members, "leaders": leaders}


def get_health(call):
    healthy = call.node.up and call.cluster.status != "UNAVAILABLE"
    word = "UP" if healthy else "DOWN"
    parts = ("POLICY", "SEARCH", "MANAGER", "NODE_MGMT", "UI")
    return json_response({"healthy": healthy, "components_health":
                          ", ".join(f"{part}:{word}" for part in parts)},
                         200 if healthy else 503)


def get_manager_status(call):
    return json_response({"overall_status": call.cluster.overall_status()})


ROUTES = [
    Route("GET", f"{API}/cluster", get_cluster, "cluster"),
    Route("GET", f"{API}/cluster/nodes", list_nodes, "cluster"),
    Route("GET", f"{API}/cluster/status", get_status, "cluster"),
    Route("GET", f"{API}/reverse-proxy/node/health", get_health, "health"),
    Route("GET", f"{API}/cluster-manager/status", get_manager_status, "cluster-manager-status",
          switch="cluster_manager_status"),
]
