# SPDX-License-Identifier: Apache-2.0
"""Each version opens exactly its calls; everything else gets a 404."""
import pytest

from plain import STORE, make
from simulator.profiles import VERSIONS

#: probe: (method, path, first version, last version); ID stands for a certificate.
PROBES = {
    "apply": ("POST", f"{STORE}/ID?action=apply_certificate&service_type=MGMT_CLUSTER",
              "3.2", None),
    "validate": ("GET", f"{STORE}/ID?action=validate", "3.0", None),
    "batch-replace": ("POST", f"{STORE}/action/batch-replace", "4.2", None),
    "batch-results": ("DELETE", f"{STORE}/batch-results", "4.2", None),
    "renew": ("POST", f"{STORE}/action/renew-appliance-certificates", "4.2.1", None),
    "profiles": ("GET", "trust-management/certificate-profiles", "3.2", None),
    "csrs": ("GET", "trust-management/csrs", "2.4", None),
    "csrs-extended": ("GET", "trust-management/csrs-extended", "3.1", None),
    "vip": ("GET", "cluster/api-virtual-ip", "2.4", None),
    "vip6": ("POST", "cluster/api-virtual-ip?action=clear_virtual_ip6", "4.0", None),
    "api-service": ("GET", "cluster/api-service", "2.5", None),
    "security": ("GET", "global-configs/SecurityGlobalConfig", "3.0", None),
    "policy": ("GET", "/policy/api/v1/infra/security-global-config", "3.1", None),
    "status": ("GET", "cluster-manager/status", "2.5", "3.1"),
    "set": ("POST", "cluster/api-certificate?action=set_cluster_certificate&certificate_id=ID",
            "2.4", None),
    "node-http": ("POST", "node/services/http?action=apply_certificate&certificate_id=ID",
                  "2.4", None),
    "spec": ("GET", "spec/openapi/nsx_api.yaml", "never", None),
    "policy-store": ("GET", "/policy/api/v1/infra/certificates", "never", None),
}


@pytest.mark.parametrize("name", PROBES)
@pytest.mark.parametrize("version", VERSIONS)
def test_calls_by_version(start, version, name):
    sim, client = start(version)
    method, path, first, last = PROBES[name]
    pair = make()
    ident = client.add(pair.pem, pair.key).json["results"][0]["id"]
    answer = client.call(method, path.replace("ID", ident))
    there = first != "never" and VERSIONS.index(version) >= VERSIONS.index(first) and (
        last is None or VERSIONS.index(version) <= VERSIONS.index(last))
    assert (answer.status != 404) == there, answer.body
    if not there:
        assert answer.json["httpStatus"] == "NOT_FOUND"


@pytest.mark.parametrize("switch,version,path", [
    ("apply_in_3_1", "3.1", "trust-management/certificate-profiles"),
    ("api_service_in_2_4", "2.4", "cluster/api-service"),
    ("cluster_manager_status", "4.2", "cluster-manager/status")])
def test_calls_that_nobody_has_established_open_by_switch(start, switch, version, path):
    sim, client = start(version)
    assert client.get(path).status == 404
    sim.switches({switch: "on"})
    assert client.get(path).status == 200


def test_unknown_paths_and_actions(start):
    sim, client = start("4.1")
    assert client.get("nothing").headers["Content-Type"].startswith("application/json")
    assert client.post("cluster/api-certificate?action=nothing").status == 404
    sim.switches({"unknown_path": "html", "unknown_action": "400"})
    assert client.get("nothing").body.startswith(b"<!DOCTYPE html>")
    assert client.post("cluster/api-certificate?action=nothing").status == 400
    assert client.call("PUT", "cluster").status == 400


def test_members_by_version(start):
    listed = {version: start(version)[1].get("cluster").json["nodes"][0] for version in
              ("3.1", "3.2")}
    assert "api_listen_addr" not in listed["3.1"]
    address = listed["3.2"]["api_listen_addr"]
    assert address["certificate_sha256_thumbprint"] == \
        listed["3.2"]["certificates"][0]["certificate_sha256_thumbprint"]
    for version, there in (("3.1", False), ("3.2", True)):
        entry = start(version)[1].get(STORE).json["results"][0]
        assert ("has_private_key" in entry) is there


def test_detailed_status_of_2_4_is_a_switch(start):
    sim, client = start("2.4")
    assert "detailed_cluster_status" in client.get("cluster/status").json
    sim.switches({"detailed_cluster_status_in_2_4": "off"})
    assert "detailed_cluster_status" not in client.get("cluster/status").json


def test_strict_mode_shows_what_a_client_uses(start):
    sim, client = start("4.2", switch=["strict=on"])
    assert client.get(f"{STORE}?page_size=5").status == 200
    assert client.get(f"{STORE}?pagesize=5").status == 400
    answer = client.post("cluster/api-certificate?action=set_cluster_certificate"
                         "&certificate_id=x")
    assert (answer.status, answer.json["module_name"]) == (400, "strict")


def test_profiles(start):
    _, client = start("4.2")
    profiles = {one["service_type"]: one for one in
                client.get("trust-management/certificate-profiles").json["results"]}
    assert profiles["MGMT_CLUSTER"]["cluster_certificate"] is True
    assert profiles["API"]["cluster_certificate"] is False
    assert profiles["APH"]["certificate_class"] == "RPC" and profiles["APH"]["unique_use"]
    one = client.get("trust-management/certificate-profile/API").json
    assert one == profiles["API"]
    assert client.get("trust-management/certificate-profile/NONE").status == 404


def test_old_tls_by_version(start):
    import ssl
    import warnings
    warnings.simplefilter("ignore", DeprecationWarning)

    def newest(version, limit):
        _, client = start(version)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, limit
        link = client.connect(context=context)
        link.connect()
        found = link.sock.version()
        link.close()
        return found

    assert newest("3.0", ssl.TLSVersion.TLSv1_1) == "TLSv1.1"
    assert newest("2.4", ssl.TLSVersion.TLSv1_3) == "TLSv1.2"
    assert newest("4.2", ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    with pytest.raises(ssl.SSLError):
        newest("4.2", ssl.TLSVersion.TLSv1_1)


def test_plain_http_on_the_port_is_told_so(start):
    import http.client
    sim, client = start("4.1")
    link = http.client.HTTPConnection(client.address, sim.port, timeout=5)
    link.request("GET", "/api/v1/node")
    answer = link.getresponse()
    assert answer.status == 400
    assert b"This combination of host and port requires TLS" in answer.read()
    link.close()
