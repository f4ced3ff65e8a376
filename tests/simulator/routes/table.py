# SPDX-License-Identifier: Apache-2.0
"""Every route of every module, ready for dispatch; the first match wins, so
fixed paths come before those with a variable segment."""
from . import apicert, batch, cluster, compiled, config, csrs, node, session, trust, vip

TABLE = compiled(cluster.ROUTES + apicert.ROUTES + vip.ROUTES + config.ROUTES + batch.ROUTES
                 + trust.ROUTES + csrs.ROUTES + session.ROUTES + node.ROUTES)
