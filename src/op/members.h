/* SPDX-License-Identifier: Apache-2.0 */
/* The managers that the cluster tells, as endpoints. */
#ifndef OP_MEMBERS_H
#define OP_MEMBERS_H

#include "nsx/cluster.h"
#include "op/run.h"

struct members {
    struct endpoint endpoints[CLUSTER_NODES_MAX];        /* in the cluster's order, at its address's port */
    const struct cluster_node *nodes[CLUSTER_NODES_MAX]; /* parallel; borrowed from the cluster */
    size_t count;
    bool lacks_joined; /* a joined one has no address: not all of the cluster can be looked at */
};

/* Warns node-not-checked for each manager that has not joined, or has no address. False when memory ran out. */
bool members_read(struct run *run, const struct cluster *cluster, int port, struct members *members, struct error *err)
    NODISCARD;
void members_done(struct members *members);

#endif
