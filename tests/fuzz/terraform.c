/* SPDX-License-Identifier: Apache-2.0 */
/* Terraform's protocol: any query is unwrapped or refused, and what goes back is an object of strings alone. */
#include "cli/terraform.h"

#include <stdlib.h>

#include "entry.h"
#include "json/read.h"

static void check_flat(const json_t *result) {
    auto_json json_t *flat = terraform_flatten(result);
    const char *name;
    json_t *value;
    if (json_object_size(flat) == 0)
        abort();
    json_object_foreach(flat, name, value) {
        if (!json_is_string(value))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    auto_json json_t *document = NULL;
    auto_error struct error err = {0};
    struct json_fault fault;
    if (!json_read((const char *)data, size, &json_limits_request, &document, &fault))
        return 0;
    check_flat(document);
    const json_t *query = document;
    bool ok = terraform_unwrap(&document, &err);
    if (ok == (err.code != ERROR_NONE) || (!ok && document != query))
        abort();
    return 0;
}
