# SPDX-License-Identifier: Apache-2.0
"""Every route of every module, ready for dispatch."""
from . import apicert, cluster, compiled, node, session, trust

TABLE = compiled(node.ROUTES + cluster.ROUTES + trust.ROUTES + apicert.ROUTES + session.ROUTES)
