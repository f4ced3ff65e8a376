# SPDX-License-Identifier: Apache-2.0
"""More certificates for a trust store: one key and one issuer are shared."""
from . import certs
from .store import Entry

DAY = 86400


def make_filler(cluster, count):
    """`count` entries; a few belong to endpoints of the cluster's own names."""
    keys, now = cluster.sim.keys, cluster.clock.now()
    signer = keys.signer
    issuer = certs.common_name("Filler CA")
    root = certs.make_certificate(issuer, signer.public_key(), signer, cluster.new_serial(),
                                  now - 400 * DAY, 7300, is_ca=True)
    root_pem = certs.cert_to_pem(root)
    public = keys.take(0).public_key()
    entries = []
    for at in range(count):
        name = f"service-{at}.{cluster.name}.sim.test"
        cert = certs.make_certificate(certs.common_name(name), public, signer,
                                      cluster.new_serial(), now - 30 * DAY, 30 + at % 700,
                                      issuer=issuer, names=[name])
        entries.append(Entry(cluster.new_id(), certs.cert_to_pem(cert) + root_pem, keys.take(0),
                             f"filler-{at:06}", now - 30 * DAY + at))
    return entries
