/* SPDX-License-Identifier: Apache-2.0 */
/* register: giving one endpoint the certificate and watching the wire until it serves it, twice. */
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/retry.h"
#include "op/register_plan.h"

enum { POLL_FIRST_MS = 250, POLL_MOST_MS = 2000, UNCLEAR_LOOK_MS = 60000 };

bool register_look(struct run *run, struct register_state *state, struct prover *prover, struct error *err) {
    struct prove_options options = {.timeout_ms = state->connection->connect_timeout_ms,
                                    .proxy = connect_proxy(state->connection)};
    return prove_round(prover, &options, run->deadline, err);
}

static size_t index_of(const struct register_state *state, const struct register_target *target) {
    return (size_t)(target - state->targets);
}

static const char *served_words(const struct prove_endpoint *at, char hex[CERT_HEX_SIZE]) {
    if (at->facts == NULL)
        return at->reason == NULL ? "nothing" : at->reason;
    cert_hex(prove_facts_sha256(at->facts), hex);
    hex[12] = '\0';
    return hex;
}

/* Does the API call ours the cluster's certificate? The VIP counts as settled only when wire and API agree. */
static bool api_agrees(struct register_state *state, const struct register_target *target, bool *ret_agrees,
                       struct error *err) {
    auto_text char *id = NULL;
    *ret_agrees = true;
    if (target->role != ROLE_VIP)
        return true;
    if (!cluster_certificate_fetch(state->connection->manager, &id, err))
        return false;
    *ret_agrees = id != NULL && strcmp(id, state->certificate_id) == 0;
    return true;
}

/* Why waiting ended without success. */
static bool waiting_ended(const struct run *run, struct error *err) {
    if (interrupt_signal() != 0)
        return error_set(err, ERROR_INTERRUPTED, "signal %d came while a replacement was being watched",
                         interrupt_signal());
    if (deadline_passed(run->deadline))
        return error_set(err, ERROR_DEADLINE, "deadline_seconds passed while a replacement was being watched");
    return true;
}

static bool not_settled(const struct register_state *state, const struct register_target *target, struct error *err) {
    char hex[CERT_HEX_SIZE];
    const struct prove_endpoint *at = &state->endpoints[index_of(state, target)];
    error_set(err, ERROR_NOT_SETTLED, "%s still serves %s, %lld s after the call", target->endpoint->text,
              served_words(at, hex), state->settle_timeout_ms / 1000);
    return error_set_endpoint(err, target->endpoint->text);
}

enum watched { WATCHED_SERVES, WATCHED_NOT_YET, WATCHED_ENDED };

/* Looks again and again for at most `ms`; WATCHED_ENDED sets err. */
static enum watched watch(struct run *run, struct register_state *state, struct register_target *target, long long ms,
                          struct error *err) {
    struct deadline end = deadline_within_ms(run->deadline, ms);
    struct prover *prover = prover_new(&state->endpoints[index_of(state, target)], 1, &state->rules);
    enum watched outcome = prover == NULL ? WATCHED_ENDED : WATCHED_NOT_YET;
    if (prover == NULL)
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory to watch %s", target->endpoint->text);
    for (int64_t pause_ms = POLL_FIRST_MS; outcome == WATCHED_NOT_YET;) {
        bool agrees = false;
        if (!register_look(run, state, prover, err)) {
            outcome = WATCHED_ENDED;
        } else if (prover_all_serve(prover)) {
            if (!api_agrees(state, target, &agrees, err))
                outcome = WATCHED_ENDED;
            else if (agrees)
                outcome = WATCHED_SERVES;
        }
        if (outcome != WATCHED_NOT_YET || !clock_sleep_ms(pause_ms, end))
            break;
        pause_ms = pause_ms * 2 < POLL_MOST_MS ? pause_ms * 2 : POLL_MOST_MS;
    }
    if (outcome == WATCHED_NOT_YET && !waiting_ended(run, err))
        outcome = WATCHED_ENDED;
    /* The facts belong to the prover: what was served last is asked again by whoever reports it. */
    if (outcome == WATCHED_NOT_YET)
        (void)not_settled(state, target, err);
    prover_free(prover);
    return outcome;
}

/* At the node itself if its certificate is trusted, else through the cluster's address. */
static enum apply_outcome apply_node(struct register_state *state, struct register_target *target, struct error *err) {
    struct manager *manager = state->connection->manager;
    const char *id = target->node == NULL ? NULL : target->node->id;
    struct peer *peer = manager_peer_at(manager, target->endpoint);
    if (peer == NULL) {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory to talk to %s", target->endpoint->text);
        return APPLY_REFUSED;
    }
    target->via = target->endpoint->text;
    enum apply_outcome outcome = node_apply_certificate(manager, peer, id, state->certificate_id, &target->call, err);
    if (outcome != APPLY_REFUSED || err->code != ERROR_UNTRUSTED_MANAGER || id == NULL)
        return outcome;
    error_done(err);
    target->via = state->connection->address.text;
    return node_apply_certificate(manager, NULL, id, state->certificate_id, &target->call, err);
}

static enum apply_outcome apply(struct register_state *state, struct register_target *target, struct error *err) {
    if (target->role == ROLE_NODE)
        return apply_node(state, target, err);
    target->via = state->connection->address.text;
    return cluster_apply_certificate(state->connection->manager, state->certificate_id, &target->call, err);
}

/* After an answer that leaves it open: a long look first; only what certainly did not happen is asked for once more. */
static bool look_after_unclear(struct run *run, struct register_state *state, struct register_target *target,
                               bool *ret_again, struct error *err) {
    auto_error struct error cause = {0};
    error_move(&cause, err);
    long long ms = state->settle_timeout_ms < UNCLEAR_LOOK_MS ? state->settle_timeout_ms : UNCLEAR_LOOK_MS;
    enum watched seen = watch(run, state, target, ms, err);
    log_debug("after an unclear answer (%s): %s", cause.problem.code, seen == WATCHED_SERVES ? "served" : "not served");
    if (seen != WATCHED_NOT_YET || !*ret_again) {
        *ret_again = false;
        return seen == WATCHED_SERVES;
    }
    error_done(err);
    return true;
}

static bool give(struct run *run, struct register_state *state, struct register_target *target, bool *ret_changed,
                 struct error *err) {
    struct retry retry;
    retry_init(&retry, run->deadline, 1000, 10000);
    for (bool again = true;;) {
        auto_error struct error cause = {0};
        enum apply_outcome outcome = apply(state, target, &cause);
        manager_drop_connections(state->connection->manager);
        *ret_changed = *ret_changed || outcome == APPLY_DONE || outcome == APPLY_UNCLEAR;
        if (outcome == APPLY_DONE)
            return watch(run, state, target, state->settle_timeout_ms, err) == WATCHED_SERVES;
        error_move(err, &cause);
        if (outcome == APPLY_REFUSED)
            return false;
        if (outcome == APPLY_UNCLEAR) {
            bool may_repeat = again;
            if (!look_after_unclear(run, state, target, &may_repeat, err))
                return false;
            if (!may_repeat)
                return true;
            again = false;
        } else if (!retry_wait(&retry, -1)) {
            return false; /* another replacement ran until the deadline: manager-busy */
        }
        error_done(err);
        if (watch(run, state, target, 0, err) != WATCHED_NOT_YET)
            return err->code == ERROR_NONE;
        error_done(err);
    }
}

static struct register_target *target_of(struct register_state *state, const struct step *step) {
    for (size_t i = 0; i < state->target_count; i++)
        if (step->endpoint != NULL && strcmp(state->targets[i].endpoint->text, step->endpoint) == 0 &&
            (state->targets[i].role == ROLE_VIP) == (strcmp(step->name, "register-cluster") == 0))
            return &state->targets[i];
    return NULL;
}

bool register_act(struct run *run, struct step *step, struct error *err) {
    struct register_state *state = run->state;
    struct register_target *target = target_of(state, step);
    if (target == NULL)
        return error_set(err, ERROR_INTERNAL, "step %s has no endpoint", step->name);
    int64_t begun_ms = clock_monotonic_ms();
    bool changed = false;
    bool ok = give(run, state, target, &changed, err);
    step->changed = changed;
    if (ok)
        target->settled_after_ms = clock_monotonic_ms() - begun_ms;
    else if (err->problem.endpoint == NULL)
        error_set_endpoint(err, target->endpoint->text);
    register_report(run, state);
    return ok;
}

/* The second proof: all in one round, confirm_after_seconds after the last first one; a flap starts it anew. */
bool register_act_confirm(struct run *run, struct step *step, struct error *err) {
    struct register_state *state = run->state;
    struct deadline end = deadline_within_ms(run->deadline, state->settle_timeout_ms + state->confirm_after_ms);
    int proofs = 1;
    bool ok = true;
    while (ok && proofs < 2) {
        bool waited = clock_sleep_ms(proofs == 1 ? state->confirm_after_ms : 1000, end);
        ok = waiting_ended(run, err) && register_look(run, state, state->prover, err);
        if (!ok)
            break;
        proofs = prover_all_serve(state->prover) ? proofs + 1 : 0;
        if (proofs == 2 || waited)
            continue;
        for (size_t i = 0; ok && i < state->target_count; i++)
            if (state->endpoints[i].checks[CHECK_FINGERPRINT] != 1)
                ok = not_settled(state, &state->targets[i], err);
        ok = ok && error_set(err, ERROR_NOT_SETTLED, "the second proof did not come in time");
    }
    (void)step;
    if (ok && state->looked_count > state->target_count)
        ok = register_look(run, state, state->observer, err);
    if (ok)
        register_warn_nodes(run, state);
    register_report(run, state);
    return ok;
}
