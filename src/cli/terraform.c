/* SPDX-License-Identifier: Apache-2.0 */
/* Terraform's external data source protocol: a flat object of strings in, a flat object of strings out. */
#include "cli/terraform.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/get.h"
#include "json/near_miss.h"
#include "json/pointer.h"
#include "json/read.h"

/* The members that say which certificate it is about, by the same name wherever they stand. */
static const char *const certificate_members[] = {"certificate_id", "display_name", "fingerprint_sha256", "not_after",
                                                  "certificate_pem"};

static void add_finding(struct problems *findings, enum error_code code, const char *name, const char *detail) {
    auto_buf struct buf pointer;
    buf_init(&pointer, 0);
    pointer_add(&pointer, name);
    problem_set_pointer(problems_add(findings, code, "%s", detail), buf_text(&pointer));
}

static void check_query(json_t *query, struct problems *findings) {
    static const char *const known[] = {"request"};
    const char *name;
    json_t *value;
    json_object_foreach(query, name, value) {
        if (strcmp(name, known[0]) != 0)
            add_finding(findings, ERROR_UNKNOWN_MEMBER, name,
                        near_miss_find(name, known, 1) == NULL ? "the query has only `request`"
                                                               : "the query has only `request`; did you mean that?");
        else if (!json_is_string(value))
            add_finding(findings, ERROR_INVALID_VALUE, name, "the query's values are strings: use jsonencode()");
    }
    if (json_object_get(query, known[0]) == NULL)
        add_finding(findings, ERROR_MISSING_MEMBER, known[0], "the query has no `request`");
}

static bool query_is_sound(json_t *query, struct error *err) {
    if (!json_is_object(query))
        return error_set(err, ERROR_INVALID_REQUEST, "the query is not a JSON object");
    auto_problems struct problems findings = {0};
    check_query(query, &findings);
    if (findings.count == 0)
        return !mem_exhausted() || error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read the query");
    error_set_with_remedy(err, ERROR_INVALID_REQUEST, "Set query = { request = jsonencode({...}) } and nothing else.",
                          "the query: %s", findings.items[0].detail);
    error_set_pointer(err, findings.items[0].pointer);
    err->errors = findings;
    findings = (struct problems){0};
    return false;
}

static bool read_inner(const json_t *query, json_t **ret_request, struct error *err) {
    const json_t *text = json_object_get(query, "request");
    struct json_fault fault = {0};
    if (json_read(json_string_value(text), json_string_length(text), &json_limits_request, ret_request, &fault))
        return true;
    if (mem_exhausted())
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read the request");
    (void)json_malformed(&fault, "the query's request: ", err);
    return error_set_pointer(err, "/request");
}

bool terraform_unwrap(json_t **document, struct error *err) {
    auto_json json_t *request = NULL;
    if (!query_is_sound(*document, err) || !read_inner(*document, &request, err))
        return false;
    /* A drift must never stop a plan. */
    json_t *parameters = get_object(request, "parameters");
    if (strcmp(get_text(request, "operation", ""), "verify") == 0 && parameters != NULL &&
        json_object_get(parameters, "on_drift") == NULL)
        put_text(parameters, "on_drift", "report");
    json_t *query = *document;
    *document = request;
    request = query;
    return true;
}

bool terraform_gate(const struct operation *operation, const json_t *request, struct error *err) {
    bool writes = (operation->flags & (OP_WRITES_FILES | OP_WRITES_MANAGER)) != 0;
    if (!writes || get_flag(request, "dry_run", false))
        return true;
    return error_set_with_remedy(
        err, ERROR_USAGE,
        "Set `dry_run: true` here; make the change by terraform_data with local-exec and --request-env.",
        "%s would change something while Terraform plans", operation->name);
}

static int compare_codes(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The codes, sorted, each once, joined by commas. */
static void put_codes(json_t *flat, const char *name, const json_t *problems) {
    size_t count = json_array_size(problems);
    const char **codes = mem_calloc(count + 1, sizeof *codes);
    auto_buf struct buf text;
    buf_init(&text, 0);
    if (codes != NULL) {
        for (size_t i = 0; i < count; i++)
            codes[i] = get_text(json_array_get(problems, i), "code", "");
        qsort(codes, count, sizeof *codes, compare_codes);
        for (size_t i = 0; i < count; i++)
            if (i == 0 || strcmp(codes[i], codes[i - 1]) != 0)
                buf_printf(&text, "%s%s", i == 0 ? "" : ",", codes[i]);
    }
    mem_free(codes);
    put_text(flat, name, buf_text(&text));
}

/* What differs between two looks at an unchanged world: durations, counts, and words that may hold a time. */
static bool is_volatile(const char *name) {
    size_t length = strlen(name);
    return length > 3 && strcmp(name + length - 3, "_ms") == 0;
}

static void drop_volatile(json_t *value) {
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++)
            drop_volatile(json_array_get(value, i));
        return;
    }
    void *next;
    const char *name;
    json_t *member;
    json_object_foreach_safe(value, next, name, member) {
        if (is_volatile(name))
            json_object_del(value, name);
        else
            drop_volatile(member);
    }
}

static void drop_details(json_t *problems) {
    size_t index;
    json_t *problem;
    json_array_foreach(problems, index, problem) json_object_del(problem, "detail");
}

static void put_result_json(json_t *flat, const json_t *result) {
    auto_json json_t *copy = json_deep_copy(result);
    json_object_del(copy, "meta");
    drop_volatile(copy);
    drop_details(get_array(copy, "warnings"));
    json_object_del(get_object(copy, "error"), "detail");
    auto_text char *text = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS);
    put_text(flat, "result_json", text == NULL ? "" : text);
}

static bool has_error(const json_t *findings) {
    size_t index;
    json_t *finding;
    json_array_foreach(findings, index, finding) {
        if (strcmp(get_text(finding, "severity", ""), "error") == 0)
            return true;
    }
    return false;
}

/* verify says it itself; a finding of inspect and a planned change are drifts. */
static const char *status_of(const json_t *result) {
    const json_t *inner = get_object(result, "result");
    const char *status = get_text(inner, "status", NULL);
    if (status != NULL)
        return status;
    if (!get_flag(result, "ok", false))
        return "unknown";
    bool drifted = get_flag(result, "changed", false) || has_error(get_array(inner, "findings"));
    return drifted ? "drifted" : "in_sync";
}

/* Where the certificate's members stand: verify has them in an object, inspect in a list, the others at the top. */
static const json_t *certificate_of(const json_t *inner) {
    const json_t *object = get_object(inner, "certificate");
    if (object != NULL)
        return object;
    const json_t *list = get_array(inner, "certificates");
    return list != NULL ? json_array_get(list, 0) : inner;
}

json_t *terraform_flatten(const json_t *result) {
    const json_t *inner = get_object(result, "result");
    const json_t *certificate = certificate_of(inner);
    const json_t *due = json_object_get(inner, "renewal_due");
    json_t *flat = json_object();
    put_text(flat, "status", status_of(result));
    put_text(flat, "changed", get_flag(result, "changed", false) ? "true" : "false");
    put_text(flat, "renewal_due", json_is_boolean(due) ? json_is_true(due) ? "true" : "false" : "");
    for (size_t i = 0; i < sizeof certificate_members / sizeof *certificate_members; i++)
        put_text(flat, certificate_members[i], get_text(certificate, certificate_members[i], ""));
    put_codes(flat, "warnings", get_array(result, "warnings"));
    put_text(flat, "reason", get_text(inner, "reason", get_text(get_object(result, "error"), "code", "")));
    put_result_json(flat, result);
    return flat;
}
