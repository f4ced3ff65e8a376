/* SPDX-License-Identifier: Apache-2.0 */
/* verify: what the cluster's API says it uses, and whether that is what is served. */
#include <string.h>

#include "base/mem.h"
#include "nsx/store.h"
#include "op/verify_plan.h"
#include "json/get.h"

enum { WIRE_MS = 2000 }; /* beside the time to connect: an API that hangs must not use up the time of the wire */

/* Nothing else makes sense after these; the rest only leaves the API side unknown. */
static bool ends_run(const struct error *cause) {
    return cause->code == ERROR_INTERRUPTED || cause->code == ERROR_OUT_OF_MEMORY || cause->code == ERROR_INTERNAL;
}

/* Is the cluster's certificate served at the address at all? */
static bool read_address(struct run *run, struct verify_state *state, struct error *err) {
    auto_text char *vip = NULL;
    const struct endpoint *address = &state->connection->address;
    if (!cluster_address_fetch(state->connection->manager, &state->cluster, address->host, &state->address_is, &vip,
                               err))
        return false;
    if (state->address_is == ADDRESS_BESIDE_VIP)
        problems_add(&run->warnings, ERROR_VIP_NOT_CHECKED,
                     "%s is a manager's own address; the cluster's virtual IP is %s", address->text,
                     vip == NULL ? "another" : vip);
    return true;
}

static bool read_cluster(struct run *run, struct verify_state *state, struct error *err) {
    struct manager *manager = state->connection->manager;
    if (!cluster_certificate_fetch(manager, &state->api_certificate_id, err))
        return false;
    state->api_certificate_read = true;
    if (state->api_certificate_id != NULL) {
        auto_store_entry struct store_entry entry = {0};
        if (!store_get(manager, state->api_certificate_id, &entry, err))
            return false;
        state->api_certificate.certificate_id = mem_strdup(entry.id);
        state->api_certificate.display_name = mem_strdup(entry.display_name);
        if (entry.pem != NULL && !reference_take_pem(&state->api_certificate, entry.pem, err))
            return false;
    }
    state->cluster_read = cluster_fetch(manager, &state->cluster, err);
    return state->cluster_read && (!state->asks_cluster || read_address(run, state, err));
}

bool verify_api_read(struct run *run, struct verify_state *state, struct error *err) {
    state->api_cluster_matches = -1;
    if (!state->api_wanted)
        return true;
    auto_error struct error cause = {0};
    struct manager *manager = state->connection->manager;
    int64_t kept_ms = state->connection->connect_timeout_ms + WIRE_MS;
    int64_t left_ms = deadline_left_ms(run->deadline);
    (void)manager_set_deadline(manager, deadline_within_ms(run->deadline,
                                                           left_ms - (kept_ms < left_ms / 2 ? kept_ms : left_ms / 2)));
    bool ok = read_cluster(run, state, &cause);
    (void)manager_set_deadline(manager, run->deadline);
    if (state->cluster_read && run->target_cluster_id == NULL)
        run->target_cluster_id = mem_strdup(state->cluster.id);
    if (ok)
        return true;
    if (cause.code == ERROR_DEADLINE && !deadline_passed(run->deadline))
        error_set(&cause, ERROR_DEADLINE, "%s did not answer in time; the rest of deadline_seconds is for the wire",
                  state->connection->address.text);
    if (ends_run(&cause)) {
        error_move(err, &cause);
        return false;
    }
    problems_add(&run->warnings, ERROR_API_NOT_READ, "%s (%s)",
                 cause.problem.detail == NULL ? cause.problem.title : cause.problem.detail, cause.problem.code);
    error_move(&state->api_error, &cause);
    return true;
}

/* What `host` presented in the round, or NULL. */
static const struct prove_facts *served_by(const struct verify_state *state, const char *host, enum prove_role role) {
    for (size_t i = 0; i < state->endpoint_count; i++) {
        const struct prove_endpoint *at = &state->endpoints[i];
        if (at->role == role && strcmp(at->endpoint->host, host) == 0)
            return at->facts;
    }
    return NULL;
}

static const unsigned char *expected_sha256(const struct verify_state *state) {
    if (state->rules.has_expected)
        return state->rules.expected;
    for (size_t i = 0; i < state->endpoint_count; i++)
        if (state->endpoints[i].facts != NULL)
            return prove_facts_sha256(state->endpoints[i].facts);
    return NULL;
}

/* Is what the API says served? Where nothing was presented: is it what is expected? -1 where it says nothing. */
static int agrees(const struct verify_state *state, bool known, const unsigned char *said,
                  const struct prove_facts *served) {
    const unsigned char *other = served != NULL ? prove_facts_sha256(served) : expected_sha256(state);
    return !known || other == NULL ? -1 : memcmp(said, other, CERT_SHA256_SIZE) == 0;
}

static void compare_node(struct verify_state *state, const struct cluster_node *node, const struct prove_endpoint *at) {
    struct verify_api_node *said = &state->api_nodes[state->api_node_count++];
    *said = (struct verify_api_node){.address = at->endpoint->text, .id = mem_strdup(node->id)};
    said->has_sha256 = node->has_sha256;
    memcpy(said->sha256, node->sha256, CERT_SHA256_SIZE);
    said->matches = agrees(state, node->has_sha256, node->sha256, at->facts);
}

void verify_api_compare(struct verify_state *state) {
    if (!state->api_wanted)
        return;
    /* Without a virtual IP it is served nowhere, and its certificate may be any. */
    if (state->api_certificate_id != NULL && state->asks_cluster && state->address_is != ADDRESS_WITHOUT_VIP)
        state->api_cluster_matches = agrees(state, state->api_certificate.known, state->api_certificate.sha256,
                                            state->address_is == ADDRESS_BESIDE_VIP
                                                ? NULL
                                                : served_by(state, state->connection->address.host, ROLE_VIP));
    state->api_nodes = mem_calloc(state->endpoint_count + 1, sizeof *state->api_nodes);
    for (size_t i = 0; state->api_nodes != NULL && i < state->endpoint_count; i++) {
        const struct prove_endpoint *at = &state->endpoints[i];
        const struct cluster_node *node =
            at->role == ROLE_NODE ? cluster_find_node(state->connection->manager, &state->cluster, at->endpoint->host)
                                  : NULL;
        if (node != NULL)
            compare_node(state, node, at);
    }
}

enum prove_status verify_api_status(const struct verify_state *state) {
    if (!state->api_wanted)
        return PROVE_IN_SYNC;
    if (state->api_cluster_matches == 0)
        return PROVE_DRIFTED;
    for (size_t i = 0; i < state->api_node_count; i++)
        if (state->api_nodes[i].matches == 0)
            return PROVE_DRIFTED;
    return state->api_error.code != ERROR_NONE ? PROVE_UNKNOWN : PROVE_IN_SYNC;
}

static json_t *use_new(const char *address, const char *node_id, const char *certificate_id, bool known,
                       const unsigned char *sha256, int matches) {
    char hex[CERT_HEX_SIZE];
    json_t *object = json_object();
    if (known)
        cert_hex(sha256, hex);
    put_text(object, "address", address);
    put_text(object, "node_id", node_id);
    put_text(object, "certificate_id", certificate_id);
    put_text(object, "fingerprint_sha256", known ? hex : NULL);
    put_take(object, "matches", matches < 0 ? NULL : json_boolean(matches));
    return object;
}

json_t *verify_api_json(const struct verify_state *state) {
    if (!state->api_wanted)
        return NULL;
    json_t *object = json_object();
    json_t *nodes = json_array();
    put_text(object, "status", prove_status_name(verify_api_status(state)));
    put_text(object, "reason", state->api_error.code == ERROR_NONE ? NULL : state->api_error.problem.code);
    put_take(object, "cluster",
             !state->api_certificate_read
                 ? NULL
                 : use_new(state->connection->address.text, NULL, state->api_certificate_id,
                           state->api_certificate.known, state->api_certificate.sha256, state->api_cluster_matches));
    for (size_t i = 0; i < state->api_node_count; i++) {
        const struct verify_api_node *node = &state->api_nodes[i];
        /* Of a node the cluster tells the thumbprint, no id. */
        push_take(nodes, use_new(node->address, node->id, NULL, node->has_sha256, node->sha256, node->matches));
    }
    put_take(object, "nodes", nodes);
    return object;
}
