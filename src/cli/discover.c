/* SPDX-License-Identifier: Apache-2.0 */
/* What the program tells about itself: help, schema, examples, capabilities, explanations. */
#include "cli/discover.h"

#include <jansson.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/discover_schema.h"
#include "cli/explain.h"
#include "cli/layout.h"
#include "net/http.h"
#include "op/op.h"
#include "json/get.h"
#include "json/near_miss.h"
#include "json/read.h"
#include "json/schema_store.h"

enum { OPERATIONS_MAX = 32 };

static const struct {
    const char *code, *when;
} exit_codes[] = {
    {"0", "done, or nothing to do"},
    {"1", "it failed, and trying again unchanged will not help"},
    {"2", "only with --detailed-exitcode: done, and something changed (dry run: would)"},
    {"3", "verify: a check does not hold"},
    {"64", "the call or the request is malformed; nothing was touched"},
    {"70", "a defect in nsxcert itself"},
    {"74", "done, but the result could not be written"},
    {"75", "it failed, but trying again may help"},
    {"77", "the manager refused the credentials or the role"},
};

static const char help_start[] = "nsxcert generates, inspects, imports, registers and verifies the TLS certificate of\n"
                                 "a VMware NSX Manager cluster. It reads one JSON request, does the least that makes\n"
                                 "the world agree with it, and prints one JSON result.\n"
                                 "\n"
                                 "usage: nsxcert [FLAGS] < request.json\n"
                                 "       nsxcert [FLAGS] --request-file FILE | --request-env NAME\n"
                                 "       nsxcert --terraform < query.json\n"
                                 "       nsxcert --render text|markdown|prometheus [FILE]\n"
                                 "       nsxcert --schema [OPERATION] | --example OPERATION | --capabilities\n"
                                 "       nsxcert --explain CODE | --help | --version\n";

static const char help_end[] = "\nA first request: nsxcert --example generate > request.json\n"
                               "What may stand in it: nsxcert --schema generate\n"
                               "What an error means: nsxcert --explain CODE\n"
                               "Everything else: man nsxcert\n";

static bool no_memory(struct error *err) {
    return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to print this");
}

/* Pretty JSON and a newline; takes over `value`. */
static bool print_json(json_t *value, struct buf *out, struct error *err) {
    auto_json json_t *owned = value;
    auto_text char *text = owned == NULL ? NULL : json_dumps(owned, JSON_INDENT(2));
    return (text != NULL && buf_add_text(out, text) && buf_add(out, "\n", 1)) || no_memory(err);
}

static bool print_flags(struct buf *out, struct error *err) {
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    if (stream == NULL)
        return no_memory(err);
    flags_print(stream);
    bool ok = fclose(stream) == 0 && buf_add(out, text, length);
    free(text); /* the C library's own */
    return ok || no_memory(err);
}

static bool add_summary(const struct operation *operation, struct buf *out, struct error *err) {
    auto_json json_t *rules = schema_store_rules(operation->schema, err);
    if (rules == NULL)
        return false;
    buf_printf(out, "  %-10s %s\n", operation->name, get_text(rules, "title", ""));
    return true;
}

static bool print_help(struct buf *out, struct error *err) {
    buf_add_text(out, help_start);
    buf_add_text(out, "\nOperations:\n");
    for (size_t i = 0; i < operation_count; i++)
        if (!add_summary(&operations[i], out, err))
            return false;
    buf_add_text(out, "\nFlags:\n");
    if (!print_flags(out, err))
        return false;
    buf_add_text(out, "\nExit codes:\n");
    for (size_t i = 0; i < sizeof exit_codes / sizeof *exit_codes; i++)
        buf_printf(out, "  %-3s %s\n", exit_codes[i].code, exit_codes[i].when);
    return buf_add_text(out, help_end) || no_memory(err);
}

static bool print_version(struct buf *out, struct error *err) {
    return buf_printf(out, "nsxcert %s\nOpenSSL %s, jansson %s, libcurl %s\n", NSXCERT_VERSION,
                      OpenSSL_version(OPENSSL_VERSION_STRING), jansson_version_str(), http_library_version()) ||
           no_memory(err);
}

static bool unknown_operation(const char *name, struct error *err) {
    const char *names[OPERATIONS_MAX];
    size_t count = operation_count < OPERATIONS_MAX ? operation_count : OPERATIONS_MAX;
    auto_buf struct buf list;
    buf_init(&list, 0);
    for (size_t i = 0; i < count; i++) {
        names[i] = operations[i].name;
        buf_printf(&list, "%s%s", i == 0 ? "Name one of: " : ", ", names[i]);
    }
    buf_add_text(&list, ".");
    const char *near = near_miss_find(name, names, count);
    if (near == NULL)
        return error_set_with_remedy(err, ERROR_USAGE, buf_text(&list), "no operation is called %.60s", name);
    return error_set_with_remedy(err, ERROR_USAGE, buf_text(&list), "no operation is called %.60s; did you mean %s?",
                                 name, near);
}

static bool print_schema(const char *name, struct buf *out, struct error *err) {
    if (name == NULL) {
        json_t *all = discover_schema_all(err);
        return all != NULL && print_json(all, out, err);
    }
    const struct operation *operation = operation_find(name);
    if (operation == NULL)
        return unknown_operation(name, err);
    return buf_add_text(out, schema_store_text(operation->schema)) || no_memory(err);
}

static bool print_example(const char *name, struct buf *out, struct error *err) {
    const struct operation *operation = operation_find(name);
    if (operation == NULL)
        return unknown_operation(name, err);
    auto_json json_t *document = schema_store_document(operation->schema, err);
    return document != NULL && print_json(json_incref(json_array_get(get_array(document, "examples"), 0)), out, err);
}

static json_t *describe_operation(const struct operation *operation, struct error *err) {
    auto_json json_t *rules = schema_store_rules(operation->schema, err);
    if (rules == NULL)
        return NULL;
    json_t *object = json_object();
    put_text(object, "name", operation->name);
    put_flag(object, "reads", (operation->flags & OP_NETWORK) != 0);
    put_flag(object, "writes_files", (operation->flags & OP_WRITES_FILES) != 0);
    put_flag(object, "writes_manager", (operation->flags & OP_WRITES_MANAGER) != 0);
    put_text(object, "summary", get_text(rules, "title", ""));
    return object;
}

static bool print_capabilities(struct buf *out, struct error *err) {
    auto_json json_t *list = json_array();
    for (size_t i = 0; i < operation_count; i++) {
        json_t *object = describe_operation(&operations[i], err);
        if (object == NULL)
            return false;
        push_take(list, object);
    }
    json_t *versions = json_array();
    push_text(versions, "nsxcert/v1");
    json_t *libraries = json_object();
    put_text(libraries, "openssl", OpenSSL_version(OPENSSL_VERSION_STRING));
    put_text(libraries, "jansson", jansson_version_str());
    put_text(libraries, "libcurl", http_library_version());
    json_t *object = json_object();
    put_text(object, "version", NSXCERT_VERSION);
    put_take(object, "api_versions", versions);
    put_take(object, "operations", json_incref(list));
    put_take(object, "libraries", libraries);
    return print_json(object, out, err);
}

bool discover(const struct flags *flags, struct buf *out, struct error *err) {
    switch (flags->mode) {
    case MODE_HELP: return print_help(out, err);
    case MODE_VERSION: return print_version(out, err);
    case MODE_SCHEMA: return print_schema(flags->subject, out, err);
    case MODE_EXAMPLE: return print_example(flags->subject, out, err);
    case MODE_CAPABILITIES: return print_capabilities(out, err);
    case MODE_EXPLAIN: return explain(flags->subject, out, err);
    case MODE_RUN:
    case MODE_RENDER: break;
    }
    return error_set(err, ERROR_INTERNAL, "there is nothing to tell in this mode");
}
