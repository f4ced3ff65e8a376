/* SPDX-License-Identifier: Apache-2.0 */
/* The pass over a text before it becomes a tree: grammar, UTF-8 and limits, without one allocation. */
#include "json/scan.h"

#include <stdint.h>
#include <string.h>

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

static bool fault(struct scan *scan, const unsigned char *where, const char *reason) {
    scan->at = where;
    scan->reason = reason;
    return false;
}

static bool fault_here(struct scan *scan, const char *reason) {
    return fault(scan, scan->at, scan->at == scan->end ? "the text ends too early" : reason);
}

static int peek(const struct scan *scan) {
    return scan->at == scan->end ? -1 : *scan->at;
}

static bool is_digit(int c) {
    return c >= '0' && c <= '9';
}

static int skip_space(struct scan *scan) {
    while (scan->at != scan->end && (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t'))
        scan->at++;
    return peek(scan);
}

/* The high bit of each byte of `word` that is a quote, a backslash, a control character or not ASCII (of the first
 * such byte at least: later ones may be set by borrow, which is why the caller looks again bytewise). */
static uint64_t special_bytes(uint64_t word) {
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
    uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
    uint64_t control = (word - ones * 0x20) & ~word;
    return (control | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | word) & high;
}

static void skip_plain(struct scan *scan) {
    uint64_t word;
    while (scan->end - scan->at >= (ptrdiff_t)sizeof word) {
        memcpy(&word, scan->at, sizeof word);
        if (special_bytes(word) != 0)
            break;
        scan->at += sizeof word;
    }
    while (scan->at != scan->end && *scan->at >= 0x20 && *scan->at < 0x80 && *scan->at != '"' && *scan->at != '\\')
        scan->at++;
}

/* RFC 3629 section 4: by lead byte, how many follow and the bounds of the first of them (which shut out overlong forms,
 * surrogates and what lies beyond U+10FFFF). */
static const struct utf8_row {
    unsigned char first, last, following, low, high;
} utf8_rows[] = {
    {0xC2, 0xDF, 1, 0x80, 0xBF}, {0xE0, 0xE0, 2, 0xA0, 0xBF}, {0xE1, 0xEC, 2, 0x80, 0xBF}, {0xED, 0xED, 2, 0x80, 0x9F},
    {0xEE, 0xEF, 2, 0x80, 0xBF}, {0xF0, 0xF0, 3, 0x90, 0xBF}, {0xF1, 0xF3, 3, 0x80, 0xBF}, {0xF4, 0xF4, 3, 0x80, 0x8F},
};

static bool utf8_follows(const struct scan *scan, const struct utf8_row *row) {
    if (scan->end - scan->at <= row->following || scan->at[1] < row->low || scan->at[1] > row->high)
        return false;
    for (int i = 2; i <= row->following; i++)
        if ((scan->at[i] & 0xC0) != 0x80)
            return false;
    return true;
}

static bool scan_utf8(struct scan *scan) {
    for (size_t i = 0; i < sizeof utf8_rows / sizeof utf8_rows[0]; i++) {
        const struct utf8_row *row = &utf8_rows[i];
        if (*scan->at < row->first || *scan->at > row->last)
            continue;
        if (!utf8_follows(scan, row))
            break;
        scan->at += row->following + 1;
        return true;
    }
    return fault(scan, scan->at, "invalid UTF-8");
}

static int hex_value(int c) {
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "\uXXXX" at `at`; -1 if it is none. */
static int32_t code_unit(const struct scan *scan, const unsigned char *at) {
    if (scan->end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    int32_t unit = 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex_value(at[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool scan_unicode_escape(struct scan *scan) {
    int32_t unit = code_unit(scan, scan->at);
    if (unit < 0)
        return fault(scan, scan->at, "an escape that is not \\u and four hex digits");
    if (unit == 0)
        return fault(scan, scan->at, "a NUL in a string");
    if (unit < 0xD800 || unit > 0xDFFF) {
        scan->at += 6;
        return true;
    }
    int32_t low = code_unit(scan, scan->at + 6);
    if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
        return fault(scan, scan->at, "half of a surrogate pair");
    scan->at += 12;
    return true;
}

static bool scan_escape(struct scan *scan) {
    if (scan->end - scan->at < 2)
        return fault(scan, scan->end, "the text ends too early");
    int c = scan->at[1];
    if (c == 'u')
        return scan_unicode_escape(scan);
    if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL)
        return fault(scan, scan->at, "an escape that JSON does not know");
    scan->at += 2;
    return true;
}

static bool token_fits(struct scan *scan) {
    if (scan->limits->token != 0 && (size_t)(scan->at - scan->token) > scan->limits->token)
        return fault(scan, scan->token, "a string or number is too long");
    return true;
}

static bool scan_string(struct scan *scan) {
    scan->token = scan->at++;
    for (;;) {
        skip_plain(scan);
        int c = peek(scan);
        if (c == '"') {
            scan->at++;
            return token_fits(scan);
        }
        if (c == 0)
            return fault(scan, scan->at, "a NUL in a string");
        if (c < 0x20)
            return fault_here(scan, "a control character in a string");
        if (!(c == '\\' ? scan_escape(scan) : scan_utf8(scan)))
            return false;
    }
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
