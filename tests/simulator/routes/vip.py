# SPDX-License-Identifier: Apache-2.0
"""cluster/api-virtual-ip: the address that the leader of the managers owns."""
import asyncio
import ipaddress

from . import API, Route
from ..messages import ApiError, json_response

PATH = f"{API}/cluster/api-virtual-ip"
CLEAR_DELAY = 0.03


def describe(call):
    unset = call.switches.vip_unset == "null"
    body = {"_schema": "ClusterVirtualIpProperties",
            "_self": {"href": "/cluster/api-virtual-ip", "rel": "self"},
            "ip_address": call.cluster.vip or (None if unset else "0.0.0.0")}
    if call.profile.has("virtual-ip6"):
        body["ip6_address"] = call.cluster.vip6 or (None if unset else "::")
    return json_response(body)


def set_vip(call):
    modern = call.profile.has("virtual-ip6")
    wanted, wanted6 = call.query.get("ip_address"), call.query.get("ip6_address")
    if not modern or not wanted6:
        call.required("ip_address")
    force = call.query.get("force", "false") if modern else "false"
    if force not in ("true", "false"):
        raise ApiError(400, f"Invalid value '{force}' for parameter 'force'.", 220)
    if wanted6 and modern:
        call.cluster.vip6 = str(parsed(wanted6, ipaddress.IPv6Address))
    if wanted:
        address = str(parsed(wanted, ipaddress.IPv4Address))
        if address != call.cluster.vip:
            check(call, address, force == "true")
            move_later(call, address)
    return describe(call)


def parsed(text, kind):
    try:
        return kind(text)
    except ValueError:
        raise ApiError(400, f"Invalid IP address '{text}'.", 220) from None


def check(call, address, force):
    """Subnet, reserved addresses, and from 4.0 duplicates and DNS."""
    cluster = call.cluster
    network = ipaddress.ip_network(f"{cluster.network}.0/24")
    if address in [node.address for node in cluster.nodes]:
        raise ApiError(400, f"{address} is the address of a manager node.")
    if address in ("0.0.0.0", str(network.network_address), str(network.broadcast_address)):
        raise ApiError(400, f"{address} cannot be a virtual IP address.")
    if ipaddress.ip_address(address) not in network:
        raise ApiError(409, "The manager nodes and the virtual IP address are not in the same"
                       " subnet.")
    if not call.profile.has("virtual-ip6") or force:
        return
    status = int(call.switches.vip_refused_status)
    if address in cluster.addresses_in_use:
        raise ApiError(status, f"{address} is already in use.")
    if address in cluster.addresses_without_dns:
        raise ApiError(status, f"{address} has no DNS entry.")


def move_later(call, address):
    """The answer goes out first; then the client at the old address is cut off."""
    call.cluster.vip = address
    asyncio.get_running_loop().call_later(CLEAR_DELAY, call.sim.move_vip, call.cluster, address)


def clear(call):
    if call.cluster.vip:
        move_later(call, None)
    return describe(call)


def clear6(call):
    call.cluster.vip6 = None
    return describe(call)


ROUTES = [
    Route("GET", PATH, describe, "virtual-ip"),
    Route("POST", PATH, set_vip, "virtual-ip", "set_virtual_ip", writes="cluster",
          params=("ip_address", "ip6_address", "force")),
    Route("POST", PATH, clear, "virtual-ip", "clear_virtual_ip", writes="cluster"),
    Route("POST", PATH, clear6, "virtual-ip6", "clear_virtual_ip6", writes="cluster"),
]
