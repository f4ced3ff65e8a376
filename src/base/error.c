/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong, in the words of the one table error_codes.def; made once, where it is known best. */
#include "base/error.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"

static const struct error_info table[ERROR_CODE_COUNT] = {
    [ERROR_NONE] = {"none", SEVERITY_INFO, EXIT_DONE, "Nothing went wrong", "", ""},
#define X(id, name, severity, exit_code, title, why, remedy) \
    [ERROR_##id] = {name, severity, exit_code, title, why, remedy},
#include "base/error_codes.def"
#undef X
};

const struct error_info *error_info(enum error_code code) {
    return &table[code];
}

enum error_code error_code_from_name(const char *name) {
    for (int code = ERROR_NONE + 1; code < ERROR_CODE_COUNT; code++)
        if (strcmp(table[code].name, name) == 0)
            return (enum error_code)code;
    return ERROR_NONE;
}

static void replace(char **slot, const char *text) {
    char *copy = mem_strdup(text);
    mem_free(*slot);
    *slot = copy;
}

static void problem_fill(struct problem *item, enum error_code code, const char *remedy, char *detail) {
    const struct error_info *info = &table[code];
    *item = (struct problem){.code = info->name, .title = info->title, .severity = info->severity, .detail = detail};
    item->remedy = mem_strdup(remedy != NULL ? remedy : info->remedy);
}

static void problem_done(struct problem *item) {
    mem_free(item->detail);
    mem_free(item->remedy);
    mem_free(item->pointer);
    mem_free(item->endpoint);
}

static bool set(struct error *err, enum error_code code, const char *remedy, char *detail) {
    error_done(err);
    err->code = code;
    problem_fill(&err->problem, code, remedy, detail);
    return false;
}

bool(error_set)(struct error *err, enum error_code code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *detail = mem_vprintf(format, arguments);
    va_end(arguments);
    return set(err, code, NULL, detail);
}

bool(error_set_with_remedy)(struct error *err, enum error_code code, const char *remedy, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *detail = mem_vprintf(format, arguments);
    va_end(arguments);
    return set(err, code, remedy, detail);
}

bool error_set_pointer(struct error *err, const char *pointer) {
    replace(&err->problem.pointer, pointer);
    return false;
}

bool error_set_endpoint(struct error *err, const char *endpoint) {
    replace(&err->problem.endpoint, endpoint);
    return false;
}

bool error_set_step(struct error *err, const char *step) {
    replace(&err->step, step);
    return false;
}

static struct error_context *context_add(struct error *err, const char *path) {
    if (err->context_count == ERROR_CONTEXT_MAX)
        return NULL;
    struct error_context *item = &err->context[err->context_count++];
    *item = (struct error_context){.path = path};
    return item;
}

void error_add_text(struct error *err, const char *path, const char *text) {
    struct error_context *item = context_add(err, path);
    if (item != NULL)
        item->text = mem_strdup(text);
}

void error_add_number(struct error *err, const char *path, long long number) {
    struct error_context *item = context_add(err, path);
    if (item == NULL)
        return;
    item->is_number = true;
    item->number = number;
}

void error_move(struct error *into, struct error *from) {
    error_done(into);
    *into = *from;
    *from = (struct error){0};
}

void error_done(struct error *err) {
    problem_done(&err->problem);
    mem_free(err->step);
    mem_free(err->upstream.url);
    mem_free(err->upstream.module_name);
    mem_free(err->upstream.error_message);
    problems_done(&err->errors);
    for (size_t i = 0; i < err->context_count; i++)
        mem_free(err->context[i].text);
    *err = (struct error){0};
}

struct problem *problems_add_blank(struct problems *list) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
        struct problem *items = mem_realloc(list->items, capacity * sizeof *items);
        if (items == NULL)
            return NULL;
        list->items = items;
        list->capacity = capacity;
    }
    struct problem *item = &list->items[list->count++];
    *item = (struct problem){.code = "", .title = "", .severity = SEVERITY_INFO};
    return item;
}

struct problem *problems_add(struct problems *list, enum error_code code, const char *format, ...) {
    struct problem *item = problems_add_blank(list);
    if (item == NULL)
        return NULL;
    va_list arguments;
    va_start(arguments, format);
    problem_fill(item, code, NULL, mem_vprintf(format, arguments));
    va_end(arguments);
    return item;
}

void problem_set_pointer(struct problem *item, const char *pointer) {
    if (item != NULL)
        replace(&item->pointer, pointer);
}

void problem_set_endpoint(struct problem *item, const char *endpoint) {
    if (item != NULL)
        replace(&item->endpoint, endpoint);
}

void problem_set_remedy(struct problem *item, const char *remedy) {
    if (item != NULL)
        replace(&item->remedy, remedy);
}

bool problems_have(const struct problems *list, const char *code) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].code, code) == 0)
            return true;
    return false;
}

bool problems_point_at(const struct problems *list, const char *pointer) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].pointer != NULL && strcmp(list->items[i].pointer, pointer) == 0)
            return true;
    return false;
}

void problems_done(struct problems *list) {
    for (size_t i = 0; i < list->count; i++)
        problem_done(&list->items[i]);
    mem_free(list->items);
    *list = (struct problems){0};
}

const char *severity_name(enum severity severity) {
    static const char *const names[] = {"info", "warning", "error"};
    return names[severity];
}
