# SPDX-License-Identifier: Apache-2.0
"""The whole procedure on the oldest and a new version, by a plain client."""
import hashlib
import ssl

import pytest

from plain import STORE, make

ALL = ("2.4", "2.5", "3.0", "3.1", "3.2", "4.0", "4.1", "4.2", "4.2.1", "9.0")


def factory_prints(sim):
    text = open(sim.factory_pem, encoding="ascii").read()
    blocks = text.replace("-----END CERTIFICATE-----", "-----END CERTIFICATE-----|").split("|")
    return {hashlib.sha256(ssl.PEM_cert_to_DER_cert(block.strip())).hexdigest()
            for block in blocks if block.strip()}


@pytest.mark.parametrize("version", ALL)
def test_versions_tell_their_release_with_two_builds(start, version):
    sim, client = start(version)
    node, short = client.get("node").json, client.get("node/version").json
    assert node["node_version"] == short["node_version"]
    assert short["node_version"] != short["product_version"]
    assert short["node_version"].startswith(version + ".")
    assert node["node_uuid"] == sim.nodes[0]["uuid"]
    assert abs(node["system_time"]) > 10 ** 12


@pytest.mark.parametrize("version", ("2.4", "4.1", "4.2", "9.0"))
def test_factory_certificates(start, version):
    sim, client = start(version)
    shown = {client.served(node["address"]) for node in sim.nodes} | {client.served(sim.vip)}
    assert shown <= factory_prints(sim)
    assert len(shown) == (4 if version in ("2.4", "4.1") else 1)


@pytest.mark.parametrize("version", ("2.4", "4.2"))
def test_procedure(start, version):
    sim, client = start(version)
    pair = make(names=[sim.vip])
    added = client.add(pair.pem, pair.key, display_name="nsx")
    assert added.status == 201
    entry = added.json["results"][0]
    assert entry["pem_encoded"] == pair.pem
    assert "private_key" not in entry and entry["used_by"] == []
    ident = entry["id"]
    if version == "2.4":
        answer = client.post(f"cluster/api-certificate?action=set_cluster_certificate"
                             f"&certificate_id={ident}")
        assert (answer.status, answer.json) == (200, {"certificate_id": ident})
    else:
        assert client.get(f"{STORE}/{ident}?action=validate").json == {"status": "OK"}
        answer = client.post(f"{STORE}/{ident}?action=apply_certificate"
                             "&service_type=MGMT_CLUSTER")
        assert (answer.status, answer.body) == (200, b"")
    client.wait_served(pair.sha256, sim.vip)
    client.idle()
    assert client.get("cluster/api-certificate").json == {"certificate_id": ident}
    assert client.get(f"{STORE}/{ident}").json["used_by"][0]["service_types"] == ["MGMT_CLUSTER"]
    assert client.served(sim.nodes[0]["address"]) in factory_prints(sim)
    assert client.delete(f"{STORE}/{ident}").json["error_code"] == 500030


@pytest.mark.parametrize("version,through", (("2.4", "node"), ("2.4", "cluster"), ("4.2", "api")))
def test_node_certificate(start, version, through):
    sim, client = start(version)
    pair, node = make(), sim.nodes[1]
    ident = client.add(pair.pem, pair.key).json["results"][0]["id"]
    call = f"node/services/http?action=apply_certificate&certificate_id={ident}"
    if through == "node":
        answer = client.post(call, address=node["address"])
    elif through == "cluster":
        answer = client.post(f"cluster/{node['uuid']}/{call}")
    else:
        answer = client.post(f"{STORE}/{ident}?node_id={node['uuid']}&service_type=API"
                             "&action=apply_certificate")
    assert answer.status == (200 if through == "api" else 202)
    client.wait_served(pair.sha256, node["address"])
    assert client.served(sim.vip) in factory_prints(sim)
    assert client.served(sim.nodes[0]["address"]) in factory_prints(sim)
    listed = client.get("cluster").json["nodes"][1]
    assert listed["certificates"][0]["certificate_sha256_thumbprint"] == pair.sha256


def test_delete(start):
    _, client = start("2.4")
    ident = client.add(make().pem).json["results"][0]["id"]
    gone = client.delete(f"{STORE}/{ident}")
    assert (gone.status, gone.body) == (200, b"")
    assert client.delete(f"{STORE}/{ident}").status == 404
    assert ident not in [entry["id"] for entry in client.get(STORE).json["results"]]


def test_wrong_password_has_the_words_of_a_manager(start):
    _, client = start("2.4")
    client.login = ("admin", "no")
    answer = client.get("node")
    assert answer.status == 403
    assert answer.json == {
        "module_name": "common-services", "error_code": 403, "error_message":
        "The credentials were incorrect or the account specified has been locked."}


def test_status_and_leader(start):
    sim, client = start("2.4")
    status = client.get("cluster/status").json
    assert status["mgmt_cluster_status"]["status"] == "STABLE"
    assert status["detailed_cluster_status"]["overall_status"] == "STABLE"
    groups = {group["group_type"]: group for group in status["detailed_cluster_status"]["groups"]}
    assert groups["HTTPS"]["leaders"][0]["leader_uuid"] == sim.nodes[0]["uuid"]


def test_reset_is_the_start_again(start):
    sim, client = start("2.4")
    before = client.served()
    pair = make()
    ident = client.add(pair.pem, pair.key).json["results"][0]["id"]
    client.post(f"cluster/api-certificate?action=set_cluster_certificate&certificate_id={ident}")
    client.wait_served(pair.sha256)
    sim.reset()
    assert client.served() == before
    assert client.get("cluster/api-certificate").json == {"certificate_id": None}
    assert len(sim.log()) == 1


def test_the_log_holds_writes_without_secrets(start):
    sim, client = start("2.4")
    pair = make()
    client.get("node")
    client.add(pair.pem, pair.key, passphrase="canary-passphrase")
    writes = sim.log(writes=True)
    assert [(one["method"], one["action"], one["status"]) for one in writes] == [
        ("POST", "import", 201)]
    secret = "sha256:" + hashlib.sha256(pair.key.encode()).hexdigest()
    assert writes[0]["body"]["private_key"] == secret
    assert "canary" not in repr(sim.log()) and "PRIVATE KEY" not in repr(sim.log())
    assert len(sim.log()) == 2
