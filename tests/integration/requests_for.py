# SPDX-License-Identifier: Apache-2.0
"""Requests for a simulated cluster."""
from pki import fingerprints


def manager(sim, **changes):
    """The manager member: admin, the factory certificates pinned."""
    member = {
        "address": sim.endpoint(sim.vip),
        "auth": {"username": sim.username, "password": sim.password},
        "tls": {"pin_sha256": fingerprints(sim.factory_pem)},
    }
    member.update(changes)
    return member


def import_request(sim, pair, *, dry_run=False, deadline=60, manager_changes=None, **parameters):
    return {
        "api_version": "nsxcert/v1",
        "operation": "import",
        "dry_run": dry_run,
        "deadline_seconds": deadline,
        "manager": manager(sim, **(manager_changes or {})),
        "parameters": {"certificate": pair.chain, "private_key": pair.key_pem, **parameters},
    }
