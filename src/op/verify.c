/* SPDX-License-Identifier: Apache-2.0 */
/* verify: prove on the wire, and by what the API says, that every endpoint serves the certificate. */
#include <string.h>

#include "base/interrupt.h"
#include "base/mem.h"
#include "op/op.h"
#include "op/source.h"
#include "op/verify_plan.h"
#include "json/get.h"

enum { DEFAULT_TIMEOUT_MS = 10000 };

static void state_free(void *pointer) {
    struct verify_state *state = pointer;
    prover_free(state->prover);
    for (size_t i = 0; i < state->owned_count; i++)
        endpoint_done(&state->owned[i]);
    members_done(&state->members);
    for (size_t i = 0; i < state->anchor_count; i++)
        reference_done(&state->anchors[i]);
    for (size_t i = 0; i < state->api_node_count; i++)
        mem_free(state->api_nodes[i].id);
    mem_free(state->owned);
    mem_free(state->endpoints);
    mem_free(state->anchors);
    mem_free(state->anchor_certs);
    mem_free(state->api_nodes);
    mem_free(state->api_certificate_id);
    cluster_done(&state->cluster);
    reference_done(&state->expected);
    reference_done(&state->api_certificate);
    error_done(&state->api_error);
    error_done(&state->look_error);
    connect_close(state->connection);
    mem_free(state);
}

static bool reports(const struct run *run) {
    return strcmp(get_text(run->parameters, "on_drift", "fail"), "report") == 0;
}

/* With on_drift: report, whatever prevents looking makes the status unknown; only a wrong request and our own defects
 * still fail. */
static bool tolerate(struct run *run, struct verify_state *state, struct error *cause, struct error *err) {
    enum exit_code code = error_info(cause->code)->exit_code;
    bool serious = code == EXIT_MALFORMED || code == EXIT_INTERNAL || cause->code == ERROR_INTERRUPTED;
    if (!reports(run) || serious) {
        error_move(err, cause);
        return false;
    }
    error_move(&state->look_error, cause);
    return true;
}

/* A source is read before there is a connection, which trusts it. What is wrong with it, read_expected() tells. */
static bool read_expected_source(struct run *run, struct verify_state *state, struct error *err) {
    const json_t *expected = get_any(run->parameters, "expected");
    auto_error struct error ignored = {0};
    if (expected == NULL || get_any(expected, "endpoint") != NULL || get_any(expected, "certificate_id") != NULL ||
        reference_read(run, expected, "", NULL, &state->expected, &ignored))
        return true;
    reference_done(&state->expected);
    return !mem_exhausted() || error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read the certificate");
}

static bool open_connection(struct run *run, struct verify_state *state, struct error *err) {
    if (get_object(run->request, "manager") == NULL)
        return true;
    if (!read_expected_source(run, state, err))
        return false;
    struct connect_options options = {.own = {get_any(run->parameters, "expected")},
                                      .own_sha256 = state->expected.known ? state->expected.sha256 : NULL};
    state->connection = connect_open(run, &options, err);
    if (state->connection == NULL)
        return false;
    bool named = get_array(run->parameters, "endpoints") != NULL;
    state->asks_cluster = strcmp(get_text(run->parameters, "scope", "all"), "nodes") != 0;
    state->api_wanted = !named && state->connection->auth.kind != AUTH_NONE;
    return true;
}

/* A file that an earlier step of the pipeline will make. */
static bool not_yet(struct run *run, struct verify_state *state, const json_t *source) {
    if (!source_comes_later(run, source, "/parameters/expected"))
        return false;
    error_set(&state->look_error, ERROR_SOURCE_UNAVAILABLE, "%s does not exist yet", source_path(source));
    return true;
}

static bool read_expected(struct run *run, struct verify_state *state, struct error *err) {
    const json_t *expected = get_any(run->parameters, "expected");
    if (expected == NULL || state->expected.known || not_yet(run, state, expected))
        return true;
    return reference_read(run, expected, "/parameters/expected", state->connection, &state->expected, err);
}

static bool read_trust(struct run *run, struct verify_state *state, struct error *err) {
    const json_t *trust = get_array(run->parameters, "trust");
    size_t count = json_array_size(trust);
    state->anchors = mem_calloc(count + 1, sizeof *state->anchors);
    state->anchor_certs = mem_calloc(count * CHAIN_MAX + 1, sizeof(X509 *));
    if (state->anchors == NULL || state->anchor_certs == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read the trust anchors");
    size_t index;
    json_t *item;
    json_array_foreach(trust, index, item) {
        auto_text char *pointer = mem_printf("/parameters/trust/%zu", index);
        struct reference *anchor = &state->anchors[state->anchor_count++];
        if (!reference_read(run, item, pointer == NULL ? "/parameters/trust" : pointer, NULL, anchor, err))
            return false;
        for (size_t i = 0; i < anchor->chain.count; i++)
            state->anchor_certs[state->rules.anchor_count++] = anchor->chain.certs[i];
    }
    state->rules.anchors = state->anchor_certs;
    return true;
}

static void read_rules(const struct run *run, struct verify_state *state) {
    const json_t *parameters = run->parameters;
    struct prove_rules *rules = &state->rules;
    rules->has_expected = state->expected.known;
    memcpy(rules->expected, state->expected.sha256, CERT_SHA256_SIZE);
    rules->expected_chain = &state->expected.chain;
    rules->require_node_names = get_flag(parameters, "require_node_names", false);
    rules->min_remaining_days = (int)get_integer(parameters, "min_remaining_days", -1);
    const json_t *wants_name = get_any(parameters, "common_name_is_address");
    rules->common_name_is_address = wants_name == NULL ? -1 : json_is_true(wants_name);
    if (state->connection == NULL)
        return;
    rules->cluster_name = endpoint_name(&state->connection->address);
}

static bool look(struct run *run, struct verify_state *state, struct error *err) {
    struct prove_options options = {.timeout_ms = state->connection == NULL ? DEFAULT_TIMEOUT_MS
                                                                            : state->connection->connect_timeout_ms,
                                    .proxy = state->connection == NULL ? NULL : connect_proxy(state->connection)};
    read_rules(run, state);
    if (!verify_targets_read(run, state, err))
        return false;
    state->prover = prover_new(state->endpoints, state->endpoint_count, &state->rules);
    if (state->prover == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to look at the endpoints");
    if (!prove_round(state->prover, &options, run->deadline, err))
        return false;
    verify_api_compare(state);
    return true;
}

static bool tell_drift(const struct verify_state *state, struct error *err) {
    for (size_t i = 0; i < state->endpoint_count; i++) {
        const struct prove_endpoint *at = &state->endpoints[i];
        for (int check = 0; check < PROVE_CHECKS; check++)
            if (at->checks[check] == 0) {
                error_set(err, ERROR_DRIFTED, "%s: the check \"%s\" does not hold", at->endpoint->text,
                          prove_check_name((enum prove_check)check));
                return error_set_endpoint(err, at->endpoint->text);
            }
    }
    return error_set(err, ERROR_DRIFTED, "what the API or the console says is not what is served");
}

static bool tell_unknown(struct verify_state *state, struct error *err) {
    for (size_t i = 0; i < state->endpoint_count; i++) {
        const struct prove_endpoint *at = &state->endpoints[i];
        if (at->status != PROVE_UNKNOWN)
            continue;
        error_set(err, ERROR_NOT_VERIFIED, "%s: %s", at->endpoint->text,
                  at->reason == NULL ? "nothing was presented" : at->reason);
        return error_set_endpoint(err, at->endpoint->text);
    }
    if (state->api_error.code == ERROR_NONE)
        return error_set(err, ERROR_NOT_VERIFIED, "not everything could be looked at");
    /* The cause's own remedy and context (what was presented, which pin to add) are what helps here. */
    error_move(err, &state->api_error);
    err->code = ERROR_NOT_VERIFIED;
    err->problem.code = error_info(ERROR_NOT_VERIFIED)->name;
    err->problem.title = error_info(ERROR_NOT_VERIFIED)->title;
    return false;
}

/* drifted 3, refused credentials 77, unknown 75: in this order, with the full result beside the error. */
static bool conclude(struct run *run, struct verify_state *state, enum prove_status status, struct error *err) {
    if (interrupt_signal() != 0 && status != PROVE_IN_SYNC)
        return error_set(err, ERROR_INTERRUPTED, "signal %d came before everything was looked at", interrupt_signal());
    if (reports(run) || status == PROVE_IN_SYNC || (run->dry_run && state->look_error.code != ERROR_NONE))
        return true;
    if (status == PROVE_DRIFTED)
        return tell_drift(state, err);
    if (error_info(state->api_error.code)->exit_code == EXIT_REFUSED) {
        error_move(err, &state->api_error);
        return false;
    }
    return tell_unknown(state, err);
}

static bool act_verify(struct run *run, struct step *step, struct error *err) {
    (void)step;
    struct verify_state *state = run->state;
    auto_error struct error cause = {0};
    state->api_cluster_matches = -1;
    bool ok = open_connection(run, state, &cause) && verify_api_read(run, state, &cause) &&
              read_expected(run, state, &cause) && read_trust(run, state, &cause) && look(run, state, &cause);
    if (!ok && !tolerate(run, state, &cause, err))
        return false;
    enum prove_status status = state->prover == NULL ? PROVE_UNKNOWN : prover_status(state->prover);
    status = prove_worse(status, verify_api_status(state));
    status = prove_worse(status, verify_reported(run, state));
    if (state->look_error.code != ERROR_NONE || state->members.lacks_joined)
        status = prove_worse(status, PROVE_UNKNOWN);
    verify_report(run, state, status);
    return conclude(run, state, status, err);
}

bool verify_plan(struct run *run, struct error *err) {
    struct verify_state *state = mem_calloc(1, sizeof *state);
    if (state == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to begin");
    run->state = state;
    run->state_free = state_free;
    struct step *step = steps_add(&run->steps, "verify", act_verify);
    if (step != NULL)
        step->read_only = true;
    return true;
}
