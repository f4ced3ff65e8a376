/* SPDX-License-Identifier: Apache-2.0 */
/* Where the scan stands, for scan.c and scan_string.c alone. */
#ifndef JSON_SCAN_STATE_H
#define JSON_SCAN_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "json/read.h"

/* jansson itself stops at 2048. */
enum { SCAN_DEPTH_MAX = 2000 };

struct scan {
    const unsigned char *start, *at, *end;
    const struct json_limits *limits;
    const unsigned char *token;
    const char *reason;
    size_t values;
    size_t depth;
    bool in_object[SCAN_DEPTH_MAX]; /* by depth - 1 */
};

static inline bool fault(struct scan *scan, const unsigned char *where, const char *reason) {
    scan->at = where;
    scan->reason = reason;
    return false;
}

static inline bool fault_here(struct scan *scan, const char *reason) {
    return fault(scan, scan->at, scan->at == scan->end ? "the text ends too early" : reason);
}

static inline int peek(const struct scan *scan) {
    return scan->at == scan->end ? -1 : *scan->at;
}

static inline bool is_digit(int c) {
    return c >= '0' && c <= '9';
}

static inline bool token_fits(struct scan *scan) {
    if (scan->limits->token != 0 && (size_t)(scan->at - scan->token) > scan->limits->token)
        return fault(scan, scan->token, "a string or number is too long");
    return true;
}

/* A string from its opening quote on; scan_string.c. */
bool scan_string(struct scan *scan);

#endif
