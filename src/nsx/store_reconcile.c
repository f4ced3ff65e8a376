/* SPDX-License-Identifier: Apache-2.0 */
/* One certificate, once, in the trust store: one loop for first runs, lost answers, stale lists, races, kills and
 * duplicates. */
#include <string.h>

#include "base/interrupt.h"
#include "base/mem.h"
#include "net/retry.h"
#include "nsx/calls.h"
#include "nsx/store.h"
#include "json/get.h"
#include "json/read.h"

enum {
    FIRST_WAIT_MS = 500,
    LONGEST_WAIT_MS = 10 * 1000,
    MADE_MAX = 8,      /* imports of one run: more than that is no accident any more */
    LATE_LOOKS = 2,    /* times the list may lag behind before an import that does not show is asked for by its id */
    UNCLEAR_LOOKS = 4, /* and before one whose answer was lost counts as not done: 15 s with the waits between */
};

/* The state of the loop. */
struct reconcile {
    struct manager *manager;
    const struct store_import *import;
    struct store_search *seen; /* the last look */
    struct store_reconciled *ret;
    struct retry retry;
    char *made[MADE_MAX]; /* ids that our own imports were answered with */
    size_t made_count;
    size_t posts;
    struct error unclear; /* why the last import's outcome is not known; code NONE: it is known */
    bool was_unclear;     /* some import of this run may have been done without telling its id */
    long retry_after_s;   /* as the manager asked with an unclear answer, -1: it did not */
    int late_looks;       /* looks since the last import that did not show it */
    int late_most;        /* as many are waited for */
};

static struct secret *import_body(const struct store_import *import) {
    auto_json json_t *body = json_object();
    put_text(body, "display_name", import->display_name);
    put_text(body, "pem_encoded", import->certificate_pem);
    put_take(body, "private_key", json_stringn(secret_reveal(import->key_pem), secret_length(import->key_pem)));
    char *text = body == NULL || mem_exhausted() ? NULL : json_dumps(body, JSON_COMPACT);
    if (text == NULL)
        return NULL;
    struct secret *secret = secret_new(text, strlen(text), false);
    mem_free(text);
    return secret;
}

/* made_count when this run did not make it, as far as it knows. */
static size_t find_made_index(const struct reconcile *loop, const char *id) {
    size_t i = 0;
    while (i < loop->made_count && strcmp(loop->made[i], id) != 0)
        i++;
    return i;
}

static bool was_made(const struct reconcile *loop, const char *id) {
    return find_made_index(loop, id) < loop->made_count;
}

static void forget_made(struct reconcile *loop, size_t index) {
    mem_free(loop->made[index]);
    loop->made[index] = loop->made[--loop->made_count];
}

/* The list gets more time: what it does not show yet would be imported twice. */
static void answer_is_lost(struct reconcile *loop) {
    loop->was_unclear = true;
    loop->late_most = UNCLEAR_LOOKS;
}

/* An answer that does not tell the id is as good as none: the entry is looked for. */
static void remember_made(struct reconcile *loop, const json_t *answer) {
    const char *id = get_text(json_array_get(get_array(answer, "results"), 0), "id", get_text(answer, "id", NULL));
    char *copy = mem_strdup(id);
    if (copy != NULL && loop->made_count < MADE_MAX) {
        loop->made[loop->made_count++] = copy;
        return;
    }
    mem_free(copy);
    answer_is_lost(loop);
    peer_unexpected(manager_peer(loop->manager), "certificates?action=import", "results[0].id", &loop->unclear);
}

/* False: the import was refused, or cannot be tried. An unclear one is remembered and looked for. */
static bool send_import(struct reconcile *loop, struct error *err) {
    auto_secret struct secret *body = import_body(loop->import);
    if (body == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to import the certificate");
    const struct call_arguments arguments = {.body = body};
    struct manager_answer answer;
    auto_error struct error cause = {0};
    error_done(&loop->unclear);
    loop->late_looks = 0;
    loop->posts++;
    if (call_do(loop->manager, manager_peer(loop->manager), CALL_IMPORT, &arguments, &answer, NULL, &cause)) {
        remember_made(loop, answer.body);
        json_decref(answer.body);
        loop->ret->changed = true;
        return true;
    }
    if (answer.outcome == CALL_UNCLEAR) {
        answer_is_lost(loop);
        loop->ret->changed = true; /* maybe: until enough looks show that it is not there */
        loop->retry_after_s = answer.retry_after_s;
        if (cause.code != ERROR_INTERRUPTED && cause.code != ERROR_DEADLINE && cause.code != ERROR_OUT_OF_MEMORY) {
            error_move(&loop->unclear, &cause);
            return true;
        }
    }
    error_move(err, &cause);
    return false;
}

static bool list_is_late(const struct reconcile *loop) {
    return loop->late_looks > loop->late_most;
}

static bool look(struct reconcile *loop, struct error *err) {
    loop->seen->whole = true;
    if (!store_find(loop->manager, loop->seen, err))
        return false;
    if (loop->seen->matches.count > 0)
        return true;
    loop->late_looks++;
    if (loop->made_count == 0 && (!loop->was_unclear || list_is_late(loop)))
        loop->ret->changed = false;
    return true;
}

/* Waits before another look or try. When the time is over `err` is the reason of the last unclear import, if there is
 * one. */
static bool wait(struct reconcile *loop, struct error *err) {
    if (retry_wait(&loop->retry, loop->unclear.code == ERROR_NONE ? -1 : loop->retry_after_s))
        return true;
    if (interrupt_signal() != 0)
        return error_set(err, ERROR_INTERRUPTED, "signal %d came while the trust store was looked at",
                         interrupt_signal());
    if (loop->unclear.code == ERROR_NONE)
        return error_set(err, ERROR_DEADLINE, "deadline_seconds passed before the imported certificate was listed");
    error_move(err, &loop->unclear);
    return false;
}

/* A refused import may mean that somebody else's is there by now: then that one counts. */
static bool refused(struct reconcile *loop, struct error *cause, struct error *err) {
    auto_error struct error ignored = {0};
    if (cause->code == ERROR_MANAGER_FAILED) /* a failure inside may have come after the work */
        loop->was_unclear = loop->ret->changed = true;
    bool may_look = cause->code == ERROR_MANAGER_REFUSED || cause->code == ERROR_MANAGER_FAILED;
    for (int looks = 0; may_look && looks <= loop->late_most; looks++) {
        may_look = look(loop, &ignored);
        if (may_look && loop->seen->matches.count > 0)
            return true;
        /* Refused as a duplicate of what an earlier import of ours made, in a list that lags behind. */
        may_look = may_look && loop->was_unclear && wait(loop, &ignored);
    }
    error_move(err, cause);
    return false;
}

/* The list may lag behind: an entry whose id we were told is asked for by that id. */
static bool find_made(struct reconcile *loop, bool *ret_there, struct error *err) {
    auto_error struct error cause = {0};
    struct store_entry entry = {0};
    *ret_there = store_get(loop->manager, loop->made[loop->made_count - 1], &entry, &cause);
    if (*ret_there)
        loop->ret->entry = entry;
    if (*ret_there || cause.code == ERROR_CERTIFICATE_NOT_FOUND)
        return true;
    error_move(err, &cause);
    return false;
}

/* Nothing is listed. Imports, or after an import waits for what it made to show up. `*ret_done`: an entry was found by
 * its id. */
static bool import_or_wait(struct reconcile *loop, bool *ret_done, struct error *err) {
    bool awaited = loop->posts > 0 && (loop->made_count > 0 || loop->unclear.code != ERROR_NONE);
    if (awaited && !list_is_late(loop))
        return wait(loop, err) && look(loop, err);
    if (loop->made_count > 0) {
        if (!find_made(loop, ret_done, err))
            return false;
        if (*ret_done)
            return true;
        forget_made(loop, loop->made_count - 1); /* gone again: somebody deleted it */
    }
    if (loop->posts >= MADE_MAX)
        return wait(loop, err) && look(loop, err);
    auto_error struct error cause = {0};
    if (!send_import(loop, &cause))
        return refused(loop, &cause, err);
    return look(loop, err);
}

/* Several: the first counts. A younger unused one that this run made is deleted. `*ret_deleted`: look again. */
static bool delete_surplus(struct reconcile *loop, bool *ret_deleted, struct error *err) {
    const struct store_list *matches = &loop->seen->matches;
    for (size_t i = 1; i < matches->count; i++) {
        const struct store_entry *entry = &matches->items[i];
        size_t made = find_made_index(loop, entry->id);
        if (entry->in_use || made == loop->made_count)
            continue;
        auto_error struct error cause = {0};
        if (!store_delete(loop->manager, entry->id, &cause) && cause.code != ERROR_MANAGER_REFUSED) {
            error_move(err, &cause);
            return false;
        }
        /* Refused: it came into use meanwhile, or cannot be deleted at all. Either way it is not tried again. */
        forget_made(loop, made);
        *ret_deleted = true;
    }
    return true;
}

static bool turn(struct reconcile *loop, bool *ret_done, struct error *err) {
    if (loop->seen->matches.count == 0)
        return import_or_wait(loop, ret_done, err);
    bool deleted = false;
    if (!delete_surplus(loop, &deleted, err))
        return false;
    if (deleted)
        return look(loop, err);
    loop->ret->entry = loop->seen->matches.items[0];
    loop->seen->matches.items[0] = (struct store_entry){0};
    *ret_done = true;
    return true;
}

/* What is different from before: an import that was answered or whose entry turned up, unless its own entry is gone
 * again. */
static void conclude(struct reconcile *loop) {
    const char *id = loop->ret->entry.id;
    loop->ret->imported = id != NULL && (was_made(loop, id) || loop->was_unclear);
    loop->ret->changed = loop->ret->imported;
}

bool store_reconcile(struct manager *manager, const struct store_import *import, struct store_search *seen,
                     struct store_reconciled *ret, struct error *err) {
    struct reconcile loop = {.manager = manager, .import = import, .seen = seen, .ret = ret, .late_most = LATE_LOOKS};
    *ret = (struct store_reconciled){0};
    retry_init(&loop.retry, manager_deadline(manager), FIRST_WAIT_MS, LONGEST_WAIT_MS);
    bool done = false;
    bool ok = true;
    while (ok && !done)
        ok = turn(&loop, &done, err);
    if (ok)
        conclude(&loop);
    for (size_t i = 0; i < loop.made_count; i++)
        mem_free(loop.made[i]);
    error_done(&loop.unclear);
    return ok;
}

void store_reconciled_done(struct store_reconciled *result) {
    store_entry_done(&result->entry);
}
