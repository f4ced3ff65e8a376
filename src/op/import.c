/* SPDX-License-Identifier: Apache-2.0 */
/* import: a certificate and its key into the manager's trust store, exactly once (operations: import). */
#include <string.h>

#include "base/mem.h"
#include "nsx/store.h"
#include "op/connect.h"
#include "op/facts.h"
#include "op/import_input.h"
#include "op/run.h"
#include "op/source.h"
#include "json/get.h"

struct import_state {
    struct import_input input;
    struct connection *connection;
    struct store_search search;
    struct store_reconciled found; /* the entry that counts */
};

static void state_free(void *pointer) {
    struct import_state *state = pointer;
    import_input_done(&state->input);
    connect_close(state->connection);
    store_search_done(&state->search);
    store_reconciled_done(&state->found);
    mem_free(state);
}

static void tell_entry(struct run *run, const struct store_entry *entry) {
    put_text(run->result, "certificate_id", entry->id);
    put_text(run->result, "display_name", entry->display_name);
}

static struct step *find_step(struct run *run, const char *name) {
    for (size_t i = 0; i < run->steps.count; i++)
        if (strcmp(run->steps.items[i].name, name) == 0)
            return &run->steps.items[i];
    return NULL;
}

static bool act_import(struct run *run, struct step *step, struct error *err) {
    struct import_state *state = run->state;
    struct store_import import = {.sha256 = state->input.sha256,
                                  .display_name = state->input.display_name,
                                  .certificate_pem = buf_text(&state->input.certificate_pem),
                                  .key_pem = state->input.key_pem};
    bool ok = store_reconcile(state->connection->manager, &import, &state->search, &state->found, err);
    step->changed = state->found.changed;
    if (!ok)
        return false;
    tell_entry(run, &state->found.entry);
    if (!state->found.changed) {
        step->outcome = STEP_UNCHANGED;
        step_add_reason(step, "somebody else imported it meanwhile");
        step_set_diff(step, NULL, NULL, NULL);
    }
    return true;
}

/* Removes what this run had imported; the error of the validation stands whatever becomes of that. */
static void undo_import(struct run *run) {
    struct import_state *state = run->state;
    struct step *import = find_step(run, "import");
    auto_error struct error cause = {0};
    if (!store_delete(state->connection->manager, state->found.entry.id, &cause)) {
        const struct store_entry *entry = &state->found.entry;
        step_add_reason(import, "could not be removed again: %s",
                        cause.problem.detail == NULL ? "" : cause.problem.detail);
        problems_add(&run->warnings, ERROR_ENTRY_LEFT, "the entry %s, \"%s\"", entry->id,
                     entry->display_name == NULL ? "" : entry->display_name);
        return;
    }
    if (import != NULL) {
        import->outcome = STEP_UNDONE;
        import->changed = false;
        step_add_reason(import, "removed again: the manager rejects it");
        step_set_diff(import, NULL, NULL, NULL);
    }
    put_null(run->result, "certificate_id");
}

static bool act_validate(struct run *run, struct step *step, struct error *err) {
    (void)step;
    struct import_state *state = run->state;
    enum store_verdict verdict = STORE_NOT_VALIDATED;
    if (store_validate(state->connection->manager, state->found.entry.id, &verdict, err))
        return true;
    if (state->found.imported && (verdict == STORE_REJECTED || verdict == STORE_VALIDATION_ERROR))
        undo_import(run);
    return false;
}

static void add_validate_step(struct run *run, const char *reason) {
    struct step *step = steps_add(&run->steps, "validate", act_validate);
    if (step == NULL)
        return;
    step->read_only = true;
    step_add_reason(step, "%s", reason);
}

/* Known by its leaf, it may have been imported by hand, without what is above that. */
static void warn_chain(struct run *run, const struct import_state *state) {
    const struct store_entry *entry = &state->found.entry;
    auto_chain struct chain held = {0};
    auto_error struct error ignored = {0};
    size_t wanted = state->input.chain.path_count;
    if (entry->pem != NULL && chain_read_pem(entry->pem, strlen(entry->pem), NULL, &held, &ignored) &&
        held.path_count < wanted)
        problems_add(&run->warnings, ERROR_CHAIN_MISSING, "the entry %s, \"%s\", has %zu of %zu certificates",
                     entry->id, entry->display_name, held.path_count, wanted);
}

/* It is there already: nothing to write, and as long as it is unused the manager is asked whether it would take it. */
static void plan_present(struct run *run, struct import_state *state, bool can_validate) {
    struct store_list *matches = &state->search.matches;
    state->found.entry = matches->items[0];
    matches->items[0] = (struct store_entry){0};
    tell_entry(run, &state->found.entry);
    warn_chain(run, state);
    struct step *step = steps_add_unchanged(&run->steps, "import", "already in the trust store");
    if (matches->count > 1)
        step_add_reason(step, "%zu entries hold it; the one in use, else the oldest, counts", matches->count);
    if (!can_validate)
        return;
    if (state->found.entry.in_use)
        steps_add_unchanged(&run->steps, "validate", "in use already");
    else
        add_validate_step(run, "not in use yet");
}

static void plan_absent(struct run *run, struct import_state *state, bool can_validate) {
    struct step *step = steps_add(&run->steps, "import", act_import);
    step_add_reason(step, "not in the trust store");
    json_t *after = json_object();
    put_text(after, "display_name", state->input.display_name);
    put_text(after, "fingerprint_sha256", state->input.fingerprint);
    put_text(after, "not_after", state->input.not_after);
    step_set_diff(step, "trust store", NULL, after);
    if (run->dry_run)
        run_add_unknown(run, "/result/certificate_id");
    if (can_validate)
        add_validate_step(run, "freshly imported");
}

/* A file that an earlier step will make: nothing about it can be known yet. */
static bool plan_not_yet(struct run *run, const char *pointer, const char *path) {
    problem_set_pointer(problems_add(&run->warnings, ERROR_SOURCE_NOT_YET, "%s does not exist yet", path), pointer);
    step_add_reason(steps_add(&run->steps, "import", act_import), "not there yet");
    static const char *const members[] = {"certificate_id", "display_name", "fingerprint_sha256", "not_after",
                                          "renewal_due"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        auto_text char *member = mem_printf("/result/%s", members[i]);
        put_null(run->result, members[i]);
        if (member != NULL)
            run_add_unknown(run, member);
    }
    return true;
}

static bool plan_against_manager(struct run *run, struct import_state *state, struct error *err) {
    struct manager *manager = state->connection->manager;
    struct lint_version version;
    bool can_validate;
    if (!peer_version(manager, manager_peer(manager), &version, err) ||
        !import_input_lint(&state->input, version, run, err) || !store_can_validate(manager, &can_validate, err))
        return false;
    state->search.sha256 = state->input.sha256;
    state->search.display_name = state->input.display_name;
    if (!store_find(manager, &state->search, err))
        return false;
    if (state->search.matches.count > 0) {
        plan_present(run, state, can_validate);
        return true;
    }
    if (state->search.name_taken) {
        error_set(err, ERROR_NAME_CONFLICT, "the name \"%s\" is held by another certificate",
                  state->input.display_name);
        return error_set_pointer(err, "/parameters/display_name");
    }
    plan_absent(run, state, can_validate);
    return true;
}

bool import_plan(struct run *run, struct error *err) {
    const char *pointer;
    const char *missing = run->dry_run ? import_input_not_yet(run->parameters, &pointer) : NULL;
    if (missing != NULL)
        return plan_not_yet(run, pointer, missing);
    struct import_state *state = mem_calloc(1, sizeof *state);
    if (state == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to import");
    run->state = state;
    run->state_free = state_free;
    if (!import_input_read(run->parameters, &state->input, err))
        return false;
    put_null(run->result, "certificate_id");
    put_text(run->result, "display_name", state->input.display_name);
    facts_tell(run->result, state->input.chain.certs[0]);
    if (state->input.key_is_previous)
        problem_set_pointer(problems_add(&run->warnings, ERROR_PREVIOUS_KEY,
                                         "the certificate belongs to the key in %s.previous",
                                         source_path(get_any(run->parameters, "private_key"))),
                            "/parameters/private_key");
    if (!state->input.name_has_mark)
        problem_set_pointer(problems_add(&run->warnings, ERROR_LITERAL_DISPLAY_NAME,
                                         "\"%s\" names this certificate only; the renewed one cannot have it",
                                         state->input.display_name),
                            "/parameters/display_name");
    const struct connect_options options = {.own = {get_any(run->parameters, "certificate")}};
    state->connection = connect_open(run, &options, err);
    return state->connection != NULL && plan_against_manager(run, state, err);
}
