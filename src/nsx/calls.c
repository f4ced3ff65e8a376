/* SPDX-License-Identifier: Apache-2.0 */
/* Calls by capability: which request does a thing on which NSX version (calls.def). The only place that compares
 * versions. */
#include "nsx/calls.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

struct row {
    enum call_id id;
    struct lint_version since;
    const char *name;
    const char *method;
    enum call_effect effect;
    const char *path;
};

static const struct row rows[] = {
#define X(id, major, minor, name, method, effect, path) {CALL_##id, {major, minor, 0}, name, method, effect, path},
#include "nsx/calls.def"
#undef X
};
enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

/* The newest row of the call that a manager of that version has, behind `after` if that is given. */
static const struct row *find(enum call_id id, struct lint_version version, const struct row *after) {
    for (size_t i = after == NULL ? 0 : (size_t)(after - rows) + 1; i < ROW_COUNT; i++)
        if (rows[i].id == id && lint_compare_version(rows[i].since, version) <= 0)
            return &rows[i];
    return NULL;
}

bool call_exists(enum call_id id, struct lint_version version) {
    return find(id, version, NULL) != NULL;
}

static bool add_value(struct buf *path, const char *before, const char *value) {
    if (value == NULL)
        return true;
    auto_text char *encoded = http_encode(value);
    return encoded != NULL && buf_add_text(path, before) && buf_add_text(path, encoded);
}

static char *fill(const char *template, const struct call_arguments *arguments) {
    const struct {
        const char *mark;
        const char *before;
        const char *value;
    } marks[] = {
        {"{id}", "", arguments->certificate_id},
        {"{node}", "", arguments->node_id},
        {"{cursor}", "&cursor=", arguments->cursor},
    };
    auto_buf struct buf path;
    buf_init(&path, 0);
    while (*template != '\0') {
        size_t plain = strcspn(template, "{");
        buf_add(&path, template, plain);
        template += plain;
        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
            size_t length = strlen(marks[i].mark);
            if (strncmp(template, marks[i].mark, length) != 0)
                continue;
            if (!add_value(&path, marks[i].before, marks[i].value))
                return NULL;
            template += length;
        }
    }
    return buf_take(&path);
}

static bool do_row(struct manager *manager, struct peer *peer, const struct row *row,
                   const struct call_arguments *arguments, struct manager_answer *ret, struct error *err) {
    auto_text char *path = fill(row->path, arguments);
    *ret = (struct manager_answer){.outcome = CALL_FAILED, .retry_after_s = -1};
    if (path == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a call");
    const struct manager_request request = {.method = row->method,
                                            .path = path,
                                            .body = arguments->body,
                                            .effect = row->effect};
    return manager_call(manager, peer, &request, ret, err);
}

/* True if the manager does not know the call, which its version should: then, and only then, an older one is tried. */
static bool is_unknown_call(const struct manager_answer *answer, const struct error *err) {
    if (answer->outcome != CALL_REFUSED)
        return false;
    if (answer->status == 405)
        return true;
    const char *words = err->upstream.error_message == NULL ? "" : err->upstream.error_message;
    if (answer->status == 400)
        return strcasestr(words, "action") != NULL &&
               (strcasestr(words, "unknown") != NULL || strcasestr(words, "unsupported") != NULL ||
                strcasestr(words, "not supported") != NULL || strcasestr(words, "invalid action") != NULL);
    /* error_code 202 and 600 are an object that is not there, not a call. */
    return answer->status == 404 && err->upstream.error_code != 202 && err->upstream.error_code != 600;
}

static void warn_fallback(struct manager *manager, const struct peer *peer, const struct row *wanted,
                          const struct row *used) {
    struct problems *warnings = manager_warnings(manager);
    if (problems_have(warnings, error_info(ERROR_CALL_FALLBACK)->name))
        return;
    problem_set_endpoint(problems_add(warnings, ERROR_CALL_FALLBACK, "%s does not know %s; %s was used",
                                      peer_endpoint(peer)->text, wanted->name, used->name),
                         peer_endpoint(peer)->text);
}

bool call_do(struct manager *manager, struct peer *peer, enum call_id id, const struct call_arguments *arguments,
             struct manager_answer *ret, const char **ret_name, struct error *err) {
    static const struct call_arguments none = {0};
    struct lint_version version;
    *ret = (struct manager_answer){.outcome = CALL_FAILED, .retry_after_s = -1};
    if (!peer_version(manager, peer, &version, err))
        return false;
    const struct row *row = find(id, version, NULL);
    if (row == NULL)
        return error_set(err, ERROR_UNSUPPORTED_VERSION, "NSX %d.%d.%d of %s has no call for this", version.major,
                         version.minor, version.patch, peer_endpoint(peer)->text);
    if (ret_name != NULL)
        *ret_name = row->name;
    auto_error struct error cause = {0};
    const struct call_arguments *values = arguments == NULL ? &none : arguments;
    if (do_row(manager, peer, row, values, ret, &cause))
        return true;
    const struct row *older = find(id, version, row);
    if (older == NULL || !is_unknown_call(ret, &cause)) {
        error_move(err, &cause);
        return false;
    }
    warn_fallback(manager, peer, row, older);
    if (ret_name != NULL)
        *ret_name = older->name;
    return do_row(manager, peer, older, values, ret, err);
}

json_t *call_fetch(struct manager *manager, struct peer *peer, enum call_id id, const struct call_arguments *arguments,
                   struct error *err) {
    struct manager_answer answer;
    const char *name = "";
    if (!call_do(manager, peer, id, arguments, &answer, &name, err))
        return NULL;
    if (json_is_object(answer.body))
        return answer.body;
    json_decref(answer.body);
    peer_unexpected(peer, name, "a JSON object", err);
    return NULL;
}
