/* SPDX-License-Identifier: Apache-2.0 */
/* verify: which endpoints are looked at. */
#include <string.h>

#include "base/mem.h"
#include "op/verify_plan.h"
#include "json/get.h"

static bool no_memory(struct error *err) {
    return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to list the endpoints");
}

static bool reserve(struct verify_state *state, size_t count, struct error *err) {
    state->endpoints = mem_calloc(count + 1, sizeof *state->endpoints);
    return state->endpoints != NULL || no_memory(err);
}

/* The same listener twice would be told twice: the address of a cluster without VIP is often a node's own. */
static bool is_listed(const struct verify_state *state, const struct endpoint *endpoint) {
    for (size_t i = 0; i < state->endpoint_count; i++)
        if (endpoint_equal(state->endpoints[i].endpoint, endpoint))
            return true;
    return false;
}

static void list(struct verify_state *state, const struct endpoint *endpoint, enum prove_role role) {
    if (role == ROLE_ENDPOINT || !is_listed(state, endpoint))
        state->endpoints[state->endpoint_count++] = (struct prove_endpoint){.endpoint = endpoint, .role = role};
}

static bool from_request(struct run *run, struct verify_state *state, const json_t *endpoints, struct error *err) {
    int port = state->connection == NULL ? 443 : state->connection->address.port;
    size_t index;
    json_t *item;
    state->owned = mem_calloc(json_array_size(endpoints), sizeof *state->owned);
    if (state->owned == NULL || !reserve(state, json_array_size(endpoints), err))
        return state->owned != NULL ? false : no_memory(err);
    json_array_foreach(endpoints, index, item) {
        auto_text char *pointer = mem_printf("/parameters/endpoints/%zu", index);
        struct endpoint *endpoint = &state->owned[state->owned_count];
        if (pointer == NULL || !connect_endpoint(item, port, pointer, endpoint, err))
            return pointer != NULL ? false : no_memory(err);
        state->owned_count++;
        list(state, endpoint, ROLE_ENDPOINT);
    }
    (void)run;
    return true;
}

static bool add_members(struct run *run, struct verify_state *state, struct error *err) {
    struct members *members = &state->members;
    if (!members_read(run, &state->cluster, state->connection->address.port, members, err))
        return false;
    for (size_t i = 0; i < members->count; i++)
        list(state, &members->endpoints[i], ROLE_NODE);
    return true;
}

bool verify_targets_read(struct run *run, struct verify_state *state, struct error *err) {
    const json_t *endpoints = get_array(run->parameters, "endpoints");
    if (endpoints != NULL)
        return from_request(run, state, endpoints, err);
    struct connection *connection = state->connection;
    const char *scope = get_text(run->parameters, "scope", "all");
    if (!reserve(state, CLUSTER_NODES_MAX + CONNECT_NODES_MAX + 1, err))
        return false;
    if (strcmp(scope, "nodes") != 0)
        list(state, &connection->address, ROLE_VIP);
    if (strcmp(scope, "cluster") == 0)
        return true;
    for (size_t i = 0; i < connection->node_count; i++)
        list(state, &connection->nodes[i], ROLE_NODE);
    if (connection->node_count == 0 && state->cluster_read && !add_members(run, state, err))
        return false;
    if (connection->node_count == 0 && !state->cluster_read) {
        if (state->endpoint_count == 0)
            list(state, &connection->address, ROLE_VIP);
        problems_add(&run->warnings, ERROR_NODES_NOT_CHECKED, "only %s was looked at", connection->address.text);
    }
    return true;
}
