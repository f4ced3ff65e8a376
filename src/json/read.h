/* SPDX-License-Identifier: Apache-2.0 */
/* Strict, bounded reading of JSON text (RFC 8259): one pass refuses bombs before jansson builds a node. */
#ifndef JSON_READ_H
#define JSON_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"

struct json_limits {
    size_t bytes;  /* longest text */
    size_t depth;  /* deepest nesting of arrays and objects; a scalar has depth 0 */
    size_t values; /* most values (scalars, arrays, objects; member names do not count) */
    size_t token;  /* longest string or number as written, in bytes; 0 = no bound of its own */
};

/* 16 MiB, depth 32, 100,000 values, 4 MiB for one string: together they keep a hostile request below 64 MiB and a
 * second. */
extern const struct json_limits json_limits_request;

/* Where and why reading stopped. `reason` points to a static text. */
struct json_fault {
    size_t line;   /* from 1 */
    size_t column; /* from 1, in bytes */
    const char *reason;
};

/* Reads exactly one value of any type; refuses duplicate member names, bytes after the value, invalid UTF-8
 * (surrogates, overlong forms), a byte order mark, NUL in strings (also as an escape), a number that is no finite
 * double or 64-bit integer, and whatever exceeds `limits`. The caller owns *ret_value. */
bool json_read(const char *bytes, size_t length, const struct json_limits *limits, json_t **ret_value,
               struct json_fault *fault) NODISCARD;

/* malformed-request with line, column and reason in its context; `prefix` ("the query's request: ", or "") opens the
 * detail. Always false. */
bool json_malformed(const struct json_fault *fault, const char *prefix, struct error *err);

/* Lets jansson use base/mem.h; call once before any other JSON call. */
void json_library_init(void);

static inline void auto_json_cleanup(json_t **value) {
    json_decref(*value);
}
/* `auto_json json_t *x = NULL;` drops the reference when the scope ends. */
#define auto_json AUTO(json)

#endif
