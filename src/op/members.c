/* SPDX-License-Identifier: Apache-2.0 */
/* The managers that the cluster tells, as endpoints. */
#include "op/members.h"

static void warn(struct run *run, const struct cluster_node *node) {
    const char *name = node->address != NULL ? node->address : node->id;
    problem_set_endpoint(problems_add(&run->warnings, ERROR_NODE_NOT_CHECKED, "%s %s", name,
                                      node->joined ? "has no address in the cluster's list"
                                                   : "has not joined the cluster"),
                         node->address);
}

bool members_read(struct run *run, const struct cluster *cluster, int port, struct members *members,
                  struct error *err) {
    for (size_t i = 0; i < cluster->node_count; i++) {
        const struct cluster_node *node = &cluster->nodes[i];
        if (!node->joined || node->address == NULL) {
            members->lacks_joined = members->lacks_joined || node->joined;
            warn(run, node);
            continue;
        }
        if (!endpoint_init(&members->endpoints[members->count], node->address, port, NULL, err))
            return false;
        members->nodes[members->count++] = node;
    }
    return true;
}

void members_done(struct members *members) {
    for (size_t i = 0; i < members->count; i++)
        endpoint_done(&members->endpoints[i]);
    members->count = 0;
}
