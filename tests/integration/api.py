# SPDX-License-Identifier: Apache-2.0
"""Looking into a simulated cluster past nsxcert: a plain HTTPS client."""
import base64
import http.client
import json
import ssl

STORE = "/api/v1/trust-management/certificates"


def call(sim, method, path, body=None):
    """One call to the VIP as admin; (status, value)."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # loopback, and the certificates change
    connection = http.client.HTTPSConnection(sim.vip, sim.port, timeout=30, context=context)
    token = base64.b64encode(f"{sim.username}:{sim.password}".encode()).decode()
    try:
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"Authorization": f"Basic {token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    return answer.status, json.loads(text) if text else None


def entries(sim, pair=None):
    """The trust store; with a pair only what holds its leaf."""
    status, value = call(sim, "GET", f"{STORE}?page_size=1000")
    assert status == 200
    wanted = pair and "".join(pair.pem.split())
    return [entry for entry in value["results"]
            if not pair or "".join(entry["pem_encoded"].split()).startswith(wanted)]


def put(sim, pair, name, with_key=True):
    """Import past nsxcert; the new id."""
    body = {"pem_encoded": pair.chain, "display_name": name}
    if with_key:
        body["private_key"] = pair.key_pem
    status, value = call(sim, "POST", f"{STORE}?action=import", body)
    assert status in (200, 201), value
    return value["results"][0]["id"]


def apply_to_vip(sim, ident):
    """Put an entry to use for the VIP."""
    old = sim.version in ("2.4", "2.5", "3.0", "3.1")
    path = (f"/api/v1/cluster/api-certificate?action=set_cluster_certificate&certificate_id={ident}"
            if old else f"{STORE}/{ident}?action=apply_certificate&service_type=MGMT_CLUSTER")
    status, value = call(sim, "POST", path)
    assert status in (200, 202), value


def apply_to_node(sim, node_id, ident):
    """Put an entry to use for one manager, through the VIP."""
    old = sim.version in ("2.4", "2.5", "3.0", "3.1")
    path = (f"/api/v1/cluster/{node_id}/node/services/http?action=apply_certificate&certificate_id={ident}"
            if old else f"{STORE}/{ident}?action=apply_certificate&service_type=API&node_id={node_id}")
    status, value = call(sim, "POST", path)
    assert status in (200, 202), value
