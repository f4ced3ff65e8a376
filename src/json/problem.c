/* SPDX-License-Identifier: Apache-2.0 */
/* Problems and errors as JSON, in the one shape of the contract. */
#include "json/problem.h"

#include <string.h>

#include "base/mem.h"
#include "json/get.h"

json_t *json_from_problem(const struct problem *problem) {
    json_t *object = json_object();
    put_text(object, "code", problem->code);
    put_text(object, "severity", severity_name(problem->severity));
    put_text(object, "title", problem->title);
    put_text(object, "detail", problem->detail);
    put_text(object, "remedy", problem->remedy);
    if (problem->pointer != NULL)
        put_text(object, "pointer", problem->pointer);
    if (problem->endpoint != NULL)
        put_text(object, "endpoint", problem->endpoint);
    return object;
}

json_t *json_from_problems(const struct problems *problems) {
    json_t *array = json_array();
    for (size_t i = 0; i < problems->count; i++)
        push_take(array, json_from_problem(&problems->items[i]));
    return array;
}

static json_t *upstream_value(const struct error *err) {
    if (!err->has_upstream)
        return NULL;
    const struct upstream *upstream = &err->upstream;
    json_t *object = json_object();
    put_text(object, "url", upstream->url);
    put_integer(object, "http_status", upstream->http_status);
    put_take(object, "error_code", upstream->error_code < 0 ? NULL : json_integer(upstream->error_code));
    put_text(object, "module_name", upstream->module_name);
    put_text(object, "error_message", upstream->error_message);
    return object;
}

/* The object that the last name of a dotted path belongs into; made on the way. */
static json_t *context_parent(json_t *context, const char *path, const char **ret_name) {
    const char *dot = strchr(path, '.');
    if (dot == NULL) {
        *ret_name = path;
        return context;
    }
    auto_text char *name = mem_strndup(path, (size_t)(dot - path));
    if (name == NULL)
        return NULL;
    if (get_object(context, name) == NULL)
        put_take(context, name, json_object());
    return context_parent(get_object(context, name), dot + 1, ret_name);
}

static json_t *context_value(const struct error *err) {
    json_t *context = json_object();
    for (size_t i = 0; i < err->context_count; i++) {
        const struct error_context *item = &err->context[i];
        const char *name = NULL;
        json_t *parent = context_parent(context, item->path, &name);
        if (parent == NULL)
            continue;
        if (item->is_number)
            put_integer(parent, name, item->number);
        else
            put_text(parent, name, item->text);
    }
    return context;
}

json_t *json_from_error(const struct error *err) {
    if (err->code == ERROR_NONE)
        return json_null();
    json_t *object = json_from_problem(&err->problem);
    put_flag(object, "retryable", error_info(err->code)->exit_code == EXIT_TRY_AGAIN);
    put_text(object, "step", err->step);
    put_take(object, "upstream", upstream_value(err));
    put_null(object, "rollback");
    put_take(object, "errors", json_from_problems(&err->errors));
    put_take(object, "context", context_value(err));
    return object;
}
