/* SPDX-License-Identifier: Apache-2.0 */
/* A manager by script: manager_call() of the program is replaced by one that gives the next answer and checks what was
 * asked. */
#ifndef TEST_MANAGER_STUB_H
#define TEST_MANAGER_STUB_H

#include <string.h>

#include "nsx/peer.h"
#include "unit.h"

/* One expected call and its answer. */
struct stub_call {
    const char *asked;    /* "GET /api/v1/…" */
    int status;           /* 2xx: CALL_DONE with body; else CALL_REFUSED; 0, 502 to 504: CALL_UNCLEAR */
    const char *body;     /* JSON with single quotes, or NULL */
    enum error_code code; /* of a refusal; ERROR_NONE: manager-refused */
    long long error_code; /* upstream */
    const char *words;    /* upstream */
    long retry_after_s;   /* 0: none */
};

static const struct stub_call *stub_script;
static size_t stub_length, stub_at;
static char *stub_last_body; /* of the last request that had one */

static const struct endpoint stub_endpoint = {.text = (char *)"nsx.test", .host = (char *)"nsx.test", .port = 443};
static const struct auth stub_auth = {.kind = AUTH_NONE};
static struct problems stub_warnings;

/* A manager of that version that answers by the script. */
static inline struct manager *stub_manager(int major, int minor, const struct stub_call *script, size_t length) {
    const struct manager_config config = {.address = &stub_endpoint,
                                          .auth = &stub_auth,
                                          .deadline = deadline_after_ms(20000),
                                          .warnings = &stub_warnings};
    struct manager *manager = manager_new(&config);
    manager->main.has_version = true;
    manager->main.version = (struct lint_version){major, minor, 0};
    stub_script = script;
    stub_length = length;
    stub_at = 0;
    return manager;
}

#define STUB(manager, major, minor, ...)                    \
    static const struct stub_call script[] = {__VA_ARGS__}; \
    struct manager *manager = stub_manager(major, minor, script, sizeof script / sizeof *script)

/* Everything expected was asked for; frees. */
static inline void stub_done(struct manager *manager) {
    ck_assert_uint_eq(stub_at, stub_length);
    manager_free(manager);
    problems_done(&stub_warnings);
    mem_free(stub_last_body);
    stub_last_body = NULL;
}

bool manager_call(struct manager *manager, struct peer *peer, const struct manager_request *request,
                  struct manager_answer *ret, struct error *err) {
    (void)manager, (void)peer;
    char asked[1024];
    snprintf(asked, sizeof asked, "%s %s", request->method, request->path);
    ck_assert_msg(stub_at < stub_length, "not expected: %s", asked);
    const struct stub_call *call = &stub_script[stub_at++];
    ck_assert_str_eq(asked, call->asked);
    if (request->body != NULL) {
        mem_free(stub_last_body);
        stub_last_body = mem_strdup(secret_reveal(request->body));
    }
    *ret = (struct manager_answer){.status = call->status,
                                   .retry_after_s = call->retry_after_s == 0 ? -1 : call->retry_after_s};
    if (call->status >= 200 && call->status < 300) {
        ret->outcome = CALL_DONE;
        ret->body = call->body == NULL ? NULL : unit_json(call->body);
        return true;
    }
    ret->outcome = call->status == 0 || call->status > 501 ? CALL_UNCLEAR : CALL_REFUSED;
    error_set(err,
              call->code != ERROR_NONE ? call->code
              : call->status == 0      ? ERROR_CUT_ANSWER
                                       : ERROR_MANAGER_REFUSED,
              "answered %d", call->status);
    err->has_upstream = true;
    err->upstream.http_status = call->status;
    err->upstream.error_code = call->error_code == 0 ? -1 : call->error_code;
    err->upstream.error_message = mem_strdup(call->words);
    return false;
}

#endif
