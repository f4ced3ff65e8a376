/* SPDX-License-Identifier: Apache-2.0 */
/* register: looking at endpoints until they serve the certificate, and proving all of them a second time. */
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/mem.h"
#include "op/register_plan.h"

enum { POLL_FIRST_MS = 250, POLL_MOST_MS = 2000, API_LEAST_MS = 5000, AWAIT_MS = 30000 };

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

bool register_may_wait(const struct run *run, struct error *err) {
    if (interrupt_signal() != 0)
        return error_set(err, ERROR_INTERRUPTED, "signal %d came while a replacement was being watched",
                         interrupt_signal());
    if (deadline_passed(run->deadline))
        return error_set(err, ERROR_DEADLINE, "deadline_seconds passed while a replacement was being watched");
    return true;
}

static bool not_settled(const struct register_state *state, const struct register_target *target, struct error *err) {
    const struct prove_endpoint *at = &state->endpoints[register_index(state, target)];
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

static enum watched look_once(struct run *run, struct register_state *state, struct register_target *target,
                              struct prover *prover, struct deadline end, struct error *err) {
    bool agrees = false;
    if (!look(run, state, prover, err))
        return WATCHED_ENDED;
    note_served(state, register_index(state, target), 1);
    if (!prover_all_serve(prover))
        return state->endpoints[register_index(state, target)].facts == NULL ? WATCHED_NOTHING : WATCHED_OTHER;
    if (!api_agrees(run, state, target, end, &agrees, err))
        return WATCHED_ENDED;
    return agrees ? WATCHED_SERVES : WATCHED_OTHER;
}

enum watched register_watch(struct run *run, struct register_state *state, struct register_target *target, long long ms,
                            struct error *err) {
    struct deadline end = deadline_within_ms(run->deadline, ms);
    struct prover *prover = prover_new(&state->endpoints[register_index(state, target)], 1, &state->rules);
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
        if (register_may_wait(run, err))
            (void)not_settled(state, target, err); /* what was seen last is gone with the prover */
        else
            outcome = WATCHED_ENDED;
    }
    prover_free(prover);
    return outcome;
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
        ok = register_may_wait(run, err) && register_look(run, state, state->prover, err);
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
