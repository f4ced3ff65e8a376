/* SPDX-License-Identifier: Apache-2.0 */
/* What a manager says: whatever it answers is judged, and a reader either understands it or names an error. The input
 * holds the answers to one call after the other, "STATUS BODY", parted by the byte 0x1E; the last one repeats. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "entry.h"
#include "nsx/calls.h"
#include "nsx/cluster.h"
#include "nsx/judge.h"
#include "nsx/store.h"
#include "json/read.h"

enum { PARTING = 0x1E, CALLS_MAX = 20 };

static const struct endpoint endpoint = {.text = (char *)"nsx.test", .host = (char *)"nsx.test", .port = 443};
static const struct auth auth = {.kind = AUTH_NONE};
static const char *script, *at;
static int calls;

/* "200 {…}" as a whole response; moves on to the next one unless it is the last. */
static void take_response(struct http_response *response) {
    size_t length = strcspn(at, "\x1E");
    char *body;
    response->status = 200 + (int)(labs(strtol(at, &body, 10) % 1000 - 200) % 400);
    response->content_type = mem_strdup("application/json");
    body += *body == ' ';
    if (body < at + length)
        buf_add(&response->body, body, (size_t)(at + length - body));
    at += at[length] == PARTING ? length + 1 : 0;
}

static enum call_outcome outcome_of(enum answer_kind kind) {
    return kind == ANSWER_DONE ? CALL_DONE : kind == ANSWER_UNCERTAIN ? CALL_UNCLEAR : CALL_REFUSED;
}

/* In place of the program's: a network that answers by the input. */
bool manager_call(struct manager *manager, struct peer *peer, const struct manager_request *request,
                  struct manager_answer *ret, struct error *err) {
    (void)manager;
    *ret = (struct manager_answer){.retry_after_s = -1};
    if (calls++ == CALLS_MAX)
        return error_set(err, ERROR_DEADLINE, "enough");
    struct http_response response = {.outcome = HTTP_ANSWERED, .sent = true, .retry_after_s = -1};
    take_response(&response);
    auto_error struct error cause = {0};
    enum answer_kind kind = answer_judge(peer, request->method, request->path, &response, ret, &cause);
    http_response_done(&response);
    ret->outcome = outcome_of(kind);
    if ((kind == ANSWER_DONE) != (cause.code == ERROR_NONE) || (kind != ANSWER_DONE && ret->body != NULL))
        abort();
    if (kind == ANSWER_DONE)
        return true;
    error_move(err, &cause);
    return false;
}

static void tell(bool ok, struct error *err) {
    if (ok == (err->code != ERROR_NONE))
        abort();
    error_done(err);
    *err = (struct error){0};
    at = script;
    calls = 0;
}

static void read_store(struct manager *manager, struct error *err) {
    static const unsigned char sha256[CERT_SHA256_SIZE] = {0xe3, 0xb0, 0xc4};
    auto_store_search struct store_search search = {.sha256 = sha256, .display_name = "nsx", .whole = true};
    auto_store_entry struct store_entry entry = {0};
    tell(store_find(manager, &search, err), err);
    bool found = store_get(manager, "5f1c", &entry, err);
    if (found && (entry.id == NULL || entry.pem == NULL))
        abort();
    tell(found, err);
}

static void read_cluster(struct manager *manager, struct error *err) {
    auto_cluster struct cluster cluster = {0};
    auto_cluster_status struct cluster_status status = {0};
    auto_text char *ip = NULL, *ip6 = NULL, *id = NULL;
    struct security_switches switches;
    tell(cluster_fetch(manager, &cluster, err), err);
    (void)cluster_find_node(manager, &cluster, "192.0.2.10");
    tell(cluster_status_fetch(manager, &status, err), err);
    tell(cluster_vip_fetch(manager, &ip, &ip6, err), err);
    tell(cluster_certificate_fetch(manager, &id, err), err);
    tell(security_switches_fetch(manager, &switches, err), err);
}

/* The version is the manager's own word first, then that of the oldest and of the newest rows of the calls. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct lint_version versions[] = {{2, 4, 0}, {4, 2, 0}};
    auto_text char *text = mem_strndup((const char *)data, size);
    at = script = text;
    struct problems warnings = {0};
    const struct manager_config config = {.address = &endpoint, .auth = &auth, .warnings = &warnings};
    struct manager *manager = manager_new(&config);
    struct error err = {0};
    struct lint_version version;
    tell(peer_version(manager, manager_peer(manager), &version, &err), &err);
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        manager_peer(manager)->has_version = true;
        manager_peer(manager)->version = versions[i];
        read_store(manager, &err);
        read_cluster(manager, &err);
    }
    manager_free(manager);
    problems_done(&warnings);
    return 0;
}
