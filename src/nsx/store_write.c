/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the manager to judge an entry of its trust store, and deleting one. */
#include <string.h>

#include "base/mem.h"
#include "net/retry.h"
#include "nsx/calls.h"
#include "nsx/store.h"
#include "nsx/words.h"
#include "json/get.h"
#include "json/read.h"

enum { CRL_PATIENCE_MS = 120 * 1000, CRL_FIRST_WAIT_MS = 1000, CRL_LONGEST_WAIT_MS = 10 * 1000 };

bool store_can_validate(struct manager *manager, bool *ret_can, struct error *err) {
    struct lint_version version;
    if (!peer_version(manager, manager_peer(manager), &version, err))
        return false;
    *ret_can = call_exists(CALL_VALIDATE, version);
    return true;
}

static const struct {
    const char *name;
    enum store_verdict verdict;
} verdicts[] = {
    {"OK", STORE_VALID},
    {"REJECTED", STORE_REJECTED},
    {"CRL_NOT_READY", STORE_CRL_NOT_READY},
    {"ERROR", STORE_VALIDATION_ERROR},
};

/* Asks once. `ret_words` gets the manager's words, owned by the caller. */
static bool ask(struct manager *manager, const char *id, enum store_verdict *ret_verdict, char **ret_words,
                struct error *err) {
    const struct call_arguments arguments = {.certificate_id = id};
    auto_json json_t *json = call_fetch(manager, manager_peer(manager), CALL_VALIDATE, &arguments, err);
    if (json == NULL)
        return false;
    const char *status = get_text(json, "status", "");
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        if (strcmp(verdicts[i].name, status) != 0)
            continue;
        *ret_verdict = verdicts[i].verdict;
        *ret_words = words_of(get_text(json, "error_message", NULL));
        return true;
    }
    return peer_unexpected(manager_peer(manager), "certificates/ID?action=validate", "a status that is known", err);
}

static bool not_valid(struct manager *manager, const char *id, enum store_verdict verdict, const char *words,
                      struct error *err) {
    const char *host = peer_endpoint(manager_peer(manager))->text;
    enum error_code code = verdict == STORE_CRL_NOT_READY ? ERROR_CRL_UNREACHABLE : ERROR_CERTIFICATE_REJECTED;
    error_set(err, code, "%s says %s about the entry %s%s%s", host, verdicts[verdict].name, id,
              words == NULL ? "" : ": ", words == NULL ? "" : words);
    error_set_endpoint(err, host);
    err->has_upstream = true;
    err->upstream =
        (struct upstream){.url = mem_printf("https://%s/api/v1/trust-management/certificates/%s?action=validate", host,
                                            id),
                          .http_status = 200,
                          .error_code = -1,
                          .error_message = mem_strdup(words)};
    return false;
}

bool store_validate(struct manager *manager, const char *id, enum store_verdict *ret_verdict, struct error *err) {
    bool can;
    if (!store_can_validate(manager, &can, err))
        return false;
    *ret_verdict = STORE_NOT_VALIDATED;
    if (!can)
        return true;
    struct retry retry;
    retry_init(&retry, deadline_within_ms(manager_deadline(manager), CRL_PATIENCE_MS), CRL_FIRST_WAIT_MS,
               CRL_LONGEST_WAIT_MS);
    for (;;) {
        auto_text char *words = NULL;
        if (!ask(manager, id, ret_verdict, &words, err))
            return false;
        if (*ret_verdict == STORE_VALID)
            return true;
        if (*ret_verdict != STORE_CRL_NOT_READY || !retry_wait(&retry, -1))
            return not_valid(manager, id, *ret_verdict, words, err);
    }
}

bool store_delete(struct manager *manager, const char *id, struct error *err) {
    const struct call_arguments arguments = {.certificate_id = id};
    struct manager_answer answer;
    auto_error struct error cause = {0};
    if (call_do(manager, manager_peer(manager), CALL_DELETE, &arguments, &answer, NULL, &cause)) {
        json_decref(answer.body);
        return true;
    }
    if (answer.outcome == CALL_REFUSED && answer.status == 404)
        return true;
    error_move(err, &cause);
    return false;
}
