/* SPDX-License-Identifier: Apache-2.0 */
/* The strings of the scan: eight bytes at a stride, UTF-8 and escapes one by one. */
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "json/scan_state.h"

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

static bool scan_utf8(struct scan *scan) {
    size_t length = utf8_length(scan->at, (size_t)(scan->end - scan->at));
    if (length == 0)
        return fault(scan, scan->at, "invalid UTF-8");
    scan->at += length;
    return true;
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

bool scan_string(struct scan *scan) {
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
