/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a request: what is accepted must have been JSON that jansson can write and read again. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "entry.h"
#include "json/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    json_t *value = NULL;
    struct json_fault fault;
    if (!json_read((const char *)data, size, &json_limits_request, &value, &fault)) {
        if (fault.line == 0 || fault.column == 0 || fault.reason == NULL)
            abort();
        return 0;
    }
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    json_t *again = NULL;
    if (text == NULL || !json_read(text, strlen(text), &json_limits_request, &again, &fault) ||
        !json_equal(value, again))
        abort();
    json_decref(again);
    json_decref(value);
    free(text);
    return 0;
}
