/* SPDX-License-Identifier: Apache-2.0 */
/* Strict, bounded reading of JSON text: the scan finds the faults, then the tree is built. */
#include "json/read.h"

#include "base/mem.h"
#include "json/build.h"
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

bool json_read(const char *bytes, size_t length, const struct json_limits *limits, json_t **ret_value,
               struct json_fault *fault) {
    struct scan_end end = scan_text(bytes, length, limits);
    if (end.reason != NULL) {
        fault_at(bytes, end.offset, end.reason, fault);
        return false;
    }
    struct build_end built = build_tree(bytes, length, ret_value);
    if (built.reason == NULL)
        return true;
    fault_at(bytes, built.offset, built.reason, fault);
    return false;
}
