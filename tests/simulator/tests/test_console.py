# SPDX-License-Identifier: Apache-2.0
"""The managers' command line, by the control port: what it prints."""
import http.client
from urllib.parse import urlsplit

import pytest

from plain import make, make_signed
from simulator.certs import load_chain, split_pem, thumbprint
from simulator.fixture import SimulatorError


def type_line(sim, line, address=None):
    """What a manager prints."""
    where = urlsplit(sim.control)
    link = http.client.HTTPConnection(where.hostname, where.port, timeout=10)
    link.request("POST", f"/cli?manager={address or sim.nodes[0]['address']}", line)
    answer = link.getresponse()
    text = answer.read().decode()
    link.close()
    assert answer.status == 200, text
    return text


def shown(sim, service, address=None):
    """SHA-256 of the only certificate, by its PEM and by the thumbprint."""
    text = type_line(sim, f"get certificate {service}", address)
    assert text.startswith("-----BEGIN CERTIFICATE-----\n")
    assert text.endswith("-----END CERTIFICATE-----\n")
    [cert] = load_chain(text)
    assert type_line(sim, f"get certificate {service} thumbprint", address) == thumbprint(cert) + "\n"
    return thumbprint(cert)


@pytest.mark.parametrize("version", ["2.4", "4.1", "9.0"])
def test_it_prints_what_each_address_serves(start, version):
    sim, client = start(version)
    for node in sim.nodes:
        assert shown(sim, "api", node["address"]) == client.served(node["address"])
        assert shown(sim, "cluster", node["address"]) == client.served(sim.vip)


def test_without_a_certificate_of_its_own_the_vip_has_its_holders(start):
    sim, client = start("4.1", vip_certificate="node")
    sim.patch({"vip_holder": sim.nodes[1]["uuid"]})
    assert shown(sim, "cluster") == shown(sim, "api", sim.nodes[1]["address"])


def test_a_chain_is_printed_whole_whatever_came(start):
    sim, client = start("4.1")
    pair = make_signed(names=["nsx.sim.test"])
    sim.patch({"add_certificate": {"id": "chain", "pem_encoded": pair.pem.replace("\n", "\r\n"),
                                   "private_key": pair.key}})
    sim.patch({"uses": {"vip": "chain"}})
    assert type_line(sim, "get certificate cluster") == pair.pem
    text = type_line(sim, "  get  certificate cluster text ")
    assert text.startswith("Certificate:\n") and "Subject: CN=nsx.sim.test\n" in text
    assert len(split_pem(text)) == 2
    assert type_line(sim, "get certificate cluster thumbprint").strip() == pair.sha256


@pytest.mark.parametrize("line", ["get foo", "get certificate", "get certificate foo", "set user x",
                                  "get certificate api pem", "get certificate api text thumbprint"])
def test_other_commands_are_not_found(start, line):
    sim, _ = start("4.1")
    assert type_line(sim, line) == f"% Command not found: {line}\n"
    assert type_line(sim, " \t") == ""


def test_one_manager_can_be_made_to_show_another_certificate(start):
    sim, client = start("4.1")
    wire, other = client.served(sim.nodes[1]["address"]), make()
    first, second = (node["address"] for node in sim.nodes[:2])
    sim.patch({"add_certificate": {"id": "other", "pem_encoded": other.pem}})
    state = sim.patch({"cli": {1: {"api": "other"}}})
    assert state["nodes"][1]["cli"]["api"] == "other" != state["nodes"][1]["uses"]
    assert shown(sim, "api", second) == other.sha256 != client.served(second) == wire
    assert shown(sim, "api", first) == client.served(first)
    sim.patch({"cli": {second: {"api": None, "cluster": "other"}}})
    assert (shown(sim, "api", second), shown(sim, "cluster", second)) == (wire, other.sha256)
    sim.patch({"cli": {second: None}})
    assert shown(sim, "cluster", second) == client.served(sim.vip)


def test_a_drift_of_the_wire_does_not_show(start):
    sim, client = start("4.1")
    other = make()
    sim.patch({"add_certificate": {"id": "other", "pem_encoded": other.pem, "private_key": other.key}})
    before = shown(sim, "api")
    sim.patch({"serves": {0: "other"}})
    assert client.served(sim.nodes[0]["address"]) == other.sha256 != shown(sim, "api") == before


def test_a_reset_makes_it_truthful_again(start):
    sim, client = start("4.1")
    sim.patch({"add_certificate": {"id": "other", "pem_encoded": make().pem}})
    sim.patch({"cli": {0: {"api": "other"}}})
    sim.reset()
    assert shown(sim, "api") == client.served(sim.nodes[0]["address"])


def test_a_date_may_stand_above(start):
    sim, _ = start("4.1")
    plain = type_line(sim, "get certificate api")
    sim.switches({"cli_heading": "date"})
    heading, _, rest = type_line(sim, "get certificate api").partition("\n")
    assert " UTC " in heading and rest == plain


@pytest.mark.parametrize("change", [{"cli": {"nobody": {"api": None}}}, {"cli": {0: {"vip": None}}},
                                    {"cli": {0: {"api": "none"}}}])
def test_wrong_changes_are_explained(start, change):
    sim, _ = start("4.1")
    with pytest.raises(SimulatorError, match="cli: "):
        sim.patch(change)


def test_there_is_no_other_manager(start):
    sim, _ = start("4.1")
    with pytest.raises(SimulatorError, match="no manager at '127.0.0.1'"):
        sim.call("POST", "/cli?manager=127.0.0.1")
