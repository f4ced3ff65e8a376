/* SPDX-License-Identifier: Apache-2.0 */
/* Runs at build: `embed full|rules FOLDER OPERATION` writes what the program embeds of a schema to stdout. "full" is
 * the file with the common definitions it reaches, "rules" of that what checking needs. 1 when the program could not
 * use it: an unsupported keyword, a bad pattern, a reference to nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "embed/gather.h"
#include "embed/rules.h"
#include "json/read.h"
#include "json/schema.h"

enum { FILE_BYTES_MAX = 1 << 20 };

static json_t *load(const char *folder, const char *name, struct error *err) {
    static char bytes[FILE_BYTES_MAX];
    auto_text char *path = mem_printf("%s/%s.schema.json", folder, name);
    FILE *file = path == NULL ? NULL : fopen(path, "re");
    if (file == NULL) {
        error_set(err, ERROR_INTERNAL, "the file cannot be opened");
        return NULL;
    }
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    json_t *document = NULL;
    struct json_fault fault = {0};
    if (!json_read(bytes, length, &json_limits_request, &document, &fault))
        json_malformed(&fault, "", err);
    return document;
}

static bool is_usable(json_t *document, struct error *err) {
    auto_schema struct schema *schema = schema_compile(document, err);
    return schema != NULL;
}

static bool print(const char *kind, json_t *document, struct error *err) {
    auto_json json_t *rules = rules_of(document);
    if (!is_usable(document, err) || !is_usable(rules, err))
        return false;
    bool is_full = strcmp(kind, "full") == 0;
    bool written = is_full ? json_dumpf(document, stdout, JSON_INDENT(2)) == 0 && fputs("\n", stdout) != EOF
                           : json_dumpf(rules, stdout, JSON_COMPACT) == 0;
    return (written && fflush(stdout) == 0) || error_set(err, ERROR_INTERNAL, "writing failed");
}

int main(int argc, char **argv) {
    if (argc != 4)
        return EXIT_FAILURE;
    auto_error struct error err = {0};
    auto_json json_t *document = load(argv[2], argv[3], &err);
    auto_json json_t *common = document == NULL ? NULL : load(argv[2], "common", &err);
    if (common != NULL && gather_definitions(document, common, &err) && print(argv[1], document, &err))
        return EXIT_SUCCESS;
    fprintf(stderr, "%s/%s.schema.json: %s\n", argv[2], argv[3], err.problem.detail);
    return EXIT_FAILURE;
}
