/* SPDX-License-Identifier: Apache-2.0 */
/* The files of schema/, put into the program by the assembler. */
#include "json/schema_store.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "json/read.h"
#include "json/schema_node.h"

#define COMMON "common.schema.json"

/* X(name of the file before .schema.json) */
#define FILES(X) X(common) X(generate) X(inspect) X(import) X(register) X(verify) X(result)

#define EMBED(name)                                                               \
    __asm__(".pushsection .rodata, \"a\"\n"                                       \
            "schema_text_" #name ":\n"                                            \
            ".incbin \"" NSXCERT_SCHEMA_DIR "/" #name ".schema.json\"\n"          \
            "schema_end_" #name ":\n"                                             \
            ".byte 0\n"                                                           \
            ".popsection\n");                                                     \
    extern const char schema_text_##name[] __attribute__((visibility("hidden"))); \
    extern const char schema_end_##name[] __attribute__((visibility("hidden")));
FILES(EMBED)

static const struct stored {
    const char *file, *text, *end;
} stored[] = {
#define X(name) {#name ".schema.json", schema_text_##name, schema_end_##name},
    FILES(X)
#undef X
};

const char *schema_store_text(const char *file, size_t *ret_length) {
    for (size_t i = 0; i < sizeof stored / sizeof stored[0]; i++) {
        if (strcmp(stored[i].file, file) != 0)
            continue;
        *ret_length = (size_t)(stored[i].end - stored[i].text);
        return stored[i].text;
    }
    return NULL;
}

/* What is embedded needs no scan: a test reads every file of schema/ strictly. */
static json_t *load(const char *file, struct error *err) {
    size_t length = 0;
    const char *text = schema_store_text(file, &length);
    json_error_t cause = {.text = "there is no such file"};
    json_t *document = text == NULL ? NULL : json_loadb(text, length, JSON_REJECT_DUPLICATES, &cause);
    if (document == NULL)
        error_set(err, mem_exhausted() ? ERROR_OUT_OF_MEMORY : ERROR_INTERNAL, "schema %s: %s", file, cause.text);
    return document;
}

/* Merges definitions of the common file into one document. */
struct merge {
    json_t *common; /* the common $defs */
    json_t *local;  /* the document's $defs */
    struct error *err;
};

static bool merge_value(struct merge *merge, json_t *value, bool from_common);

static bool merge_definition(struct merge *merge, const char *name) {
    json_t *wanted = json_object_get(merge->common, name);
    json_t *there = json_object_get(merge->local, name);
    if (wanted == NULL || (there != NULL && there != wanted))
        return error_set(merge->err, ERROR_INTERNAL, "schema: the common definition %s %s", name,
                         wanted == NULL ? "does not exist" : "is also defined by the operation");
    if (there != NULL)
        return true;
    if (json_object_set(merge->local, name, wanted) != 0)
        return error_set(merge->err, ERROR_OUT_OF_MEMORY, "no memory for the schema");
    return merge_value(merge, wanted, true);
}

/* A reference into the common file becomes local, and what it names is brought over. */
static bool merge_reference(struct merge *merge, json_t *reference, bool from_common) {
    static const char remote[] = COMMON "#/$defs/", local[] = "#/$defs/";
    const char *text = json_string_value(reference);
    if (from_common && strncmp(text, local, strlen(local)) == 0)
        return merge_definition(merge, text + strlen(local));
    if (strncmp(text, remote, strlen(remote)) != 0)
        return true;
    if (!merge_definition(merge, text + strlen(remote)))
        return false;
    auto_text char *rewritten = mem_strdup(text + strlen(COMMON));
    if (rewritten == NULL || json_string_set(reference, rewritten) != 0)
        return error_set(merge->err, ERROR_OUT_OF_MEMORY, "no memory for the schema");
    return true;
}

static bool merge_value(struct merge *merge, json_t *value, bool from_common) {
    size_t i;
    const char *name;
    json_t *below;
    json_array_foreach(value, i, below) {
        if (!merge_value(merge, below, from_common))
            return false;
    }
    void *next;
    json_object_foreach_safe(value, next, name, below) {
        bool is_reference = strcmp(name, "$ref") == 0 && json_is_string(below);
        if (!(is_reference ? merge_reference(merge, below, from_common) : merge_value(merge, below, from_common)))
            return false;
    }
    return true;
}

json_t *schema_store_document(const char *file, struct error *err) {
    auto_json json_t *document = load(file, err);
    if (document == NULL || strcmp(file, COMMON) == 0)
        return json_incref(document);
    auto_json json_t *common = load(COMMON, err);
    if (common == NULL)
        return NULL;
    if (json_object_get(document, "$defs") == NULL)
        json_object_set_new(document, "$defs", json_object());
    struct merge merge = {
        .common = json_object_get(common, "$defs"),
        .local = json_object_get(document, "$defs"),
        .err = err,
    };
    /* The definitions grow while they are walked, so the walk sees those that were there at first. */
    auto_json json_t *own = json_copy(merge.local);
    auto_json json_t *rest = json_copy(document);
    json_object_del(rest, "$defs");
    if (own == NULL || rest == NULL) {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory for the schema");
        return NULL;
    }
    if (!merge_value(&merge, rest, false) || !merge_value(&merge, own, false))
        return NULL;
    return json_incref(document);
}
