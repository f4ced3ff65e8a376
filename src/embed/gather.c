/* SPDX-License-Identifier: Apache-2.0 */
/* The definitions that a document reaches, its own and those of the common file, in one place. */
#include "embed/gather.h"

#include <string.h>

#include "base/mem.h"
#include "json/get.h"

#define COMMON "common.schema.json"

struct gather {
    const json_t *common; /* $defs of the common file */
    json_t *reached;
    struct error *err;
};

static bool gather_value(struct gather *gather, json_t *value, const json_t *home);

static bool gather_named(struct gather *gather, const char *name, const json_t *home) {
    json_t *wanted = json_object_get(home, name), *there = json_object_get(gather->reached, name);
    if (wanted == NULL || (there != NULL && there != wanted))
        return error_set(gather->err, ERROR_INTERNAL, "the definition %s %s", name,
                         wanted == NULL ? "does not exist" : "is in both files");
    if (there != NULL)
        return true;
    put_take(gather->reached, name, json_incref(wanted));
    return gather_value(gather, wanted, home);
}

/* `home`: the definitions of the file in which the reference stands. */
static bool gather_reference(struct gather *gather, json_t *reference, const json_t *home) {
    static const char remote[] = COMMON "#/$defs/", local[] = "#/$defs/";
    const char *text = json_string_value(reference);
    if (strncmp(text, local, strlen(local)) == 0)
        return gather_named(gather, text + strlen(local), home);
    if (strncmp(text, remote, strlen(remote)) != 0)
        return error_set(gather->err, ERROR_INTERNAL, "the reference %s leads to no definition", text);
    auto_text char *rewritten = mem_strdup(text + strlen(COMMON));
    if (rewritten == NULL || json_string_set(reference, rewritten) != 0)
        return error_set(gather->err, ERROR_OUT_OF_MEMORY, "no memory for the schema");
    return gather_named(gather, rewritten + strlen(local), gather->common);
}

static bool gather_value(struct gather *gather, json_t *value, const json_t *home) {
    size_t i;
    const char *name;
    json_t *below;
    json_array_foreach(value, i, below) {
        if (!gather_value(gather, below, home))
            return false;
    }
    json_object_foreach(value, name, below) {
        bool is_reference = strcmp(name, "$ref") == 0 && json_is_string(below);
        if (!(is_reference ? gather_reference(gather, below, home) : gather_value(gather, below, home)))
            return false;
    }
    return true;
}

bool gather_definitions(json_t *document, json_t *common, struct error *err) {
    json_t *own = json_incref(json_object_get(document, "$defs"));
    json_t *reached = json_object();
    struct gather gather = {.common = json_object_get(common, "$defs"), .reached = reached, .err = err};
    json_object_del(document, "$defs");
    bool ok = gather_value(&gather, document, own);
    put_take(document, "$defs", reached);
    json_decref(own);
    return ok;
}
