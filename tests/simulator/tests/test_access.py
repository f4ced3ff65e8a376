# SPDX-License-Identifier: Apache-2.0
"""Logins, lock-out, sessions, roles, client certificates; request limits."""
import base64

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku

from plain import STORE, insecure, make

SESSION = "/api/session/create"


def basic(name, password):
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def refused(answer, status=403):
    assert answer.status == status, answer.body
    return answer.json


def login(client, sim, body=None, **more):
    body = body or f"j_username=admin&j_password={sim.password}"
    answer = client.post(SESSION, body, headers={
        "Content-Type": "application/x-www-form-urlencoded"}, **more)
    if answer.status != 200:
        return answer, {}
    cookie = answer.headers["Set-Cookie"]
    assert cookie.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax") and answer.body == b""
    return answer, {"cookie": cookie.partition(" ")[0],
                    "x-xsrf-token": answer.headers["X-XSRF-TOKEN"]}


def test_sessions_need_cookie_and_token(start):
    sim, client = start("3.2")
    client.login = None
    refused(client.get("node"))
    _, proof = login(client, sim)
    assert client.get("node", headers=proof).status == 200
    assert refused(client.get("node", headers={"cookie": proof["cookie"]}))["error_code"] == 98
    wrong = {**proof, "x-xsrf-token": "no"}
    assert refused(client.get("node", headers=wrong))["error_code"] == 98
    everything = {**wrong, "Authorization": basic("admin", sim.password)}
    assert client.get("node", headers=everything).status == 200
    assert client.post("/api/session/destroy", headers=proof).status == 200
    refused(client.get("node", headers=proof))


def test_a_session_belongs_to_its_manager(start):
    sim, client = start("3.2")
    client.login = None
    node = sim.nodes[0]["address"]
    _, proof = login(client, sim)
    refused(client.get("node", headers=proof, address=node))
    sim.switches({"sessions": "manager"})
    _, proof = login(client, sim)
    assert client.get("node", headers=proof, address=node).status == 200


def test_login_forms_raw_and_encoded(start):
    sim, client = start("3.2")
    client.login = None
    sim.patch({"users": {"odd@corp": {"password": "a+b%&c=d", "role": "auditor"}}})
    for body in ("j_username=odd@corp&j_password=a+b%&c=d",
                 "j_username=odd%40corp&j_password=a%2Bb%25%26c%3Dd"):
        assert login(client, sim, body)[0].status == 200
    answer, _ = login(client, sim, "j_username=admin&j_password=no")
    assert "error_message" in refused(answer) and answer.headers["Date"]


def test_sessions_end_when_idle_or_switched_off(start):
    sim, client = start("3.2")
    client.login = None
    _, proof = login(client, sim)
    sim.patch({"clock_offset_seconds": 1801})
    refused(client.get("node", headers=proof))
    sim.switches({"cookie_authentication": "off"})
    refused(login(client, sim)[0])


def test_basic_can_be_switched_off(start):
    sim, client = start("3.2")
    sim.switches({"basic_authentication": "off", "refused_status": "401"})
    refused(client.get("node"), 401)


def test_lock_out_of_account_and_source(start):
    sim, client = start("3.2")
    bad = {"Authorization": basic("admin", "no")}
    words = {client.get("node", headers=bad).body for _ in range(5)}
    assert refused(client.get("node")) and words == {client.get("node").body}
    refused(client.get("node", address=sim.nodes[1]["address"]))
    client.login = ("audit", sim.info["auditor_password"])
    assert client.get("node").status == 200  # another account
    client.login = (sim.username, sim.password)
    sim.patch({"clock_offset_seconds": 890})
    refused(client.get("node"))  # starts the period anew
    sim.patch({"clock_offset_seconds": 1000})
    refused(client.get("node"))
    sim.patch({"clock_offset_seconds": 1000 + 901})
    assert client.get("node").status == 200


def test_failures_age_and_a_login_clears_them(start):
    sim, client = start("3.2")
    bad = {"Authorization": basic("admin", "no")}
    for _ in range(4):
        client.get("node", headers=bad)
    sim.patch({"clock_offset_seconds": 901})
    client.get("node", headers=bad)
    assert client.get("node").status == 200
    sim.patch({"api_service": {"lockout_immune_addresses": ["127.0.0.1"]}})
    for _ in range(9):
        client.get("node", headers=bad)
    assert client.get("node").status == 200


def test_roles(start):
    sim, client = start("3.2")
    ident = client.add(make().pem, make().key).json["results"][0]["id"]
    client.login = ("audit", sim.info["auditor_password"])
    assert client.get(STORE).status == 200
    denied = refused(client.add(make().pem))
    assert "credentials" not in denied["error_message"]
    refused(client.delete(f"{STORE}/{ident}"))
    assert client.get(f"{STORE}/{ident}?action=validate").status == 200
    client.login = ("certadmin", sim.password)
    assert client.add(make().pem).status == 201
    refused(client.post("cluster/api-certificate?action=set_cluster_certificate"
                        f"&certificate_id={ident}"))
    refused(client.post("cluster/api-virtual-ip?action=clear_virtual_ip"))


def test_remote_users_and_bearer(start):
    sim, client = start("3.2")
    client.login = None
    pair = base64.b64encode(f"ops@corp.sim.test:{sim.password}".encode()).decode()
    assert client.get("node", headers={"Authorization": f"Remote {pair}"}).status == 200
    assert client.get("node", headers={"Authorization": f"Basic {pair}"}).status == 200
    local = base64.b64encode(f"admin:{sim.password}".encode()).decode()
    refused(client.get("node", headers={"Authorization": f"Remote {local}"}))
    token = {"Authorization": f"Bearer {sim.info['token']}"}
    assert client.get("node", headers=token).status == 200
    refused(client.get("node", headers={"Authorization": "Bearer no"}))
    sim, client = start("2.4")
    client.login = None
    refused(client.get("node", headers=token))


def test_client_certificates(start, tmp_path):
    sim, client = start("3.2")
    client.login = None
    known, stranger = (make(name, eku=(Eku.CLIENT_AUTH,)) for name in ("known", "stranger"))
    sim.patch({"principal_identities": [
        {"certificate_pem": known.pem, "name": "pks", "role": "enterprise_admin"},
        {"certificate_pem": stranger.pem}]})

    def get(pair):
        path = tmp_path / "client.pem"
        path.write_text(pair.pem + pair.key)
        context = insecure()
        context.load_cert_chain(path)
        link = client.connect(context=context)
        answer = client.get("node", connection=link)
        link.close()
        return answer

    assert get(known).status == 200
    assert sim.log()[-1]["user"] == "pks"
    assert refused(get(stranger), 500)["error_code"] == 99


def test_rate_limit(start):
    sim, client = start("3.2")
    sim.patch({"api_service": {"client_api_rate_limit": 3}})
    link = client.connect()
    answers = [client.get("node", connection=link) for _ in range(4)]
    assert [one.status for one in answers] == [200, 200, 200, 429]
    assert answers[3].json["error_code"] == 102
    assert answers[3].json["error_message"].startswith(
        "Client 'admin' exceeded request rate of 3 per second")
    assert answers[3].headers["Retry-After"] is None
    sim.switches({"retry_after": "seconds"})
    assert client.get("node", connection=link).headers["Retry-After"] == "1"
    sim.switches({"retry_after": "date"})
    assert client.get("node", connection=link).headers["Retry-After"].endswith("GMT")
    sim.switches({"throttle": "off"})
    assert client.get("node", connection=link).status == 200
    link.close()


def test_concurrency_limit(start):
    sim, client = start("3.2")
    sim.patch({"api_service": {"client_api_concurrency_limit": 1}})
    sim.fault({"what": "late", "ms": 300, "path": "/api/v1/cluster"})
    slow = client.connect()
    slow.request("GET", "/api/v1/cluster", headers=client.headers())
    client.wait(lambda state: sim.log())
    answer = client.get("node")
    assert answer.status == 503
    assert slow.getresponse().status == 200
    slow.close()
    assert client.get("node").status == 200


def test_api_service_can_be_changed_by_put(start):
    sim, client = start("3.2")
    found = client.get("cluster/api-service").json
    assert found["client_api_rate_limit"] == 100
    answer = client.call("PUT", "cluster/api-service", {**found, "_revision": 7})
    assert answer.status == 412
    changed = {**found, "session_timeout": 60, "basic_authentication_enabled": False}
    assert client.call("PUT", "cluster/api-service", changed).json["_revision"] == 1
    refused(client.get("node"))


@pytest.mark.parametrize("path", ("/api/v1/global-configs/SecurityGlobalConfig",
                                  "/policy/api/v1/infra/security-global-config"))
def test_security_switches(start, path):
    sim, client = start("4.2.1")
    found = client.get(path).json
    assert (found["crl_checking_enabled"], found["eku_checking_enabled"]) == (False, True)
    assert found["automatic_appliance_certificate_renewal_lead_time"] == 31
    changed = {**found, "ca_signed_only": True}
    assert client.call("PUT", path, changed).json["ca_signed_only"] is True
    assert client.call("PUT", path, changed).status == 412
    sim.switches({"renewal_words": "replacement"})
    assert "automatic_appliance_certificate_replacement_enabled" in client.get(path).json
    assert "automatic_appliance_certificate_renewal_enabled" not in start("4.1")[1].get(path).json
