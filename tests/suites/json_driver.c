/* SPDX-License-Identifier: Apache-2.0 */
/* Judges many JSON texts in one process. Frames on stdin: "<length>\n<bytes>\n".
 *   read             each frame is a text: "ok", or "fault <line> <column> <reason>"
 *   schema           frames in pairs, document and value: "valid", "invalid <count>", "refused <why>"
 *   check FILE       each frame is a value for the embedded schema FILE: findings as one line of JSON, "[]" when valid
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/problem.h"
#include "json/read.h"
#include "json/schema.h"
#include "json/schema_store.h"

static const struct json_limits wide = {.bytes = 64U << 20, .depth = 1000, .values = 10000000};

/* The next frame, or NULL at the end. */
static char *frame_read(size_t *ret_length) {
    size_t length;
    if (scanf("%zu", &length) != 1 || getchar() != '\n')
        return NULL;
    char *bytes = mem_alloc(length + 1);
    if (bytes == NULL || fread(bytes, 1, length, stdin) != length || getchar() != '\n')
        abort();
    *ret_length = length;
    return bytes;
}

static json_t *value_read(const char *bytes, size_t length) {
    json_t *value = NULL;
    struct json_fault fault;
    return json_read(bytes, length, &wide, &value, &fault) ? value : NULL;
}

static void judge_text(const char *bytes, size_t length) {
    auto_json json_t *value = NULL;
    struct json_fault fault;
    if (json_read(bytes, length, &wide, &value, &fault))
        puts("ok");
    else
        printf("fault %zu %zu %s\n", fault.line, fault.column, fault.reason);
}

static void judge_pair(const char *bytes, size_t length) {
    size_t value_length;
    auto_text char *text = frame_read(&value_length);
    auto_json json_t *document = value_read(bytes, length);
    auto_json json_t *value = text == NULL ? NULL : value_read(text, value_length);
    auto_error struct error err = {0};
    auto_problems struct problems findings = {0};
    if (document == NULL || value == NULL) {
        puts("refused not readable");
        return;
    }
    auto_schema struct schema *schema = schema_compile(document, &err);
    if (schema == NULL)
        printf("refused %s\n", err.problem.detail);
    else if (schema_check(schema, value, &findings))
        puts("valid");
    else
        printf("invalid %zu\n", findings.count);
}

static void judge_request(const struct schema *schema, const char *bytes, size_t length) {
    auto_json json_t *value = value_read(bytes, length);
    auto_problems struct problems findings = {0};
    if (value == NULL) {
        puts("null");
        return;
    }
    if (schema_check(schema, value, &findings) != (findings.count == 0))
        abort();
    auto_json json_t *list = json_from_problems(&findings);
    auto_text char *line = json_dumps(list, JSON_COMPACT);
    puts(line);
}

int main(int argc, char **argv) {
    json_library_init();
    const char *mode = argc > 1 ? argv[1] : "";
    auto_error struct error err = {0};
    auto_json json_t *rules = argc > 2 ? schema_store_rules(argv[2], &err) : NULL;
    auto_schema struct schema *schema = rules == NULL ? NULL : schema_compile(rules, &err);
    if (argc > 2 && schema == NULL) {
        fprintf(stderr, "%s\n", err.problem.detail);
        return EXIT_FAILURE;
    }
    for (;;) {
        size_t length;
        auto_text char *bytes = frame_read(&length);
        if (bytes == NULL)
            break;
        if (strcmp(mode, "read") == 0)
            judge_text(bytes, length);
        else if (strcmp(mode, "schema") == 0)
            judge_pair(bytes, length);
        else if (schema != NULL)
            judge_request(schema, bytes, length);
        else
            return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
