/* SPDX-License-Identifier: Apache-2.0 */
/* Well-formed UTF-8 (RFC 3629). */
#include "base/utf8.h"

#include <stdbool.h>

/* Section 4: by lead byte, how many follow and the bounds of the first of them. */
static const struct row {
    unsigned char first, last, following, low, high;
} rows[] = {
    {0x00, 0x7F, 0, 0x00, 0x00}, {0xC2, 0xDF, 1, 0x80, 0xBF}, {0xE0, 0xE0, 2, 0xA0, 0xBF},
    {0xE1, 0xEC, 2, 0x80, 0xBF}, {0xED, 0xED, 2, 0x80, 0x9F}, {0xEE, 0xEF, 2, 0x80, 0xBF},
    {0xF0, 0xF0, 3, 0x90, 0xBF}, {0xF1, 0xF3, 3, 0x80, 0xBF}, {0xF4, 0xF4, 3, 0x80, 0x8F},
};

static bool follows(const struct row *row, const unsigned char *at, size_t left) {
    if (left <= row->following || (row->following > 0 && (at[1] < row->low || at[1] > row->high)))
        return false;
    for (size_t i = 2; i <= row->following; i++)
        if ((at[i] & 0xC0) != 0x80)
            return false;
    return true;
}

size_t utf8_length(const unsigned char *at, size_t left) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows && left > 0; i++)
        if (*at >= rows[i].first && *at <= rows[i].last)
            return follows(&rows[i], at, left) ? (size_t)rows[i].following + 1 : 0;
    return 0;
}
