/* SPDX-License-Identifier: Apache-2.0 */
/* The pass over a text before it becomes a tree: the whole grammar of RFC 8259, UTF-8 (RFC 3629) and the limits,
 * without one allocation. Duplicate names and the range of numbers are left to jansson. */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stddef.h>

#include "json/read.h"

struct scan_end {
    const char *reason; /* NULL: the text is well-formed and within the limits */
    size_t offset;      /* of the fault */
    size_t last_token;  /* offset of the last string or number that began */
};

struct scan_end scan_text(const char *bytes, size_t length, const struct json_limits *limits);

#endif
