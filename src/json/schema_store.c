/* SPDX-License-Identifier: Apache-2.0 */
/* The schemas as src/embed writes them at build, put into the program by the assembler. */
#include "json/schema_store.h"

#include <string.h>

#include "base/mem.h"
#include "json/read.h"

/* X(name of the file before .schema.json, full | rules) */
#define FILES(X, kind) X(generate, kind) X(inspect, kind) X(import, kind) X(register, kind) X(verify, kind)

#define EMBED(name, kind)                                                  \
    __asm__(".pushsection .rodata, \"a\"\n"                                \
            "schema_" #kind "_" #name ":\n"                                \
            ".incbin \"" NSXCERT_EMBED_DIR "/" #name "." #kind ".json\"\n" \
            ".byte 0\n"                                                    \
            ".popsection\n");                                              \
    extern const char schema_##kind##_##name[] __attribute__((visibility("hidden")));
FILES(EMBED, full)
FILES(EMBED, rules)

static const struct stored {
    const char *file, *full, *rules;
} stored[] = {
#define X(name, kind) {#name ".schema.json", schema_full_##name, schema_rules_##name},
    FILES(X, )
#undef X
};

static const struct stored *find(const char *file) {
    for (size_t i = 0; i < sizeof stored / sizeof stored[0]; i++)
        if (strcmp(stored[i].file, file) == 0)
            return &stored[i];
    return NULL;
}

const char *schema_store_text(const char *file) {
    const struct stored *row = find(file);
    return row == NULL ? NULL : row->full;
}

/* What is embedded needs no scan: it was written by jansson. */
static json_t *load(const char *file, const char *text, struct error *err) {
    json_error_t cause = {.text = "there is no such file"};
    json_t *document = text == NULL ? NULL : json_loads(text, 0, &cause);
    if (document == NULL)
        error_set(err, mem_exhausted() ? ERROR_OUT_OF_MEMORY : ERROR_INTERNAL, "schema %s: %s", file, cause.text);
    return document;
}

json_t *schema_store_document(const char *file, struct error *err) {
    return load(file, schema_store_text(file), err);
}

json_t *schema_store_rules(const char *file, struct error *err) {
    const struct stored *row = find(file);
    return load(file, row == NULL ? NULL : row->rules, err);
}
