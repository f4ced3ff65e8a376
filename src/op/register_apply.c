/* SPDX-License-Identifier: Apache-2.0 */
/* register: giving one endpoint the certificate and watching the wire until it serves it, twice. */
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/retry.h"
#include "op/register_plan.h"

enum {
    POLL_FIRST_MS = 250,
    POLL_MOST_MS = 2000,
    UNCLEAR_LOOK_MS = 60000,
    EARLIER_LOOK_MS = 20000,
    FAILURE_LOOK_MS = 20000,
    API_LEAST_MS = 5000,
    AWAIT_MS = 30000
};

static size_t index_of(const struct register_state *state, const struct register_target *target) {
    return (size_t)(target - state->targets);
}

static void note_served(struct register_state *state, size_t first, size_t count) {
    for (size_t i = first; i < first + count; i++) {
        const struct prove_facts *facts = state->endpoints[i].facts;
        state->targets[i].served[0] = '\0';
        if (facts != NULL)
            cert_hex(prove_facts_sha256(facts), state->targets[i].served);
    }
}

static bool look(struct run *run, struct register_state *state, struct prover *prover, struct error *err) {
    struct prove_options options = {.timeout_ms = state->connection->connect_timeout_ms,
                                    .proxy = connect_proxy(state->connection)};
    return prove_round(prover, &options, run->deadline, err);
}

bool register_look(struct run *run, struct register_state *state, struct prover *prover, struct error *err) {
    if (!look(run, state, prover, err))
        return false;
    note_served(state, 0, prover == state->prover ? state->target_count : state->looked_count);
    return true;
}

static int64_t longer(int64_t pause_ms) {
    return pause_ms * 2 < POLL_MOST_MS ? pause_ms * 2 : POLL_MOST_MS;
}

static const struct prove_endpoint *find_silent(const struct register_state *state) {
    for (size_t i = 0; i < state->target_count; i++)
        if (state->endpoints[i].facts == NULL)
            return &state->endpoints[i];
    return NULL;
}

bool register_await_targets(struct run *run, struct register_state *state, struct error *err) {
    struct deadline end = deadline_within_ms(run->deadline, AWAIT_MS);
    const struct prove_endpoint *silent = find_silent(state);
    for (int64_t pause_ms = POLL_FIRST_MS; silent != NULL && clock_sleep_ms(pause_ms, end);
         silent = find_silent(state)) {
        if (!register_look(run, state, state->observer, err))
            return false;
        pause_ms = longer(pause_ms);
    }
    if (silent == NULL)
        return true;
    if (interrupt_signal() != 0)
        return error_set(err, ERROR_INTERRUPTED, "signal %d came while %s was waited for", interrupt_signal(),
                         silent->endpoint->text);
    error_set(err, ERROR_UNREACHABLE, "%s gets the certificate and cannot be looked at: %s", silent->endpoint->text,
              silent->reason == NULL ? "no answer" : silent->reason);
    return error_set_endpoint(err, silent->endpoint->text);
}

/* Does the API call ours the cluster's certificate? The VIP counts as settled only when wire and API agree; where the
 * API names none the wire decides. What is not answered by `end` does not agree. */
static bool api_agrees(const struct run *run, struct register_state *state, const struct register_target *target,
                       struct deadline end, bool *ret_agrees, struct error *err) {
    auto_text char *id = NULL;
    *ret_agrees = true;
    if (target->role != ROLE_VIP)
        return true;
    struct manager *manager = state->connection->manager;
    int64_t left_ms = deadline_left_ms(end);
    struct deadline whole =
        manager_set_deadline(manager,
                             deadline_within_ms(run->deadline, left_ms > API_LEAST_MS ? left_ms : API_LEAST_MS));
    bool ok = cluster_certificate_fetch(manager, &id, err);
    (void)manager_set_deadline(manager, whole);
    *ret_agrees = ok && (id == NULL || strcmp(id, state->certificate_id) == 0);
    if (ok || interrupt_signal() != 0 || deadline_passed(run->deadline) ||
        error_info(err->code)->exit_code != EXIT_TRY_AGAIN || err->code == ERROR_OUT_OF_MEMORY)
        return ok;
    error_done(err);
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
    const struct prove_endpoint *at = &state->endpoints[index_of(state, target)];
    long long seconds = state->settle_timeout_ms / 1000;
    char hex[CERT_HEX_SIZE];
    if (at->facts == NULL)
        error_set(err, ERROR_NOT_SETTLED, "%s shows no certificate (%s); %lld s are allowed after the call",
                  target->endpoint->text, at->reason == NULL ? "no answer" : at->reason, seconds);
    else if (at->checks[CHECK_FINGERPRINT] == 1)
        error_set(err, ERROR_NOT_SETTLED,
                  "%s serves it, but the API does not name it as the cluster's; %lld s are allowed after the call",
                  target->endpoint->text, seconds);
    else {
        cert_hex(prove_facts_sha256(at->facts), hex);
        error_set(err, ERROR_NOT_SETTLED, "%s serves %.12s…; %lld s are allowed after the call", target->endpoint->text,
                  hex, seconds);
    }
    return error_set_endpoint(err, target->endpoint->text);
}

enum watched {
    WATCHED_SERVES,
    WATCHED_OTHER,   /* it can be looked at and has not changed */
    WATCHED_NOTHING, /* nothing was presented: it may be restarting with the new one */
    WATCHED_ENDED,   /* err is set */
};

static enum watched look_once(struct run *run, struct register_state *state, struct register_target *target,
                              struct prover *prover, struct deadline end, struct error *err) {
    bool agrees = false;
    if (!look(run, state, prover, err))
        return WATCHED_ENDED;
    note_served(state, index_of(state, target), 1);
    if (!prover_all_serve(prover))
        return state->endpoints[index_of(state, target)].facts == NULL ? WATCHED_NOTHING : WATCHED_OTHER;
    if (!api_agrees(run, state, target, end, &agrees, err))
        return WATCHED_ENDED;
    return agrees ? WATCHED_SERVES : WATCHED_OTHER;
}

/* Looks again and again for `ms`, and once more when they are over. All but WATCHED_SERVES set err. */
static enum watched watch(struct run *run, struct register_state *state, struct register_target *target, long long ms,
                          struct error *err) {
    struct deadline end = deadline_within_ms(run->deadline, ms);
    struct prover *prover = prover_new(&state->endpoints[index_of(state, target)], 1, &state->rules);
    if (prover == NULL) {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory to watch %s", target->endpoint->text);
        return WATCHED_ENDED;
    }
    enum watched outcome;
    for (int64_t pause_ms = POLL_FIRST_MS;;) {
        bool last = deadline_passed(end);
        outcome = look_once(run, state, target, prover, end, err);
        if (outcome == WATCHED_SERVES || outcome == WATCHED_ENDED || last)
            break;
        if (!clock_sleep_ms(pause_ms, end) && (interrupt_signal() != 0 || deadline_passed(run->deadline)))
            break; /* what was seen before stands */
        pause_ms = longer(pause_ms);
    }
    if (outcome != WATCHED_SERVES && outcome != WATCHED_ENDED) {
        if (waiting_ended(run, err))
            (void)not_settled(state, target, err); /* what was seen last is gone with the prover */
        else
            outcome = WATCHED_ENDED;
    }
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

/* How giving goes on after an answer that was no plain yes. */
enum next { NEXT_SERVED, NEXT_AGAIN, NEXT_FAILED };

/* Looks for `first_ms` of the time that an endpoint may take, and for all of it while nothing is presented. */
static enum watched long_look(struct run *run, struct register_state *state, struct register_target *target,
                              long long first_ms, struct error *err) {
    long long ms = state->settle_timeout_ms < first_ms ? state->settle_timeout_ms : first_ms;
    enum watched seen = watch(run, state, target, ms, err);
    if (seen == WATCHED_NOTHING && state->settle_timeout_ms > ms) {
        error_done(err);
        seen = watch(run, state, target, state->settle_timeout_ms - ms, err);
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
        enum watched seen = watch(run, state, target, 0, &cause);
        if (seen == WATCHED_NOTHING)
            continue;
        error_done(err);
        if (seen == WATCHED_ENDED)
            error_move(err, &cause);
        return seen == WATCHED_SERVES ? NEXT_SERVED : seen == WATCHED_OTHER ? NEXT_AGAIN : NEXT_FAILED;
    }
    if (interrupt_signal() != 0) {
        error_done(err);
        (void)waiting_ended(run, err);
    }
    return NEXT_FAILED; /* until the deadline: manager-busy */
}

/* The API says it is in use and the wire does not show it: an earlier run may have been killed in the restart. */
static enum next after_earlier(struct run *run, struct register_state *state, struct register_target *target,
                               struct error *err) {
    long long ms = state->settle_timeout_ms < EARLIER_LOOK_MS ? state->settle_timeout_ms : EARLIER_LOOK_MS;
    enum watched seen = watch(run, state, target, ms, err);
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
    if (state->endpoints[index_of(state, target)].checks[CHECK_FINGERPRINT] == 1)
        return NEXT_AGAIN; /* it is the API that names another one */
    enum watched seen = watch(run, state, target, 0, &cause);
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
            return watch(run, state, target, state->settle_timeout_ms, err) == WATCHED_SERVES;
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

static bool not_confirmed(const struct register_state *state, struct error *err) {
    for (size_t i = 0; i < state->target_count; i++)
        if (state->endpoints[i].checks[CHECK_FINGERPRINT] != 1)
            return not_settled(state, &state->targets[i], err);
    return error_set(err, ERROR_NOT_SETTLED, "the second proof did not come in time");
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
        ok = proofs == 2 || waited || not_confirmed(state, err);
    }
    (void)step;
    if (ok && state->looked_count > state->target_count)
        ok = register_look(run, state, state->observer, err);
    if (ok)
        register_warn_nodes(run, state);
    register_report(run, state);
    return ok;
}
