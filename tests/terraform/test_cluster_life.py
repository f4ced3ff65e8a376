# SPDX-License-Identifier: Apache-2.0
"""Day 1 to day 335 of a cluster under examples/apply, by real Terraform and the stand-in provider."""
import zipfile

import pki
import pytest

from cluster_of import Life
from integration.registering import imported, register_request
from integration.requests_for import manager

PLAN = "the.plan"


@pytest.fixture
def life(workshop, cluster, nsxcert_release):
    return Life(workshop, cluster, nsxcert_release)


@pytest.fixture
def registered(life):
    """After the first apply."""
    life.terraform.apply()
    return life


def files_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".terraform" not in str(path)}


def test_the_life_of_a_cluster(life, program):
    terraform, sim = life.terraform, life.sim
    factory = life.served()

    first = terraform.plan(changes=True)
    assert first.warns("drift") and not first.warns("unknown")
    assert sim.vip in first.text and "does not hold: name" in first.text and next(iter(factory)) in first.text
    assert not sim.log(writes=True) and not (life.folder / "nsx.crt").exists(), "a plan writes nothing"

    applied = terraform.apply()
    output = terraform.output()
    assert life.served() == {output["fingerprint_sha256"]} and life.served() != factory
    assert output["certificate_pem"] == (life.folder / "nsx.crt").read_text()
    assert "register: ok, changed" in applied.text

    writes, made = len(sim.log(writes=True)), life.resource()
    second = terraform.plan(changes=False)
    assert "No changes." in second.text and "Warning" not in second.text
    assert "0 added, 0 changed, 0 destroyed" in terraform.apply().text
    assert terraform.output()["status"] == "in_sync"
    assert len(sim.log(writes=True)) == writes and life.resource() == made

    # Another one, by hand.
    pair, identifier = imported(sim)
    request = register_request(sim, {"certificate_id": identifier},
                               manager_changes=manager_that_trusts(sim, output["fingerprint_sha256"]))
    assert program.run(request).code == 0
    third = terraform.plan(changes=True)
    assert third.warns("drift") and pair.fingerprint in third.text and "fingerprint" in third.text
    assert "must be replaced" in third.text
    accept(life, pair)
    terraform.apply()
    assert life.served() == {output["fingerprint_sha256"]}
    assert terraform.plan(changes=False).text.count("Warning") == 0


@pytest.mark.parametrize("scope", ["nodes", "all"])
def test_managers_that_nobody_names_are_proven_too(life, scope):
    life.change(nodes=[], scope=scope)
    life.terraform.apply()
    output = life.terraform.output()
    by_node = {one["sha256"] for name, one in life.sim.state()["serves"].items() if name != "vip"}
    assert by_node == {output["fingerprint_sha256"]} and output["status"] == "in_sync"
    assert "No changes." in life.terraform.plan(changes=False).text


def manager_that_trusts(sim, *fingerprints):
    return {"tls": {"pin_sha256": [*manager(sim)["tls"]["pin_sha256"], *fingerprints]}}


def accept(life, pair):
    """A person pins what was registered by hand, as untrusted-manager tells them to."""
    life.change(pin_sha256=[pair.fingerprint, *pki.fingerprints(life.sim.factory_pem)])


def test_renewal_due(registered):
    terraform = registered.terraform
    before = registered.served()
    registered.moved(335)
    plan = terraform.plan(changes=True)
    assert plan.warns("expiry") and "is due for renewal" in plan.text and not plan.warns("drift")
    terraform.apply()
    assert registered.served() != before
    assert registered.served() == {terraform.output()["fingerprint_sha256"]}
    again = terraform.plan(changes=False)
    assert "Warning" not in again.text


@pytest.mark.parametrize("days", [1, 29])
def test_a_short_certificate_is_no_warning(life, days):
    """As long as nothing is to be done."""
    life.change(validity_days=days)
    life.terraform.apply()
    assert "Warning" not in life.terraform.plan(changes=False).text


def test_a_manager_that_is_not_there(registered):
    """Plan and destroy go on and say unknown; nothing is planned because of it."""
    terraform, sim = registered.terraform, registered.sim
    served, files = registered.served(), files_of(registered.folder)
    sim.fault({"what": "refuse", "ms": 0})
    plan = terraform.plan(changes=True)  # of an output, nothing else
    assert plan.warns("unknown") and not plan.warns("drift") and "unreachable" in plan.text
    assert 'status = "in_sync" -> "unknown"' in plan.text and "without changing any real infrastructure" in plan.text
    destroyed = terraform.run("destroy", "-input=false", "-auto-approve", expected=0)
    assert "1 destroyed" in destroyed.text
    sim.clear_faults()
    assert registered.served() == served, "destroy leaves the cluster alone"
    for path in ("nsx.crt", "nsx.key"):
        assert (registered.folder / path).read_bytes() == files[registered.folder / path]


def test_a_folder_that_is_not_there(life):
    """As on a new runner: a plan and a destroy go on, an apply says what is missing and leaves the cluster alone."""
    terraform, pairs, elsewhere = life.terraform, life.folder / "pairs", life.folder / "elsewhere"
    pairs.mkdir()
    life.change(folder=str(pairs))
    terraform.apply()
    served, pem, writes = life.served(), terraform.output()["certificate_pem"], len(life.sim.log(writes=True))

    pairs.rename(elsewhere)
    plan = terraform.plan(changes=True)
    assert plan.warns("folder") and f"{pairs} is not there" in plan.text and "must be replaced" in plan.text
    failed = terraform.run("apply", "-input=false", "-auto-approve")
    assert failed.code == 1 and "does not exist" in failed.text and not pairs.exists()
    assert life.served() == served and len(life.sim.log(writes=True)) == writes

    elsewhere.rename(pairs)
    assert "Warning" not in terraform.apply().text
    assert life.served() == served and terraform.output()["certificate_pem"] == pem
    assert terraform.plan(changes=False)
    pairs.rename(elsewhere)
    assert "1 destroyed" in terraform.run("destroy", "-input=false", "-auto-approve", expected=0).text
    assert life.served() == served


def test_a_folder_made_between_plan_and_apply(life):
    pairs = life.folder / "pairs"
    life.change(folder=str(pairs))
    assert life.terraform.plan("-out", PLAN, changes=True).warns("folder")
    pairs.mkdir()
    life.terraform.run("apply", "-input=false", PLAN, expected=0)
    life.terraform.apply()
    output = life.terraform.output()
    assert life.served() == {output["fingerprint_sha256"]} and output["status"] == "in_sync"
    assert life.terraform.plan(changes=False)


def refused_logins(life, changes):
    """The statuses of logins that a plan with a wrong password sends."""
    done = len(life.sim.log())
    plan = life.terraform.plan(changes=changes, NSXT_PASSWORD="wrong-password-1")
    assert plan.warns("unknown") and "wrong-password-1" not in plan.text
    return [entry["status"] for entry in life.sim.log()[done:] if entry["status"] in (401, 403)], plan


def test_a_refused_login_is_unknown_and_tried_once(registered):
    refused, _ = refused_logins(registered, changes=False)
    assert len(refused) == 1


def test_a_refused_login_is_tried_once_where_nobody_names_the_managers(life):
    """Who the managers are is not known then, so that what is served proves nothing."""
    life.change(nodes=[])
    life.terraform.apply()
    assert life.terraform.output()["status"] == "in_sync"
    refused, plan = refused_logins(life, changes=True)  # of an output, nothing else
    assert len(refused) == 1
    assert 'status = "in_sync" -> "unknown"' in plan.text and "without changing any real infrastructure" in plan.text


def test_secrets_are_nowhere(workshop, cluster, nsxcert_release):
    """Neither the password nor the key in state, plan file, trace or output; also when an apply fails."""
    life = Life(workshop, cluster, nsxcert_release)
    terraform, sim = life.terraform, life.sim
    trace = life.folder / "trace.log"
    traced = {"TF_LOG": "TRACE", "TF_LOG_PATH": str(trace)}
    texts = [terraform.plan("-out", PLAN, changes=True, **traced)]
    sim.fault({"what": "status_403", "path": "/api/v1/trust-management/certificates", "method": "POST", "times": 1})
    texts.append(terraform.run("apply", "-input=false", PLAN, **traced))
    assert texts[-1].code == 1 and "local-exec provisioner error" in texts[-1].text
    sim.clear_faults()
    texts.append(terraform.apply(**traced))
    texts.append(terraform.plan("-out", PLAN, changes=False, **traced))
    texts.append(terraform.run("show", "-json", PLAN, **traced))

    key = (life.folder / "nsx.key").read_text().splitlines()
    canaries = [sim.password.encode(), b"PRIVATE KEY", *(line.encode() for line in key[1:-1])]
    looked_at = {f"output {number}": (one.stdout + one.stderr).encode() for number, one in enumerate(texts)}
    for path in terraform.folder.glob("terraform.tfstate*"):
        looked_at[path.name] = path.read_bytes()
    with zipfile.ZipFile(terraform.folder / PLAN) as plan:
        looked_at |= {name: plan.read(name) for name in plan.namelist()}
    looked_at["trace"] = trace.read_bytes()
    assert b"fingerprint_sha256" in looked_at["trace"] and "tfstate" in looked_at
    for where, content in looked_at.items():
        for canary in canaries:
            assert canary not in content, f"a secret is in {where}"


def test_watching_examples(workshop, registered, nsxcert_release):
    """one-cluster, many-clusters and the hand-over, on the cluster that was just registered."""
    sim, crt = registered.sim, str(registered.folder / "nsx.crt")
    address, nodes = sim.endpoint(sim.vip), [node["address"] for node in sim.nodes]
    common = {"executable": nsxcert_release, "address": address, "nodes": nodes}

    one = workshop("examples/one-cluster", NSXT_PASSWORD=sim.password)
    one.variables(**common, certificate_file=crt, username=sim.username, password_env="NSXT_PASSWORD")
    assert "Warning" not in one.apply().text
    assert one.output()["status"] == "in_sync"

    many = workshop("examples/many-clusters")
    down = "127.0.0.1:9"
    many.variables(executable=nsxcert_release, clusters={
        "good": {"address": address, "nodes": nodes, "certificate_file": crt},
        "down": {"address": down, "certificate_file": crt}},
        fleet=[{"address": address}, {"address": f"{nodes[0]}:{sim.port}"}, {"address": down}])
    applied = many.apply()
    output = many.output()
    assert applied.warns("unknown") and down in applied.text
    assert output["status"] == {"good": "in_sync", "down": "unknown"}
    assert [(one["address"], one["status"]) for one in output["fleet"]] == [
        (address, "in_sync"), (f"{nodes[0]}:{sim.port}", "in_sync"), (down, "unknown")]

    handover = workshop("examples/bosh-handover")
    handover.variables(**common, certificate_file=crt)
    handover.apply()
    pem = (registered.folder / "nsx.crt").read_text()
    output = handover.output()
    assert output["director"] == {"nsx_address": address, "nsx_ca_certificate": pem}
    assert output["vsphere_cpi"] == {"host": address, "ca_cert": pem}
    assert output["tkgi_tile"][".properties.network_selector.nsx.nsx-t-ca-cert"] == {"value": pem}
    handover.variables(**(common | {"address": down}), certificate_file=crt)
    refused = handover.run("plan", "-input=false")
    assert refused.code == 1 and "nothing is handed over" in refused.text
    assert handover.run("destroy", "-input=false", "-auto-approve").code == 0
