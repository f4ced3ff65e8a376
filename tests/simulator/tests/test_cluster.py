# SPDX-License-Identifier: Apache-2.0
"""Paging, the virtual IP, and what PATCH /state does to a cluster."""
from urllib.parse import quote

import pytest

from plain import STORE, Client, make
from simulator.fixture import SimulatorError

VIP = "cluster/api-virtual-ip"


def pages(client, size, more=""):
    """Every id, page by page, and the pages themselves."""
    found, seen, cursor = [], [], ""
    while True:
        query = f"?page_size={size}{more}" + (f"&cursor={quote(cursor, safe='')}" if cursor else "")
        page = client.get(STORE + query).json
        seen.append(page)
        found += [entry["id"] for entry in page["results"]]
        cursor = page.get("cursor")
        if not cursor or cursor.startswith("0000"):
            return found, seen


def test_pages(start):
    sim, client = start("4.1", certificates=25)
    found, seen = pages(client, 10)
    assert len(found) == len(set(found)) == 29
    assert [len(page["results"]) for page in seen] == [10, 10, 9]
    assert seen[0]["result_count"] == 29 and "result_count" not in seen[1]
    sim.switches({"page_cap": 4, "cursor_end": "zeros"})
    found, seen = pages(client, 200)
    assert len(found) == 29 and seen[-1]["cursor"] == "0000"
    sim.switches({"short_pages": "on", "cursor_end": "empty"})
    again, seen = pages(client, 10)
    assert again == found
    assert [] in [page["results"] for page in seen] and seen[-1]["cursor"] == ""
    assert client.get(f"{STORE}?included_fields=id").json["results"][0]["pem_encoded"]


def test_wrong_and_stale_cursors(start):
    sim, client = start("4.1", certificates=25)
    assert client.get(f"{STORE}?cursor=nothing").status == 400
    for size in ("-1", "1001", "x"):
        assert client.get(f"{STORE}?page_size={size}").status == 400
    cursor = quote(client.get(f"{STORE}?page_size=2").json["cursor"], safe="")
    sim.switches({"stale_cursor": "on"})
    assert client.get(f"{STORE}?cursor={cursor}").status == 200
    client.add(make().pem)
    assert client.get(f"{STORE}?cursor={cursor}").status == 400


def test_sorting(start):
    _, client = start("4.1", certificates=25)
    rising = client.get(f"{STORE}?sort_by=display_name").json["results"]
    falling = client.get(f"{STORE}?sort_by=display_name&sort_ascending=false").json["results"]
    names = [entry["display_name"] for entry in rising]
    assert names == sorted(names)
    assert [entry["display_name"] for entry in falling] == names[::-1]


def test_fmt_from_9_0(start):
    pem = make().pem.replace("\n", "\r\n")
    for version, cleaned in (("4.2", False), ("9.0", True)):
        _, client = start(version)
        ident = client.add(pem).json["results"][0]["id"]
        found = client.get(f"{STORE}/{ident}?fmt=standard").json["pem_encoded"]
        assert (found == pem.replace("\r", "")) is cleaned
        assert client.get(f"{STORE}/{ident}").json["pem_encoded"] == pem


# -- virtual IP --------------------------------------------------------------------

def set_vip(client, address, more=""):
    return client.post(f"{VIP}?action=set_virtual_ip&ip_address={address}{more}",
                       address=client.sim.nodes[1]["address"])


def test_virtual_ip_by_version(start):
    _, client = start("3.2")
    assert "ip6_address" not in client.get(VIP).json
    sim, client = start("4.0")
    assert client.get(VIP).json == {
        "_schema": "ClusterVirtualIpProperties", "ip_address": sim.vip, "ip6_address": "::",
        "_self": {"href": "/cluster/api-virtual-ip", "rel": "self"}}


def test_the_vip_moves_to_another_address(start):
    sim, client = start("4.0")
    new = sim.vip[:-2] + "77"
    assert set_vip(client, new).json["ip_address"] == new
    client.wait(lambda state: state["serves"]["vip"]["address"] == new)
    assert client.get("node", address=new).status == 200
    with pytest.raises(ConnectionRefusedError):
        client.get("node", address=sim.vip)
    assert set_vip(client, new).status == 200
    cleared = client.post(f"{VIP}?action=clear_virtual_ip", address=sim.nodes[0]["address"])
    assert cleared.json["ip_address"] == "0.0.0.0"
    client.wait(lambda state: "vip" not in state["serves"])
    sim.switches({"vip_unset": "null"})
    assert client.get(VIP, address=sim.nodes[0]["address"]).json["ip_address"] is None


def test_virtual_ip_rules(start):
    sim, client = start("4.0")
    net = sim.vip[:-2]
    for address, status in ((sim.nodes[0]["address"], 400), ("0.0.0.0", 400), (f"{net}0", 400),
                            (f"{net}255", 400), ("192.0.2.1", 409), ("x", 400)):
        assert set_vip(client, address).status == status, address
    assert client.post(f"{VIP}?action=set_virtual_ip").status == 400
    sim.patch({"addresses_in_use": [f"{net}88"], "addresses_without_dns": [f"{net}89"]})
    assert set_vip(client, f"{net}88").status == 400
    assert set_vip(client, f"{net}89", "&force=false").status == 400
    assert set_vip(client, f"{net}89", "&force=yes").status == 400
    assert set_vip(client, f"{net}88", "&force=true").status == 200
    assert client.post(f"{VIP}?action=set_virtual_ip&ip6_address=fd00::1",
                       address=sim.nodes[0]["address"]).json["ip6_address"] == "fd00::1"


def test_failover_on_command(start):
    sim, client = start("3.2", vip_certificate="node")
    assert client.served() == client.served(sim.nodes[0]["address"])
    client.post("/api/session/create", f"j_username=admin&j_password={sim.password}")
    sim.patch({"vip_holder": sim.nodes[2]["uuid"]})
    client.wait(lambda state: state["serves"]["vip"]["listening"])
    assert client.served() == client.served(sim.nodes[2]["address"])
    assert client.get("node").json["node_uuid"] == sim.nodes[2]["uuid"]
    groups = client.get("cluster/status").json["detailed_cluster_status"]["groups"]
    leader = next(one for one in groups if one["group_type"] == "HTTPS")["leaders"][0]
    assert leader["leader_uuid"] == sim.nodes[2]["uuid"]
    assert sim.state()["sessions"] == 0


def test_a_manager_goes_down_and_comes_back(start):
    sim, client = start("3.2")
    node = sim.nodes[0]
    sim.patch({"nodes": {node["uuid"]: {"up": False}}})
    with pytest.raises(OSError):
        client.get("node", address=node["address"])
    client.wait(lambda state: state["serves"]["vip"]["listening"])
    status = client.get("cluster/status").json
    assert status["detailed_cluster_status"]["overall_status"] == "DEGRADED"
    assert status["mgmt_cluster_status"]["offline_nodes"][0]["uuid"] == node["uuid"]
    sim.patch({"nodes": {node["uuid"]: {"up": True}}})
    assert client.get("node", address=node["address"]).status == 200
    assert client.get("cluster/status").json["mgmt_cluster_status"]["status"] == "STABLE"


@pytest.mark.parametrize("version", ("4.1", "4.2"))
def test_a_joining_manager(start, version):
    sim, client = start(version)
    sim.patch({"join": True})
    found = client.get("cluster").json["nodes"]
    assert len(found) == 4
    address = found[3]["entities"][0]["ip_address"]
    assert (client.served(address) == client.served()) == (version == "4.2")
    sim.patch({"leave": found[0]["node_uuid"]})
    client.wait(lambda state: state["serves"]["vip"]["listening"])
    assert len(client.get("cluster").json["nodes"]) == 3
    with pytest.raises(ConnectionRefusedError):
        client.get("node", address=sim.nodes[0]["address"])


def test_drift_and_rivals(start):
    sim, client = start("3.2")
    pair, before = make(), client.served()
    ident = client.add(pair.pem, pair.key).json["results"][0]["id"]
    state = sim.patch({"serves": {"vip": ident}})
    assert client.served() == pair.sha256 and state["registered"] != ident
    sim.patch({"uses": {sim.nodes[1]["address"]: ident}})
    assert client.served(sim.nodes[1]["address"]) == pair.sha256
    sim.patch({"rival": True})
    assert client.served() not in (before, pair.sha256)
    assert client.get("cluster/api-certificate").json["certificate_id"] != ident


def test_health_and_status_by_hand(start):
    sim, client = start("3.2")
    health = client.get("reverse-proxy/node/health")
    assert (health.status, health.json["healthy"]) == (200, True)
    sim.patch({"status": "UNAVAILABLE"})
    assert client.get("reverse-proxy/node/health").status == 503
    assert client.get("cluster/status").json["mgmt_cluster_status"]["status"] == "UNSTABLE"


def test_names_of_nodes_can_be_unpublished(start):
    sim, client = start("3.2")
    sim.switches({"node_fqdn": "off"})
    assert {node["fqdn"] for node in client.get("cluster").json["nodes"]} == {""}


@pytest.mark.parametrize("wrong", [
    {"nothing": 1}, {"cluster": 5}, {"vip_holder": "none"}, {"switches": {"none": 1}},
    {"switches": {"import_status": 404}}, {"registered": "none"}, {"users": {"x": {}}}])
def test_wrong_changes_are_explained(start, wrong):
    sim, _ = start("3.2")
    with pytest.raises(SimulatorError, match="PATCH /state: "):
        sim.call("PATCH", "/state", wrong)


def test_switches_are_listed_with_their_choices(start):
    sim, _ = start("3.2")
    listed = {one["name"]: one for one in sim.call("GET", "/switches")["switches"]}
    assert listed["import_status"]["choices"] == ["201", "200"]
    assert all(one["text"] and one["position"] == one["default"] for one in listed.values())


def test_several_clusters_are_strangers(start):
    sim, client = start("3.2", clusters=3, first_cluster=940, managers=1)
    pair = make()
    client.add(pair.pem, pair.key)
    other = Client(sim)
    other.address = sim.clusters[2]["vip"]
    assert client.get("cluster").json["cluster_id"] != other.get("cluster").json["cluster_id"]
    assert len(client.get(STORE).json["results"]) == len(other.get(STORE).json["results"]) + 1
    assert {entry["cluster"] for entry in sim.log()} == {"cluster-0", "cluster-2"}


def test_ipv6(start):
    sim, client = start("3.2", ipv6=True)
    assert client.get("node", address="::1").json["node_uuid"] == sim.nodes[0]["uuid"]
    assert client.served(sim.vip) == client.served("::1")


def test_the_same_seed_is_the_same_cluster(start):
    sim, client = start("3.2")
    first = client.get(STORE).json["results"][0]["id"]
    sim.reset()
    pem = make().pem
    a = client.add(pem).json["results"][0]["id"]
    sim.reset()
    assert client.add(pem).json["results"][0]["id"] == a
    assert client.get(STORE).json["results"][0]["id"] == first


def test_after_a_reset_no_entry_gets_an_id_of_the_factorys(start):
    sim, client = start("2.4")
    sim.reset()
    factory = {entry["id"] for entry in client.get(STORE).json["results"]}
    sim.switches({"duplicates": "accept", "throttle": "off"})
    pem = make().pem
    assert not factory & {client.add(pem).json["results"][0]["id"] for _ in range(10)}
    assert len(client.get(STORE).json["results"]) == len(factory) + 10
