/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificates the cluster says it uses, and giving it another one (nsx-api.md, "Putting it to use"). */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "nsx/calls.h"
#include "nsx/cluster.h"
#include "json/get.h"
#include "json/read.h"

/* A read that a manager may not know, or keep to others: then *ret_body is NULL. False only when the run must end. */
static bool ask(struct manager *manager, enum call_id id, json_t **ret_body, struct error *err) {
    struct manager_answer answer;
    auto_error struct error cause = {0};
    *ret_body = NULL;
    if (call_do(manager, manager_peer(manager), id, NULL, &answer, NULL, &cause)) {
        *ret_body = answer.body;
        return true;
    }
    if (answer.outcome == CALL_REFUSED && cause.code != ERROR_CREDENTIALS_REFUSED)
        return true;
    error_move(err, &cause);
    return false;
}

/* Where cluster/api-certificate names none, the list may: by a filter that a manager which does not know it ignores. */
static bool fetch_listed(struct manager *manager, char **ret_id, struct error *err) {
    json_t *body = NULL;
    if (!ask(manager, CALL_API_CERTIFICATE_LISTED, &body, err))
        return false;
    auto_json json_t *list = body;
    const json_t *results = get_array(list, "results");
    const char *id = json_array_size(results) == 1 ? get_text(json_array_get(results, 0), "id", NULL) : NULL;
    *ret_id = mem_strdup(id);
    return id == NULL || *ret_id != NULL || error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a certificate id");
}

bool cluster_certificate_fetch(struct manager *manager, char **ret_id, struct error *err) {
    auto_json json_t *json = call_fetch(manager, manager_peer(manager), CALL_API_CERTIFICATE, NULL, err);
    if (json == NULL)
        return false;
    const json_t *id = get_any(json, "certificate_id");
    if (id != NULL && !json_is_string(id))
        return peer_unexpected(manager_peer(manager), "/api/v1/cluster/api-certificate", "a certificate_id", err);
    const char *text = get_text(json, "certificate_id", "");
    if (*text == '\0')
        return fetch_listed(manager, ret_id, err);
    *ret_id = mem_strdup(text);
    return *ret_id != NULL || error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a certificate id");
}

static bool says_running(const struct manager_answer *answer, const struct error *err) {
    if (answer->outcome == CALL_REFUSED && answer->status == 409)
        return true;
    /* With a time to come back it is a limit's word; without one a proxy may have lost the service to our own call. */
    if (answer->outcome == CALL_UNCLEAR && answer->status == 503 && answer->retry_after_s >= 0)
        return true;
    const char *words = err->upstream.error_message;
    if (words == NULL || answer->outcome != CALL_REFUSED)
        return false;
    return strcasestr(words, "in progress") != NULL || strcasestr(words, "already running") != NULL ||
           strcasestr(words, "is running") != NULL || strcasestr(words, "another replacement") != NULL ||
           strcasestr(words, "being replaced") != NULL;
}

/* The same facts under the code that says "again later". */
static void turn_into_busy(struct error *err) {
    if (err->code == ERROR_MANAGER_BUSY)
        return;
    struct upstream upstream = err->upstream;
    auto_text char *detail = mem_strdup(err->problem.detail);
    auto_text char *endpoint = mem_strdup(err->problem.endpoint);
    bool has_upstream = err->has_upstream;
    err->upstream = (struct upstream){0};
    error_set(err, ERROR_MANAGER_BUSY, "%s", detail == NULL ? "another replacement is running" : detail);
    error_set_endpoint(err, endpoint);
    err->has_upstream = has_upstream;
    err->upstream = upstream;
}

static enum apply_outcome apply(struct manager *manager, struct peer *peer, enum call_id id,
                                const struct call_arguments *arguments, const char **ret_call, struct error *err) {
    struct manager_answer answer;
    if (call_do(manager, peer, id, arguments, &answer, ret_call, err)) {
        json_decref(answer.body);
        return APPLY_DONE;
    }
    if (says_running(&answer, err)) {
        turn_into_busy(err);
        return APPLY_RUNNING;
    }
    if (answer.outcome == CALL_UNCLEAR)
        return answer.status == 503 ? APPLY_DENIED : APPLY_UNCLEAR;
    return err->code == ERROR_MANAGER_FAILED ? APPLY_DENIED : APPLY_REFUSED;
}

enum apply_outcome cluster_apply_certificate(struct manager *manager, const char *certificate_id, const char **ret_call,
                                             struct error *err) {
    const struct call_arguments arguments = {.certificate_id = certificate_id};
    return apply(manager, manager_peer(manager), CALL_APPLY_CLUSTER, &arguments, ret_call, err);
}

enum apply_outcome node_apply_certificate(struct manager *manager, struct peer *peer, const char *node_id,
                                          const char *certificate_id, const char **ret_call, struct error *err) {
    const struct call_arguments arguments = {.certificate_id = certificate_id, .node_id = node_id};
    if (peer != NULL)
        return apply(manager, peer, CALL_APPLY_NODE, &arguments, ret_call, err);
    return apply(manager, manager_peer(manager), CALL_APPLY_NODE_THROUGH, &arguments, ret_call, err);
}

static int tell(const json_t *object, const char *name) {
    const json_t *flag = get_any(object, name);
    return json_is_boolean(flag) ? json_is_true(flag) : -1;
}

bool security_switches_fetch(struct manager *manager, struct security_switches *ret, struct error *err) {
    *ret = (struct security_switches){-1, -1, -1};
    struct lint_version version;
    if (!peer_version(manager, manager_peer(manager), &version, err))
        return false;
    if (!call_exists(CALL_SECURITY, version))
        return true;
    json_t *body = NULL;
    if (!ask(manager, CALL_SECURITY, &body, err))
        return false;
    auto_json json_t *said = body;
    ret->crl_checking = tell(said, "crl_checking_enabled");
    ret->ca_signed_only = tell(said, "ca_signed_only");
    ret->auto_renewal = tell(said, "automatic_appliance_certificate_renewal_enabled");
    if (ret->auto_renewal < 0)
        ret->auto_renewal = tell(said, "automatic_appliance_certificate_replacement_enabled");
    return true;
}
