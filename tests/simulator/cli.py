# SPDX-License-Identifier: Apache-2.0
"""The managers' own command line: what one line that is typed there prints.

A manager says what it uses (`Cluster.uses`), so that it differs from the wire
while its service restarts, after a drift, and where a test gave it other words.
"""
from datetime import datetime, timezone

from . import certs
from .cluster import VIP

SERVICES = ("api", "cluster")


def entry_of(cluster, node, service):
    """The store's entry that a manager's command line shows as `api` or `cluster`."""
    told = cluster.cli.get((node.uuid, service))
    if told:
        return told
    own = cluster.uses[("API", node.uuid)]
    if service == "api":
        return own
    return cluster.uses.get(VIP) or cluster.uses[("API", cluster.holder.uuid)]


def pem(chain):
    return certs.clean_pem(chain)


def thumbprint(chain):
    return certs.thumbprint(chain[0]) + "\n"


def text(chain):
    """Each certificate in words, in the manner of OpenSSL, and its PEM behind it."""
    return "".join(dump(cert) + certs.cert_to_pem(cert) for cert in chain)


def dump(cert):
    algorithm, bits, _ = certs.key_facts(cert.public_key())
    times = [f"{when:%b %e %H:%M:%S %Y} GMT" for when in (cert.not_valid_before_utc,
                                                          cert.not_valid_after_utc)]
    return (f"Certificate:\n    Data:\n        Version: 3 (0x2)\n"
            f"        Serial Number:\n            {cert.serial_number:x}\n"
            f"        Issuer: {cert.issuer.rfc4514_string()}\n"
            f"        Validity\n            Not Before: {times[0]}\n"
            f"            Not After : {times[1]}\n"
            f"        Subject: {cert.subject.rfc4514_string()}\n"
            f"        Subject Public Key Info:\n"
            f"            Public Key Algorithm: {algorithm} ({bits} bit)\n")


FORMS = {(): pem, ("text",): text, ("thumbprint",): thumbprint}


def answer(cluster, node, line):
    """What the line prints; nothing for an empty one."""
    words = line.split()
    if not words:
        return ""
    command, service, form = words[:2], words[2:3], FORMS.get(tuple(words[3:]))
    if command != ["get", "certificate"] or not set(service) & set(SERVICES) or not form:
        cluster.sim.log.say(f"{node.address} CLI: a command that it does not know")
        return f"% Command not found: {' '.join(words)}\n"
    cluster.sim.log.say(f"{node.address} CLI: {' '.join(words)}")
    return heading(cluster) + form(entry_of(cluster, node, service[0]).chain)


def heading(cluster):
    if cluster.sim.switches.cli_heading == "none":
        return ""
    now = datetime.fromtimestamp(cluster.clock.now(), timezone.utc)
    return f"{now:%a %b %d %Y UTC %H:%M:%S}.{now.microsecond // 1000:03}\n"


def describe(cluster, node):
    """The ids of the certificates that the command line shows."""
    return {service: entry_of(cluster, node, service).id for service in SERVICES}
