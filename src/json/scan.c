/* SPDX-License-Identifier: Apache-2.0 */
/* The pass over a text before it becomes a tree: grammar, UTF-8 and limits, without one allocation. */
#include "json/scan.h"

#include <string.h>

#include "json/scan_state.h"

static int skip_space(struct scan *scan) {
    while (scan->at != scan->end && (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t'))
        scan->at++;
    return peek(scan);
}

static bool scan_digits(struct scan *scan) {
    if (!is_digit(peek(scan)))
        return fault_here(scan, "a digit is missing in a number");
    while (is_digit(peek(scan)))
        scan->at++;
    return true;
}

static bool scan_number(struct scan *scan) {
    scan->token = scan->at;
    if (*scan->at == '-')
        scan->at++;
    if (peek(scan) == '0')
        scan->at++;
    else if (!scan_digits(scan))
        return false;
    if (is_digit(peek(scan)))
        return fault(scan, scan->token, "a number with a leading zero");
    if (peek(scan) == '.') {
        scan->at++;
        if (!scan_digits(scan))
            return false;
    }
    if (peek(scan) == 'e' || peek(scan) == 'E') {
        scan->at++;
        if (peek(scan) == '+' || peek(scan) == '-')
            scan->at++;
        if (!scan_digits(scan))
            return false;
    }
    return token_fits(scan);
}

static bool scan_literal(struct scan *scan) {
    static const char *const literals[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
        size_t length = strlen(literals[i]);
        if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, literals[i], length) != 0)
            continue;
        scan->at += length;
        return true;
    }
    return fault_here(scan, "no JSON value begins here");
}

/* "name": of an object's member. */
static bool scan_name(struct scan *scan) {
    if (skip_space(scan) != '"')
        return fault_here(scan, "expected a member name in double quotes");
    if (!scan_string(scan))
        return false;
    if (skip_space(scan) != ':')
        return fault_here(scan, "expected a colon after the member name");
    scan->at++;
    return true;
}

/* After [ or {: *ret_open tells whether a first value follows (else the bracket is closed already). */
static bool scan_open(struct scan *scan, bool *ret_open) {
    size_t most = scan->limits->depth < SCAN_DEPTH_MAX ? scan->limits->depth : SCAN_DEPTH_MAX;
    bool is_object = *scan->at == '{';
    if (scan->depth == most)
        return fault(scan, scan->at, "nested too deeply");
    scan->at++;
    if (skip_space(scan) == (is_object ? '}' : ']')) {
        scan->at++;
        return true;
    }
    scan->in_object[scan->depth++] = is_object;
    *ret_open = true;
    return !is_object || scan_name(scan);
}

static bool scan_value(struct scan *scan, bool *ret_open) {
    int c = skip_space(scan);
    if (scan->values++ == scan->limits->values)
        return fault(scan, scan->at, "too many values");
    if (c == '"')
        return scan_string(scan);
    if (c == '-' || is_digit(c))
        return scan_number(scan);
    if (c == '{' || c == '[')
        return scan_open(scan, ret_open);
    return scan_literal(scan);
}

/* After a value: closes what ends here; *ret_more tells whether another value follows in the innermost bracket. */
static bool scan_after_value(struct scan *scan, bool *ret_more) {
    while (scan->depth > 0) {
        bool in_object = scan->in_object[scan->depth - 1];
        int c = skip_space(scan);
        if (c == ',') {
            scan->at++;
            *ret_more = true;
            return !in_object || scan_name(scan);
        }
        if (c != (in_object ? '}' : ']'))
            return fault_here(scan, in_object ? "expected a comma or } after a member"
                                              : "expected a comma or ] after an item");
        scan->at++;
        scan->depth--;
    }
    return true;
}

static bool scan_document(struct scan *scan) {
    if (scan->end - scan->at >= 3 && memcmp(scan->at, "\xEF\xBB\xBF", 3) == 0)
        return fault(scan, scan->at, "a byte order mark");
    bool more = true;
    while (more) {
        bool open = false;
        more = false;
        if (!scan_value(scan, &open))
            return false;
        if (open)
            more = true;
        else if (!scan_after_value(scan, &more))
            return false;
    }
    if (skip_space(scan) != -1)
        return fault(scan, scan->at, "bytes after the value");
    return true;
}

struct scan_end scan_text(const char *bytes, size_t length, const struct json_limits *limits) {
    struct scan scan;
    scan.start = scan.at = scan.token = (const unsigned char *)bytes;
    scan.end = scan.start + length;
    scan.limits = limits;
    scan.reason = NULL;
    scan.values = scan.depth = 0;
    if (length > limits->bytes)
        fault(&scan, scan.start + limits->bytes, "the text is too long");
    else
        (void)scan_document(&scan);
    return (struct scan_end){
        .reason = scan.reason,
        .offset = (size_t)(scan.at - scan.start),
        .last_token = (size_t)(scan.token - scan.start),
    };
}
