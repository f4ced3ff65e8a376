/* SPDX-License-Identifier: Apache-2.0 */
/* register: giving one endpoint the certificate, whatever its manager answers. */
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "net/retry.h"
#include "op/register_plan.h"

enum { UNCLEAR_LOOK_MS = 60000, EARLIER_LOOK_MS = 20000, FAILURE_LOOK_MS = 20000 };

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

/* How giving goes on after an answer that was no plain yes. */
enum next { NEXT_SERVED, NEXT_AGAIN, NEXT_FAILED };

/* Looks for `first_ms` of the time that an endpoint may take, and for all of it while nothing is presented. */
static enum watched long_look(struct run *run, struct register_state *state, struct register_target *target,
                              long long first_ms, struct error *err) {
    long long ms = state->settle_timeout_ms < first_ms ? state->settle_timeout_ms : first_ms;
    enum watched seen = register_watch(run, state, target, ms, err);
    if (seen == WATCHED_NOTHING && state->settle_timeout_ms > ms) {
        error_done(err);
        seen = register_watch(run, state, target, state->settle_timeout_ms - ms, err);
    }
    return seen;
}

/* After an answer that leaves it open: a long look first; only what certainly did not happen is asked for once more. */
static enum next after_unclear(struct run *run, struct register_state *state, struct register_target *target,
                               bool may_repeat, struct error *err) {
    log_debug("an unclear answer (%s): watching %s", err->problem.code, target->endpoint->text);
    error_done(err);
    enum watched seen = long_look(run, state, target, UNCLEAR_LOOK_MS, err);
    if (seen != WATCHED_OTHER || !may_repeat)
        return seen == WATCHED_SERVES ? NEXT_SERVED : NEXT_FAILED;
    error_done(err);
    return NEXT_AGAIN;
}

/* A failure inside (500) may have come after the work: then the wire is right, else the manager's words are kept. */
static enum next after_failure(struct run *run, struct register_state *state, struct register_target *target,
                               struct error *err) {
    auto_error struct error seen_instead = {0};
    enum watched seen = long_look(run, state, target, FAILURE_LOOK_MS, &seen_instead);
    if (seen == WATCHED_SERVES || seen == WATCHED_ENDED)
        error_done(err);
    if (seen == WATCHED_ENDED)
        error_move(err, &seen_instead);
    return seen == WATCHED_SERVES ? NEXT_SERVED : NEXT_FAILED;
}

/* While another replacement runs: waits until the endpoint can be looked at. It may have been ours, or the same one. */
static enum next after_running(struct run *run, struct register_state *state, struct register_target *target,
                               struct retry *retry, struct error *err) {
    while (retry_wait(retry, -1)) {
        auto_error struct error cause = {0};
        enum watched seen = register_watch(run, state, target, 0, &cause);
        if (seen == WATCHED_NOTHING)
            continue;
        error_done(err);
        if (seen == WATCHED_ENDED)
            error_move(err, &cause);
        return seen == WATCHED_SERVES ? NEXT_SERVED : seen == WATCHED_OTHER ? NEXT_AGAIN : NEXT_FAILED;
    }
    if (interrupt_signal() != 0) {
        error_done(err);
        (void)!register_may_wait(run, err);
    }
    return NEXT_FAILED; /* until the deadline: manager-busy */
}

/* The API says it is in use and the wire does not show it: an earlier run may have been killed in the restart. */
static enum next after_earlier(struct run *run, struct register_state *state, struct register_target *target,
                               struct error *err) {
    long long ms = state->settle_timeout_ms < EARLIER_LOOK_MS ? state->settle_timeout_ms : EARLIER_LOOK_MS;
    enum watched seen = register_watch(run, state, target, ms, err);
    if (seen == WATCHED_SERVES || seen == WATCHED_ENDED)
        return seen == WATCHED_SERVES ? NEXT_SERVED : NEXT_FAILED;
    error_done(err);
    return NEXT_AGAIN;
}

/* It may have been given the certificate since the plan was made: by another run, while the endpoints before it were
 * given theirs. */
static enum next after_plan(struct run *run, struct register_state *state, struct register_target *target,
                            struct error *err) {
    auto_error struct error cause = {0};
    if (state->endpoints[register_index(state, target)].checks[CHECK_FINGERPRINT] == 1)
        return NEXT_AGAIN; /* it is the API that names another one */
    enum watched seen = register_watch(run, state, target, 0, &cause);
    if (seen == WATCHED_ENDED)
        error_move(err, &cause);
    return seen == WATCHED_SERVES ? NEXT_SERVED : seen == WATCHED_ENDED ? NEXT_FAILED : NEXT_AGAIN;
}

/* *ret_changed: this run may have changed something. */
static bool give(struct run *run, struct register_state *state, struct register_target *target, bool *ret_changed,
                 struct error *err) {
    struct retry retry;
    enum next next = target->said ? after_earlier(run, state, target, err) : after_plan(run, state, target, err);
    bool may_be_ours = false;
    retry_init(&retry, run->deadline, 1000, 10000);
    for (bool first_unclear = true; next == NEXT_AGAIN;) {
        enum apply_outcome outcome = apply(state, target, err);
        manager_drop_connections(state->connection->manager);
        *ret_changed = *ret_changed || outcome == APPLY_DONE || outcome == APPLY_UNCLEAR;
        if (outcome == APPLY_DONE)
            return register_watch(run, state, target, state->settle_timeout_ms, err) == WATCHED_SERVES;
        if (outcome == APPLY_REFUSED)
            return false;
        may_be_ours = may_be_ours || outcome == APPLY_DENIED || err->upstream.http_status == 503;
        if (outcome == APPLY_RUNNING)
            next = after_running(run, state, target, &retry, err);
        else if (err->code == ERROR_MANAGER_FAILED)
            next = after_failure(run, state, target, err);
        else
            next = after_unclear(run, state, target, first_unclear || outcome == APPLY_DENIED, err);
        first_unclear = first_unclear && outcome != APPLY_UNCLEAR;
    }
    *ret_changed = *ret_changed || (next == NEXT_SERVED && may_be_ours);
    return next == NEXT_SERVED;
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
    if (ok && !changed) {
        step->outcome = STEP_UNCHANGED;
        step_add_reason(step, "another run gave it that already");
    }
    if (ok)
        target->settled_after_ms = clock_monotonic_ms() - begun_ms;
    else if (err->problem.endpoint == NULL)
        error_set_endpoint(err, target->endpoint->text);
    register_report(run, state);
    return ok;
}
