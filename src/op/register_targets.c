/* SPDX-License-Identifier: Apache-2.0 */
/* register: what gets the certificate, in which order, and what must hold before. */
#include <string.h>

#include "base/mem.h"
#include "op/lint_gate.h"
#include "op/register_plan.h"
#include "json/get.h"

/* A manager named twice, by another text or by another of its addresses, is one target: else it would be written to
 * twice. */
static bool is_target(const struct register_state *state, const struct endpoint *endpoint,
                      const struct cluster_node *node) {
    for (size_t i = 0; i < state->looked_count; i++) {
        const struct register_target *other = &state->targets[i];
        if (other->role == ROLE_NODE &&
            ((node != NULL && other->node == node) || endpoint_equal(other->endpoint, endpoint)))
            return true;
    }
    return false;
}

static void add(struct register_state *state, const struct endpoint *endpoint, enum prove_role role,
                const struct cluster_node *node) {
    if (state->looked_count < REGISTER_ENDPOINTS_MAX && (role != ROLE_NODE || !is_target(state, endpoint, node)))
        state->targets[state->looked_count++] =
            (struct register_target){.endpoint = endpoint, .role = role, .node = node, .settled_after_ms = -1};
}

static bool add_nodes(struct run *run, struct register_state *state, struct error *err) {
    struct connection *connection = state->connection;
    for (size_t i = 0; i < connection->node_count; i++)
        add(state, &connection->nodes[i], ROLE_NODE,
            cluster_find_node(connection->manager, &state->cluster, connection->nodes[i].host));
    if (connection->node_count > 0)
        return true;
    struct members *members = &state->members;
    if (!members_read(run, &state->cluster, connection->address.port, members, err))
        return false;
    for (size_t i = 0; i < members->count; i++)
        add(state, &members->endpoints[i], ROLE_NODE, members->nodes[i]);
    return true;
}

/* A manager's own address stands for the cluster only where there is no virtual IP. */
static bool check_address(struct register_state *state, struct error *err) {
    auto_text char *vip = NULL;
    const struct endpoint *address = &state->connection->address;
    if (!cluster_address_fetch(state->connection->manager, &state->cluster, address->host, &state->address_is, &vip,
                               err))
        return false;
    if (state->address_is != ADDRESS_BESIDE_VIP)
        return true;
    error_set(err, ERROR_ADDRESS_IS_NODE, "%s is a manager's own address; the cluster's virtual IP is %s",
              address->text, vip == NULL ? "another" : vip);
    return error_set_pointer(err, "/manager/address");
}

bool register_targets_read(struct run *run, struct register_state *state, struct error *err) {
    const char *scope = get_text(run->parameters, "scope", "cluster");
    bool cluster = strcmp(scope, "cluster") == 0;
    if (strcmp(scope, "nodes") != 0 && !check_address(state, err))
        return false;
    if (cluster)
        add(state, &state->connection->address, ROLE_VIP, NULL);
    state->target_count = state->looked_count;
    if (!add_nodes(run, state, err))
        return false;
    if (!cluster && state->looked_count == 0)
        return error_set(err, ERROR_UNEXPECTED_ANSWER, "the cluster behind %s lists no manager with an address",
                         state->connection->address.text);
    if (!cluster) {
        if (strcmp(scope, "all") == 0)
            add(state, &state->connection->address, ROLE_VIP, NULL);
        state->target_count = state->looked_count;
    }
    return true;
}

/* What was served by whom is kept in the order of the targets: both move together. */
static void swap(struct register_state *state, size_t a, size_t b) {
    struct register_target target = state->targets[a];
    struct prove_endpoint endpoint = state->endpoints[a];
    state->targets[a] = state->targets[b];
    state->endpoints[a] = state->endpoints[b];
    state->targets[b] = target;
    state->endpoints[b] = endpoint;
}

void register_targets_order(struct register_state *state, const char *leader_id) {
    for (size_t i = 0; leader_id != NULL && i + 1 < state->target_count; i++) {
        const struct cluster_node *node = state->targets[i].node;
        bool leads = node != NULL && node->id != NULL && strcmp(node->id, leader_id) == 0;
        if (leads && state->targets[i + 1].role == ROLE_NODE)
            swap(state, i, i + 1);
    }
}

static bool gets_role(const struct register_state *state, enum prove_role role) {
    for (size_t i = 0; i < state->target_count; i++)
        if (state->targets[i].role == role && state->targets[i].needed)
            return true;
    return false;
}

/* A step for a VIP that does not exist: an error in scope cluster, left out in scope all. */
static bool check_vip(const struct run *run, struct register_state *state, struct error *err) {
    if (!gets_role(state, ROLE_VIP))
        return true;
    auto_text char *ip = NULL;
    auto_text char *ip6 = NULL;
    if (state->address_is != ADDRESS_WITHOUT_VIP && !cluster_vip_fetch(state->connection->manager, &ip, &ip6, err))
        return false;
    if (ip != NULL || ip6 != NULL)
        return true;
    if (strcmp(get_text(run->parameters, "scope", "cluster"), "cluster") == 0)
        return error_set(err, ERROR_NO_CLUSTER_IP, "the cluster behind %s has no virtual IP",
                         state->connection->address.text);
    state->has_no_vip = true;
    state->target_count--;
    state->looked_count--;
    return true;
}

static bool check_stable(struct run *run, struct register_state *state, char **ret_leader, struct error *err) {
    auto_cluster_status struct cluster_status status = {0};
    if (!cluster_status_fetch(state->connection->manager, &status, err))
        return false;
    const char *words = status.words == NULL ? "unknown" : status.words;
    if (!status.stable && !get_flag(run->parameters, "allow_degraded", false))
        return error_set(err, ERROR_CLUSTER_UNSTABLE, "the cluster says it is %s", words);
    if (!status.stable)
        problems_add(&run->warnings, ERROR_CLUSTER_DEGRADED, "the cluster says it is %s", words);
    *ret_leader = mem_strdup(status.leader_id);
    return true;
}

/* By what a manager is to be named: its address, or the name that the cluster publishes where the SAN has that alone.
 */
static const char *name_of(const struct register_target *target, const struct san *san) {
    const char *name = endpoint_name(target->endpoint);
    const char *fqdn = target->node == NULL ? NULL : target->node->fqdn;
    return fqdn != NULL && !san_covers(san, name) && san_covers(san, fqdn) ? fqdn : name;
}

/* The address by which clients know the cluster is an IP or a name: each has a rule of its own. */
static void take_names(const struct register_state *state, struct lint_subject *subject, const char **nodes) {
    const char *name = endpoint_name(&state->connection->address);
    char canonical[NAME_IP_SIZE];
    bool ip = name_parse_ip(name, canonical);
    auto_san struct san san = {0};
    if (!cert_san(state->certificate.chain.certs[0], &san))
        san = (struct san){0};
    if (gets_role(state, ROLE_VIP)) {
        subject->vip = ip ? name : NULL;
        subject->vip_fqdn = ip ? NULL : name;
    }
    for (size_t i = 0; i < state->target_count; i++)
        if (state->targets[i].role == ROLE_NODE && state->targets[i].needed)
            nodes[subject->node_count++] = name_of(&state->targets[i], &san);
    subject->nodes = nodes;
    subject->given_to_nodes = subject->node_count > 0;
}

static bool check_certificate(struct run *run, struct register_state *state, struct error *err) {
    const char *nodes[REGISTER_ENDPOINTS_MAX];
    struct lint_subject subject = {.chain = &state->certificate.chain};
    struct security_switches switches = {-1, -1, -1};
    if (state->certificate.chain.count == 0)
        return true;
    if (!peer_version(state->connection->manager, manager_peer(state->connection->manager), &subject.version, err) ||
        !security_switches_fetch(state->connection->manager, &switches, err))
        return false;
    subject.ca_signed_only = switches.ca_signed_only;
    subject.crl_checking = switches.crl_checking;
    subject.auto_renewal = switches.auto_renewal;
    take_names(state, &subject, nodes);
    subject.scopes = LINT_CERTIFICATE;
    bool enforce = strcmp(get_text(run->parameters, "lint", "enforce"), "enforce") == 0;
    if (!lint_gate(run, &subject, enforce, ERROR_CERTIFICATE_UNFIT, err))
        return false;
    subject.scopes = LINT_NAMES;
    return lint_gate(run, &subject, !get_flag(run->parameters, "allow_name_mismatch", false), ERROR_NAME_MISMATCH, err);
}

/* A machine that is no member must not get the credentials' writes; most versions need its id as well. */
static bool check_members(const struct register_state *state, struct error *err) {
    for (size_t i = 0; i < state->target_count; i++) {
        const struct register_target *target = &state->targets[i];
        if (target->role != ROLE_NODE || !target->needed || target->node != NULL)
            continue;
        error_set(err, ERROR_NODE_UNKNOWN, "%s is no member of the cluster behind %s", target->endpoint->text,
                  state->connection->address.text);
        return error_set_endpoint(err, target->endpoint->text);
    }
    return true;
}

bool register_gate(struct run *run, struct register_state *state, char **ret_leader, struct error *err) {
    if (!check_members(state, err) || !check_vip(run, state, err))
        return false;
    /* Without the VIP nothing may be left to do. */
    if (!gets_role(state, ROLE_VIP) && !gets_role(state, ROLE_NODE))
        return true;
    return check_certificate(run, state, err) && check_stable(run, state, ret_leader, err);
}
