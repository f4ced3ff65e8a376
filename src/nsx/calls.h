/* SPDX-License-Identifier: Apache-2.0 */
/* Calls by capability: which request does a thing on which NSX version (calls.def). The only place that compares
 * versions. */
#ifndef NSX_CALLS_H
#define NSX_CALLS_H

#include <stdbool.h>

#include "nsx/manager.h"

enum call_id {
    CALL_NODE_VERSION,
    CALL_LIST,     /* arguments: cursor */
    CALL_GET,      /* certificate_id */
    CALL_IMPORT,   /* body */
    CALL_DELETE,   /* certificate_id */
    CALL_VALIDATE, /* certificate_id; 3.0+ */
    CALL_CLUSTER,
    CALL_CLUSTER_STATUS,
    CALL_VIRTUAL_IP,
    CALL_API_CERTIFICATE,
    CALL_API_CERTIFICATE_LISTED,
    CALL_APPLY_CLUSTER,      /* certificate_id */
    CALL_APPLY_NODE,         /* certificate_id, node_id; sent to the node itself */
    CALL_APPLY_NODE_THROUGH, /* certificate_id, node_id; sent to manager.address */
    CALL_SECURITY,           /* the switches of nsx-api.md section 2.4; 3.0+ */
};

/* Values of the placeholders {id}, {node}, {cursor} of a path; unused ones NULL. */
struct call_arguments {
    const char *certificate_id;
    const char *node_id;
    const char *cursor; /* NULL: first page */
    const struct secret *body;
};

/* True if a manager of that version has the call at all. */
bool call_exists(enum call_id id, struct lint_version version);

/* Does the call by the newest row of the peer's version (which is asked if unknown). A 404, 405 or "unknown action" 400
 * falls back one row, once, with the warning call-fallback. `ret_name` (may be NULL) gets the static name of the row
 * used, also on failure. Same errors and `ret` as manager_call(); unsupported-version when no row fits. */
bool call_do(struct manager *manager, struct peer *peer, enum call_id id, const struct call_arguments *arguments,
             struct manager_answer *ret, const char **ret_name, struct error *err) NODISCARD;

/* call_do() for reads that answer an object: anything else is unexpected-answer. The caller owns the object. */
json_t *call_fetch(struct manager *manager, struct peer *peer, enum call_id id, const struct call_arguments *arguments,
                   struct error *err) NODISCARD;

#endif
