/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of all requests as one document. */
#include "cli/discover_schema.h"

#include "base/mem.h"
#include "op/op.h"
#include "json/get.h"
#include "json/read.h"
#include "json/schema_store.h"

/* Two files may share a definition, never a name for two of them. */
static bool merge(json_t *definitions, const char *name, json_t *definition, struct error *err) {
    const json_t *present = json_object_get(definitions, name);
    if (present == NULL)
        put_take(definitions, name, json_incref(definition));
    else if (!json_equal(present, definition))
        return error_set(err, ERROR_INTERNAL, "two definitions of the schema are called %s", name);
    return true;
}

static bool add_operation(const struct operation *operation, json_t *definitions, json_t *branches, struct error *err) {
    auto_json json_t *document = schema_store_document(operation->schema, err);
    if (document == NULL)
        return false;
    const char *name;
    json_t *definition;
    json_object_foreach(get_object(document, "$defs"), name, definition) {
        if (!merge(definitions, name, definition, err))
            return false;
    }
    json_object_del(document, "$defs");
    json_object_del(document, "$schema");
    json_object_del(document, "$id");
    auto_text char *own = mem_printf("%s_request", operation->name);
    auto_text char *reference = mem_printf("#/$defs/%s_request", operation->name);
    if (own == NULL || reference == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to print the schema");
    json_t *branch = json_object();
    put_text(branch, "$ref", reference);
    push_take(branches, branch);
    return merge(definitions, own, document, err);
}

json_t *discover_schema_all(struct error *err) {
    auto_json json_t *definitions = json_object();
    auto_json json_t *branches = json_array();
    for (size_t i = 0; i < operation_count; i++)
        if (!add_operation(&operations[i], definitions, branches, err))
            return NULL;
    json_t *document = json_object();
    put_text(document, "$schema", "https://json-schema.org/draft/2020-12/schema");
    put_text(document, "$id", "nsxcert.schema.json");
    put_text(document, "title", "A request to nsxcert");
    put_text(document, "description", "The request of any operation; `operation` says which of the branches it is.");
    put_text(document, "type", "object");
    put_take(document, "oneOf", json_incref(branches));
    put_take(document, "$defs", json_incref(definitions));
    return document;
}
