/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an import request: findings must be tellable, and what is valid must stay so once defaults are in. */
#include <stdlib.h>

#include "entry.h"
#include "json/problem.h"
#include "json/read.h"
#include "json/schema.h"
#include "json/schema_store.h"

static struct schema *import_schema(void) {
    json_library_init();
    struct error err = {0};
    auto_json json_t *document = schema_store_rules("import.schema.json", &err);
    struct schema *schema = document == NULL ? NULL : schema_compile(document, &err);
    if (schema == NULL)
        abort();
    return schema;
}

static void ignore_secret(void *context, const char *pointer, const json_t *text) {
    (void)context;
    if (pointer == NULL || !json_is_string(text))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct schema *schema;
    if (schema == NULL)
        schema = import_schema();
    auto_json json_t *value = NULL;
    struct json_fault fault;
    if (!json_read((const char *)data, size, &json_limits_request, &value, &fault))
        return 0;
    auto_problems struct problems findings = {0}, again = {0};
    bool valid = schema_check(schema, value, &findings);
    if (valid != (findings.count == 0) || (valid && !schema_check(schema, value, &again)))
        abort();
    auto_json json_t *list = json_from_problems(&findings);
    if (json_array_size(list) != findings.count)
        abort();
    schema_each_secret(schema, value, ignore_secret, NULL);
    return 0;
}
