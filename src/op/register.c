/* SPDX-License-Identifier: Apache-2.0 */
/* register: make the managers serve a certificate of the trust store, one endpoint at a time, each proven before the
 * next. */
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "op/op.h"
#include "op/register_plan.h"
#include "op/source.h"
#include "x509/cert.h"
#include "json/get.h"

static void state_free(void *pointer) {
    struct register_state *state = pointer;
    prover_free(state->prover);
    prover_free(state->observer);
    members_done(&state->members);
    reference_done(&state->certificate);
    cluster_done(&state->cluster);
    mem_free(state->certificate_id);
    mem_free(state->display_name);
    mem_free(state->previous_id);
    connect_close(state->connection);
    mem_free(state);
}

/* In a dry run an earlier step of the pipeline may not have made the file yet. */
static bool not_yet(struct run *run) {
    if (!source_comes_later(run, get_any(run->parameters, "certificate"), "/parameters/certificate"))
        return false;
    bool nodes = strcmp(get_text(run->parameters, "scope", "cluster"), "nodes") == 0;
    struct step *step = steps_add(&run->steps, nodes ? "register-node" : "register-cluster", NULL);
    step_add_reason(step, "not there yet");
    run_add_unknown(run, "/result");
    return true;
}

/* In a dry run an earlier step of the pipeline may not have imported it yet: one that is at hand, not one that an
 * endpoint serves. */
static bool not_imported_yet(struct run *run, const struct reference *certificate, struct error *cause) {
    if (!run->dry_run || cause->code != ERROR_CERTIFICATE_NOT_FOUND || certificate->chain.count == 0 ||
        get_any(get_any(run->parameters, "certificate"), "endpoint") != NULL)
        return false;
    problem_set_pointer(problems_add(&run->warnings, ERROR_SOURCE_NOT_YET, "%s", "it is not in the trust store yet"),
                        "/parameters/certificate");
    run_add_unknown(run, "/result/certificate_id");
    return true;
}

static bool find_entry(struct run *run, struct register_state *state, struct error *err) {
    struct reference *certificate = &state->certificate;
    auto_store_entry struct store_entry entry = {0};
    auto_error struct error cause = {0};
    if (!store_find_by_fingerprint(state->connection->manager, certificate->sha256, &entry, &cause)) {
        if (not_imported_yet(run, certificate, &cause))
            return true;
        error_move(err, &cause);
        return error_set_pointer(err, "/parameters/certificate");
    }
    state->certificate_id = mem_strdup(entry.id);
    state->display_name = mem_strdup(entry.display_name);
    return certificate->chain.count > 0 || entry.pem == NULL || reference_take_pem(certificate, entry.pem, err);
}

static bool read_certificate(struct run *run, struct register_state *state, struct error *err) {
    const json_t *value = get_any(run->parameters, "certificate");
    struct reference *certificate = &state->certificate;
    if (!reference_read(run, value, "/parameters/certificate", state->connection, certificate, err))
        return false;
    if (certificate->certificate_id == NULL) {
        if (!find_entry(run, state, err))
            return false;
    } else {
        state->certificate_id = mem_strdup(certificate->certificate_id);
        state->display_name = mem_strdup(certificate->display_name);
    }
    /* From the swap on the managers show this very leaf. */
    return trust_add_leaf(state->connection->trust, certificate->sha256) ||
           error_set(err, ERROR_OUT_OF_MEMORY, "no memory to trust the certificate");
}

static bool read_cluster(struct run *run, struct register_state *state, struct error *err) {
    struct manager *manager = state->connection->manager;
    if (!cluster_certificate_fetch(manager, &state->previous_id, err) || !cluster_fetch(manager, &state->cluster, err))
        return false;
    run->target_cluster_id = mem_strdup(state->cluster.id);
    return register_targets_read(run, state, err);
}

static void fill_endpoints(struct register_state *state) {
    for (size_t i = 0; i < state->looked_count; i++)
        state->endpoints[i] =
            (struct prove_endpoint){.endpoint = state->targets[i].endpoint, .role = state->targets[i].role};
}

static bool look(struct run *run, struct register_state *state, struct error *err) {
    state->rules = (struct prove_rules){.has_expected = true,
                                        .expected_chain = &state->certificate.chain,
                                        .cluster_name = endpoint_name(&state->connection->address),
                                        .min_remaining_days = -1,
                                        .common_name_is_address = 0};
    memcpy(state->rules.expected, state->certificate.sha256, CERT_SHA256_SIZE);
    fill_endpoints(state);
    state->observer = prover_new(state->endpoints, state->looked_count, &state->rules);
    if (state->observer == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to look at the endpoints");
    return register_look(run, state, state->observer, err);
}

/* Does the API call ours what the endpoint uses? Of a node that it says nothing about, the wire alone counts. */
static bool is_said(const struct register_state *state, const struct register_target *target, bool if_silent) {
    if (target->role == ROLE_VIP)
        return state->certificate_id != NULL && state->previous_id != NULL &&
               strcmp(state->previous_id, state->certificate_id) == 0;
    if (target->node == NULL || !target->node->has_sha256)
        return if_silent;
    return memcmp(target->node->sha256, state->certificate.sha256, CERT_SHA256_SIZE) == 0;
}

/* Nothing to do where the API says so and the wire shows it. */
static bool is_needed(struct register_state *state, size_t index) {
    struct register_target *target = &state->targets[index];
    target->said = is_said(state, target, false);
    return state->endpoints[index].checks[CHECK_FINGERPRINT] != 1 || !is_said(state, target, true);
}

static json_t *diff_after(const struct register_state *state) {
    char hex[CERT_HEX_SIZE];
    char text[CLOCK_TEXT_SIZE];
    const struct chain *chain = &state->certificate.chain;
    json_t *side = json_object();
    cert_hex(state->certificate.sha256, hex);
    put_text(side, "display_name", state->display_name);
    put_text(side, "certificate_id", state->certificate_id);
    put_text(side, "fingerprint_sha256", hex);
    put_text(side, "not_after", chain->count == 0 ? NULL : clock_format(cert_not_after(chain->certs[0]), text));
    return side;
}

static json_t *diff_before(const struct register_state *state, size_t index) {
    char hex[CERT_HEX_SIZE];
    const struct prove_endpoint *at = &state->endpoints[index];
    json_t *side = json_object();
    if (at->facts != NULL)
        cert_hex(prove_facts_sha256(at->facts), hex);
    put_text(side, "certificate_id", at->role == ROLE_VIP ? state->previous_id : NULL);
    put_text(side, "fingerprint_sha256", at->facts == NULL ? NULL : hex);
    return side;
}

/* What only the import will tell. */
static void add_unknown_after(struct run *run, size_t diff) {
    static const char *const members[] = {"display_name", "certificate_id"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        auto_text char *pointer = mem_printf("/diff/%zu/after/%s", diff, members[i]);
        if (pointer != NULL)
            run_add_unknown(run, pointer);
    }
}

static void plan_step(struct run *run, struct register_state *state, size_t index) {
    const struct register_target *target = &state->targets[index];
    const struct prove_endpoint *at = &state->endpoints[index];
    const char *name = target->role == ROLE_VIP ? "register-cluster" : "register-node";
    struct step *step;
    if (!target->needed) {
        step = steps_add_unchanged(&run->steps, name, "the API says so and the wire shows it");
    } else {
        step = steps_add(&run->steps, name, register_act);
        bool served = at->checks[CHECK_FINGERPRINT] == 1;
        bool names_other = target->role != ROLE_VIP || state->previous_id != NULL;
        step_add_reason(step, "%s",
                        !served       ? "it serves another certificate"
                        : names_other ? "the API names another certificate"
                                      : "the API names none");
        if (state->certificate_id == NULL)
            add_unknown_after(run, state->diff_count++);
        step_set_diff(step, target->role == ROLE_VIP ? "cluster certificate" : "node certificate",
                      diff_before(state, index), diff_after(state));
    }
    step_set_endpoint(step, target->endpoint->text);
}

/* Where nobody ever set a cluster certificate the API names none; what the VIP serves is in the store all the same, and
 * its id is the way back. */
static bool find_previous(struct register_state *state, struct error *err) {
    for (size_t i = 0; state->previous_id == NULL && i < state->target_count; i++) {
        const struct prove_endpoint *at = &state->endpoints[i];
        if (at->role != ROLE_VIP || at->facts == NULL || at->checks[CHECK_FINGERPRINT] == 1)
            continue;
        auto_store_entry struct store_entry entry = {0};
        auto_error struct error cause = {0};
        if (store_find_by_fingerprint(state->connection->manager, prove_facts_sha256(at->facts), &entry, &cause)) {
            state->previous_id = mem_strdup(entry.id);
        } else if (cause.code != ERROR_CERTIFICATE_NOT_FOUND) {
            error_move(err, &cause);
            return false;
        }
    }
    return true;
}

/* False: nothing is to do. */
static bool mark_needed(struct register_state *state) {
    bool any = false;
    for (size_t i = 0; i < state->target_count; i++)
        any = (state->targets[i].needed = is_needed(state, i)) || any;
    return any;
}

static bool plan_replacements(struct run *run, struct register_state *state, struct error *err) {
    auto_text char *leader = NULL;
    if (!register_gate(run, state, &leader, err) || !register_await_targets(run, state, err) ||
        !find_previous(state, err))
        return false;
    (void)mark_needed(state);
    register_targets_order(state, leader);
    for (size_t i = 0; i < state->target_count; i++)
        plan_step(run, state, i);
    if (state->has_no_vip)
        steps_add_skipped(&run->steps, "register-cluster", "the cluster has no virtual IP");
    state->prover = prover_new(state->endpoints, state->target_count, &state->rules);
    if (state->prover == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to look at the endpoints");
    struct step *confirm = steps_add(&run->steps, "confirm", register_act_confirm);
    step_add_reason(confirm, "all endpoints are proven a second time");
    if (confirm != NULL)
        confirm->read_only = true;
    if (run->dry_run) {
        register_warn_nodes(run, state);
        run_add_unknown(run, "/result/call");
    }
    register_report(run, state);
    return true;
}

static bool decide(struct run *run, struct register_state *state, struct error *err) {
    if (mark_needed(state))
        return plan_replacements(run, state, err);
    for (size_t i = 0; i < state->target_count; i++)
        plan_step(run, state, i);
    mem_free(state->previous_id);
    state->previous_id = NULL;
    register_warn_nodes(run, state);
    register_report(run, state);
    return true;
}

bool register_plan(struct run *run, struct error *err) {
    if (not_yet(run))
        return true;
    struct register_state *state = mem_calloc(1, sizeof *state);
    if (state == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to begin");
    run->state = state;
    run->state_free = state_free;
    state->settle_timeout_ms = get_integer(run->parameters, "settle_timeout_seconds", 180) * 1000;
    state->confirm_after_ms = get_integer(run->parameters, "confirm_after_seconds", 5) * 1000;
    struct connect_options options = {.own = {get_any(run->parameters, "certificate")}};
    state->connection = connect_open(run, &options, err);
    return state->connection != NULL && read_certificate(run, state, err) && read_cluster(run, state, err) &&
           look(run, state, err) && decide(run, state, err);
}
