# SPDX-License-Identifier: Apache-2.0
"""Putting a certificate to use: conditions, the restart, replacements in a row."""
import http.client

import pytest

from plain import STORE, make, make_signed

APPLY = f"{STORE}/{{}}?action=apply_certificate&service_type={{}}"
SET = "cluster/api-certificate?action=set_cluster_certificate"
HTTP = "node/services/http?action=apply_certificate"
SLOW = {"restart_delay_ms": 50, "restart_window_ms": 300}


def put(client, pair):
    answer = client.add(pair.pem, pair.key)
    assert answer.status == 201, answer.body
    return answer.json["results"][0]["id"]


def refused(answer, status=400):
    assert answer.status == status, answer.body
    return answer.json


@pytest.mark.parametrize("version", ("2.4", "9.0"))
def test_set_cluster_certificate_conditions(start, version):
    _, client = start(version)
    refused(client.post(SET))
    assert refused(client.post(f"{SET}&certificate_id=none"), 404)["error_code"] == 202
    ident = client.add(make().pem).json["results"][0]["id"]
    assert "no private key" in refused(
        client.post(f"{SET}&certificate_id={ident}"))["error_message"]


def test_apply_conditions(start):
    sim, client = start("4.1")
    ident, node = put(client, make()), sim.nodes[0]["uuid"]
    refused(client.post(f"{STORE}/{ident}?action=apply_certificate"))
    refused(client.post(APPLY.format(ident, "NONE")))
    refused(client.post(APPLY.format(ident, "API")))
    refused(client.post(APPLY.format(ident, "API") + "&node_id=none"), 404)
    refused(client.post(APPLY.format(ident, "MGMT_CLUSTER") + f"&node_id={node}"))
    refused(client.post(APPLY.format("none", "MGMT_CLUSTER")), 404)
    sim.switches({"ca_signed_only": "on"})
    refused(client.post(APPLY.format(ident, "MGMT_CLUSTER")))


def test_signed_certificates_name_their_endpoint_from_4_2(start):
    for version, status in (("4.1", 200), ("4.2", 400)):
        sim, client = start(version)
        ident = put(client, make_signed("elsewhere.sim.test"))
        assert client.post(APPLY.format(ident, "MGMT_CLUSTER")).status == status
    ident = put(client, make_signed("x", names=[sim.vip, sim.nodes[1]["fqdn"]]))
    node = sim.nodes[1]["uuid"]
    assert client.post(APPLY.format(ident, "API") + f"&node_id={node}").status == 200
    client.idle()
    refused(client.post(APPLY.format(ident, "API") + f"&node_id={sim.nodes[0]['uuid']}"))
    assert client.post(APPLY.format(ident, "MGMT_CLUSTER")).status == 200


def test_signed_certificate_without_a_vip(start):
    sim, client = start("4.2", vip="none")
    ident = put(client, make_signed("x", names=["127.0.0.1"]))
    assert "virtual IP" in refused(client.post(APPLY.format(ident, "MGMT_CLUSTER")))[
        "error_message"]
    assert sim.vip is None


def test_one_class_a_certificate(start):
    sim, client = start("4.2")
    shared = next(entry for entry in client.get(STORE).json["results"]
                  if any("APH" in use["service_types"] for use in entry["used_by"]))
    assert "cannot be shared" in refused(
        client.post(APPLY.format(shared["id"], "MGMT_CLUSTER")))["error_message"]


@pytest.mark.parametrize("version,status", (("3.0", 202), ("3.1", 409)))
def test_one_replacement_at_a_time_from_3_1(start, version, status):
    sim, client = start(version)
    sim.switches(SLOW)
    first, second, node = make(), make(), sim.nodes[0]["address"]
    one, two = put(client, first), put(client, second)
    assert client.post(f"{SET}&certificate_id={one}").status == 200
    assert client.post(f"{HTTP}&certificate_id={two}", address=node).status == status
    client.wait_served(first.sha256)
    assert client.idle()["registered"] == one
    if status == 409:
        assert client.served(node) != second.sha256


@pytest.mark.parametrize("kind,seen", (("refused", ConnectionRefusedError), ("reset", OSError),
                                       ("502", 502), ("503", 503)))
def test_the_restart_window(start, kind, seen):
    sim, client = start("3.2")
    sim.switches({**SLOW, "restart_window": kind})
    pair = make()
    ident = put(client, pair)
    link = client.connect()
    client.get("node", connection=link)
    client.post(f"{SET}&certificate_id={ident}")
    client.wait(lambda state: state["serves"]["vip"]["window"] != "up")
    if isinstance(seen, int):
        assert client.get("node").status == seen
    else:
        with pytest.raises(seen):
            client.get("node")
    client.wait_served(pair.sha256)
    assert client.get("node", address=sim.nodes[0]["address"]).status == 200
    with pytest.raises((OSError, http.client.HTTPException)):  # the kept connection ended
        link.auto_open = 0
        client.get("node", connection=link)
    link.close()


def test_the_answer_comes_before_the_restart(start):
    sim, client = start("3.2")
    for status in ("200", "202", "504"):
        sim.switches({"apply_status": status, "node_apply_status": status})
        pair = make()
        ident = put(client, pair)
        assert client.post(APPLY.format(ident, "MGMT_CLUSTER")).status == int(status)
        client.wait_served(pair.sha256)
        client.idle()


def test_sessions_end_with_the_restart(start):
    sim, client = start("3.2")
    ident = put(client, make())
    client.post("/api/session/create", f"j_username=admin&j_password={sim.password}")
    assert sim.state()["sessions"] == 1
    client.post(f"{SET}&certificate_id={ident}")
    client.idle()
    assert sim.state()["sessions"] == 0


@pytest.mark.parametrize("position", ("off", "on"))
def test_2_4_may_change_the_nodes_too(start, position):
    sim, client = start("2.4")
    sim.switches({"set_cluster_changes_nodes": position})
    pair = make()
    client.post(f"{SET}&certificate_id={put(client, pair)}")
    client.wait_served(pair.sha256)
    shown = {client.served(node["address"]) for node in sim.nodes}
    assert (shown == {pair.sha256}) == (position == "on")


def test_clear_returns_the_vip_to_its_holder(start):
    sim, client = start("3.2")
    ident = put(client, make())
    client.post(f"{SET}&certificate_id={ident}")
    client.idle()
    clear = "cluster/api-certificate?action=clear_cluster_certificate&certificate_id="
    refused(client.post(clear + "other"))
    assert client.post(clear + ident).json == {"certificate_id": None}
    client.idle()
    assert client.served() == client.served(sim.nodes[0]["address"])
    assert client.delete(f"{STORE}/{ident}").status == 200


def test_api_certificate_before_anybody_set_one(start):
    sim, client = start("2.4")
    assert client.get("cluster/api-certificate").json == {"certificate_id": None}
    sim.switches({"api_certificate_unset": "absent"})
    assert client.get("cluster/api-certificate").json == {}
    sim.switches({"api_certificate_unset": "factory"})
    factory = client.get("cluster/api-certificate").json["certificate_id"]
    assert client.get(f"{STORE}/{factory}").json["display_name"] == "mp-cluster"
    listed = client.get(f"{STORE}?type=cluster_api_certificate").json["results"]
    assert [entry["id"] for entry in listed] == [factory]


def test_filter_by_node_from_4_1(start):
    for version, number in (("4.0", 4), ("4.1", 1)):
        sim, client = start(version)
        node = sim.nodes[1]["uuid"]
        found = client.get(f"{STORE}?type=api_certificate&node_id={node}").json["results"]
        assert len(found) == number
    assert found[0]["used_by"] == [{"node_id": node, "service_types": ["API"]}]


def test_in_use_and_stale_entries(start):
    sim, client = start("4.1")
    factory = client.get(STORE).json["results"][0]["id"]
    assert refused(client.delete(f"{STORE}/{factory}"))["error_code"] == 500030
    ident = put(client, make())
    sim.patch({"stale": [ident]})
    refused(client.delete(f"{STORE}/{ident}"))
    sim.patch({"delete_certificates": [ident]})
    refused(client.delete(f"{STORE}/{ident}"), 404)
    sim.switches({"not_found_code": "600"})
    assert refused(client.get(f"{STORE}/{ident}"), 404)["error_code"] == 600


# -- batch replacement -----------------------------------------------------------

BATCH, RESULTS = f"{STORE}/action/batch-replace", f"{STORE}/batch-results"


def pairs(old, new=None):
    one = {"old_certificate_id": old}
    return {"certificate_replacements": [{**one, "new_certificate_id": new} if new else one]}


def finish(client):
    client.wait(lambda state: state["batch"] and "end_time" in state["batch"])
    return client.get(RESULTS).json


def test_batch_replaces_every_use(start):
    sim, client = start("4.2")
    old = client.get(f"{STORE}?type=cluster_api_certificate").json["results"][0]["id"]
    pair = make()
    new = put(client, pair)
    answer = client.post(BATCH, pairs(old, new))
    assert (answer.status, answer.body) == (200, b"")
    assert "end_time" not in client.get(RESULTS).json
    refused(client.post(BATCH, pairs(old, new)), 409)
    refused(client.delete(RESULTS))
    found = finish(client)
    assert found["pending_estimated_duration"] == 0
    assert sorted(item["service_type"] for item in found["results"]) == [
        "API", "API", "API", "MGMT_CLUSTER"]
    for address in [sim.vip, *(node["address"] for node in sim.nodes)]:
        client.wait_served(pair.sha256, address)
    assert client.delete(RESULTS).status == 200
    assert client.get(RESULTS).json["results"] == []


def test_batch_makes_a_copy_when_no_new_one_is_named(start):
    sim, client = start("4.2")
    sim.switches({"restart_delay_ms": 1, "restart_window_ms": 5, "batch_item": "first-fails"})
    old = client.get(f"{STORE}?type=cluster_api_certificate").json["results"][0]
    client.post(BATCH, pairs(old["id"]))
    found = finish(client)
    assert [bool(item["message"]) for item in found["results"]] == [True, False, False, False]
    assert found["results"][1]["certificate_id"] != old["id"]


def test_batch_refusals(start):
    _, client = start("4.2")
    unused = put(client, make())
    refused(client.post(BATCH, {}))
    refused(client.post(BATCH, pairs("no such id!")))
    refused(client.post(BATCH, pairs("none")), 404)
    refused(client.post(BATCH, pairs(unused)))


def test_renewal_of_self_signed_within_31_days(start):
    sim, client = start("4.2.1")
    ident = put(client, make(days=200))
    sim.patch({"registered": ident})
    sim.patch({"auto_renew": True})
    assert sim.state()["batch"] is None
    sim.patch({"clock_offset_seconds": 180 * 86400, "auto_renew": True})
    finish(client)
    assert sim.state()["registered"] != ident
    assert client.post(f"{STORE}/action/renew-appliance-certificates").status == 202
    sim.reset()
    sim.switches({"auto_renewal": "off"})
    ident = put(client, make(days=20))
    sim.patch({"registered": ident, "auto_renew": True})
    assert sim.state()["registered"] == ident
