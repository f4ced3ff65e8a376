/* SPDX-License-Identifier: Apache-2.0 */
/* Strict, bounded reading of JSON text: the scan finds every fault, then jansson builds the tree. */
#include "json/read.h"

#include "base/mem.h"
#include "json/scan.h"

const struct json_limits json_limits_request = {
    .bytes = 16U << 20,
    .depth = 32,
    .values = 100000,
    .token = 4U << 20,
};

void json_library_init(void) {
    json_set_alloc_funcs(mem_alloc, mem_free);
    /* jansson seeds its hash by itself when the first object is made: not in runs that make none. */
}

static void fault_at(const char *bytes, size_t offset, const char *reason, struct json_fault *fault) {
    *fault = (struct json_fault){.line = 1, .column = 1, .reason = reason};
    for (size_t i = 0; i < offset; i++) {
        fault->column++;
        if (bytes[i] == '\n') {
            fault->line++;
            fault->column = 1;
        }
    }
}

/* What only jansson finds. */
static const char *reason_of(const json_error_t *error) {
    switch (json_error_code(error)) {
    case json_error_duplicate_key: return "a member name appears twice in one object";
    case json_error_numeric_overflow: return "a number is out of range";
    default: return "out of memory";
    }
}

bool json_read(const char *bytes, size_t length, const struct json_limits *limits, json_t **ret_value,
               struct json_fault *fault) {
    struct scan_end end = scan_text(bytes, length, limits);
    if (end.reason != NULL) {
        fault_at(bytes, end.offset, end.reason, fault);
        return false;
    }
    json_error_t error = {.position = 0};
    json_t *value = json_loadb(bytes, length, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (value == NULL) {
        /* jansson tells where the token ended; people look for its beginning. */
        end = scan_text(bytes, error.position > 0 ? (size_t)error.position : 0, limits);
        fault_at(bytes, end.last_token, reason_of(&error), fault);
        return false;
    }
    *ret_value = value;
    return true;
}

bool json_malformed(const struct json_fault *fault, const char *prefix, struct error *err) {
    error_set(err, ERROR_MALFORMED_REQUEST, "%sline %zu, column %zu: %s", prefix, fault->line, fault->column,
              fault->reason);
    error_add_number(err, "line", (long long)fault->line);
    error_add_number(err, "column", (long long)fault->column);
    error_add_text(err, "reason", fault->reason);
    return false;
}
