/* SPDX-License-Identifier: Apache-2.0 */
/* From the bytes of a way in to a valid request with its defaults filled. */
#include "cli/request.h"
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/output.h"
#include "cli/rules.h"
#include "cli/terraform.h"
#include "json/get.h"
#include "json/near_miss.h"
#include "json/pointer.h"
#include "json/read.h"
#include "json/schema.h"
#include "json/schema_store.h"

/* The schema allows 256 characters, of at most four bytes each. */
enum { REQUEST_ID_BYTES_MAX = 4 * 256 };

/* Anything but a shortage means the same to the caller: there is no request. */
static bool unavailable(struct error *cause, struct error *err) {
    if (error_info(cause->code)->exit_code == EXIT_TRY_AGAIN) {
        error_move(err, cause);
        return false;
    }
    return error_set(err, ERROR_REQUEST_UNAVAILABLE, "%s",
                     cause->problem.detail == NULL ? "the request cannot be read" : cause->problem.detail);
}

static bool read_stdin(const struct flags *flags, struct buf *ret, struct error *err) {
    if (flags->request_file == NULL && isatty(STDIN_FILENO))
        return error_set(err, ERROR_USAGE, "no request: stdin is a terminal");
    auto_error struct error cause = {0};
    return file_read_descriptor(STDIN_FILENO, "stdin", json_limits_request.bytes + 1, ret, &cause) ||
           unavailable(&cause, err);
}

static bool read_environment(const char *name, struct buf *ret, struct error *err) {
    const char *value = getenv(name);
    if (value == NULL || *value == '\0')
        return error_set(err, ERROR_REQUEST_UNAVAILABLE, "the environment variable %s is not set or empty", name);
    return buf_add_text(ret, value) || error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read the request");
}

static bool read_bytes(const struct flags *flags, struct buf *ret, struct error *err) {
    if (flags->request_env != NULL)
        return read_environment(flags->request_env, ret, err);
    if (flags->request_file == NULL || strcmp(flags->request_file, "-") == 0)
        return read_stdin(flags, ret, err);
    auto_error struct error cause = {0};
    return file_read(flags->request_file, json_limits_request.bytes + 1, ret, &cause) || unavailable(&cause, err);
}

static bool parse(const struct buf *bytes, json_t **ret_document, struct error *err) {
    struct json_fault fault = {0};
    if (json_read(buf_text(bytes), bytes->length, &json_limits_request, ret_document, &fault))
        return true;
    if (mem_exhausted())
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read the request");
    if (bytes->length == 0)
        fault.reason = "there is no request: nothing came";
    return json_malformed(&fault, "", err);
}

static bool no_operation(const json_t *document, struct error *err) {
    const json_t *named = get_any(document, "operation");
    error_set(err, ERROR_INVALID_REQUEST, "the request names no known operation");
    const char *names[16];
    for (size_t i = 0; i < operation_count; i++)
        names[i] = operations[i].name;
    const char *near = json_is_string(named) ? near_miss_find(json_string_value(named), names, operation_count) : NULL;
    struct problem *item;
    if (!json_is_object(document))
        item = problems_add(&err->errors, ERROR_INVALID_VALUE, "expected a JSON object");
    else if (named == NULL)
        item = problems_add(&err->errors, ERROR_MISSING_MEMBER, "`operation` is missing");
    else if (!json_is_string(named))
        item = problems_add(&err->errors, ERROR_INVALID_VALUE, "`operation` is not a string");
    else if (near == NULL)
        item =
            problems_add(&err->errors, ERROR_INVALID_VALUE, "no operation is called %.40s", json_string_value(named));
    else
        item = problems_add(&err->errors, ERROR_INVALID_VALUE, "no operation is called %.40s; did you mean %s?",
                            json_string_value(named), near);
    problem_set_pointer(item, json_is_object(document) ? "/operation" : "");
    problem_set_remedy(item, "Set `operation` to one that `nsxcert --help` lists.");
    return false;
}

/* Several findings become one error that tells the first and carries all. */
static bool conclude(struct problems *findings, struct error *err) {
    if (findings->count == 0)
        return !mem_exhausted() || error_set(err, ERROR_OUT_OF_MEMORY, "no memory to check the request");
    const struct problem *first = &findings->items[0];
    const char *where = first->pointer == NULL || *first->pointer == '\0' ? "the request" : first->pointer;
    const char *detail = first->detail == NULL ? first->title : first->detail;
    if (findings->count == 1)
        error_set_with_remedy(err, ERROR_INVALID_REQUEST, first->remedy, "%s: %s", where, detail);
    else
        error_set(err, ERROR_INVALID_REQUEST, "%s: %s (and %zu more)", where, detail, findings->count - 1);
    error_set_pointer(err, first->pointer);
    err->errors = *findings;
    *findings = (struct problems){0};
    return false;
}

static void refuse_literal(void *context, const char *pointer, const json_t *text) {
    (void)text;
    problem_set_pointer(problems_add(context, ERROR_LITERAL_SECRET, "a secret stands in the request as text"), pointer);
}

/* A key may stand in any PEM text, such as that of `certificate`, where the schema knows of no secret. */
static void refuse_keys(struct problems *found, const json_t *value, struct buf *pointer) {
    static const char mark[] = "PRIVATE KEY-----";
    size_t index;
    const char *name;
    json_t *below;
    if (json_is_string(value) && strstr(json_string_value(value), mark) != NULL &&
        !problems_point_at(found, buf_text(pointer)))
        problem_set_pointer(problems_add(found, ERROR_LITERAL_SECRET, "a private key stands in the request as text"),
                            buf_text(pointer));
    json_array_foreach(value, index, below) {
        size_t length = pointer_add_index(pointer, index);
        refuse_keys(found, below, pointer);
        pointer_cut(pointer, length);
    }
    json_object_foreach((json_t *)value, name, below) {
        size_t length = pointer_add(pointer, name);
        refuse_keys(found, below, pointer);
        pointer_cut(pointer, length);
    }
}

static bool check_literals(const struct flags *flags, const struct schema *schema, const json_t *document,
                           struct error *err) {
    if (flags->request_env == NULL && !flags->terraform)
        return true;
    auto_problems struct problems found = {0};
    auto_buf struct buf pointer;
    buf_init(&pointer, 0);
    schema_each_secret(schema, document, refuse_literal, &found);
    refuse_keys(&found, document, &pointer);
    if (found.count == 0)
        return true;
    error_set(err, ERROR_LITERAL_SECRET, "%s: %s", found.items[0].pointer, found.items[0].detail);
    error_set_pointer(err, found.items[0].pointer);
    err->errors = found;
    found = (struct problems){0};
    return false;
}

/* Does a member of the request, at any depth, name the file that --output would replace? Returns the member's name. */
static const char *find_output(const char *output, const json_t *value) {
    size_t index;
    const char *name;
    json_t *below;
    const char *found = NULL;
    json_array_foreach(value, index, below) {
        if ((found = find_output(output, below)) != NULL)
            return found;
    }
    json_object_foreach((json_t *)value, name, below) {
        size_t length = strlen(name);
        bool is_path = strcmp(name, "file") == 0 || (length > 5 && strcmp(name + length - 5, "_path") == 0);
        if (is_path && json_is_string(below) && output_is_same(output, json_string_value(below)))
            return name;
        if ((found = find_output(output, below)) != NULL)
            return found;
    }
    return NULL;
}

/* --output is written last, also after a mistake: it would replace what was just generated, or a key that was read. */
static bool check_output(const struct flags *flags, struct request *request, struct error *err) {
    const char *name = flags->output == NULL ? NULL : find_output(flags->output, request->document);
    if (name == NULL)
        return true;
    request->output_refused = true;
    return error_set(err, ERROR_USAGE, "--output names the same file as a %s of the request", name);
}

static bool check(const struct flags *flags, struct request *request, struct error *err) {
    json_t *document = request->document;
    request->operation = operation_find(get_text(document, "operation", ""));
    if (request->operation == NULL)
        return no_operation(document, err);
    if (flags->dry_run && json_is_object(document))
        put_flag(document, "dry_run", true);
    auto_json json_t *rules = schema_store_rules(request->operation->schema, err);
    if (rules == NULL)
        return false;
    auto_schema struct schema *schema = schema_compile(rules, err);
    if (schema == NULL || !check_literals(flags, schema, document, err))
        return false;
    request->given = json_copy(get_object(document, "parameters"));
    auto_problems struct problems findings = {0};
    if (schema_check(schema, document, &findings) || findings.count > 0)
        rules_check(request->operation, document, &findings);
    request->dry_run = get_flag(document, "dry_run", false);
    return conclude(&findings, err);
}

bool request_read(const struct flags *flags, struct request *ret_request, struct error *err) {
    *ret_request = (struct request){.dry_run = flags->dry_run};
    auto_buf struct buf bytes;
    buf_init(&bytes, 0);
    auto_json json_t *document = NULL;
    if (!read_bytes(flags, &bytes, err) || !parse(&bytes, &document, err))
        return false;
    buf_done(&bytes); /* up to 16 MiB that the checks may need */
    if (flags->terraform && !terraform_unwrap(&document, err))
        return false;
    ret_request->document = json_incref(document);
    const char *id = get_text(document, "request_id", NULL);
    if (id != NULL && strlen(id) <= REQUEST_ID_BYTES_MAX)
        ret_request->request_id = mem_strdup(id);
    ret_request->dry_run = ret_request->dry_run || get_flag(document, "dry_run", false);
    return check_output(flags, ret_request, err) && check(flags, ret_request, err) &&
           (!flags->terraform || terraform_gate(ret_request->operation, ret_request->document, err));
}

void request_done(struct request *request) {
    json_decref(request->document);
    json_decref(request->given);
    mem_free(request->request_id);
    *request = (struct request){0};
}
