/* SPDX-License-Identifier: Apache-2.0 */
/* Makes what a peer said fit to be shown: no terminal control, valid UTF-8, bounded. */
#include "net/clean.h"

#include "base/mem.h"

/* Bytes of the well-formed UTF-8 character at `text` (Unicode, table 3-7), 0 if it is none. */
static size_t character_length(const unsigned char *text, size_t left) {
    unsigned char first = text[0];
    if (first < 0x80)
        return 1;
    size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                    : (first & 0xF0) == 0xE0         ? 3
                    : first >= 0xF0 && first <= 0xF4 ? 4
                                                     : 0;
    if (length == 0 || length > left)
        return 0;
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (text[1] < low || text[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

static int is_control(const unsigned char *text, size_t length) {
    return (length == 1 && (text[0] < 0x20 || text[0] == 0x7F)) || (length == 2 && text[0] == 0xC2 && text[1] < 0xA0);
}

char *clean_text(const char *bytes, size_t length, size_t limit) {
    const unsigned char *text = (const unsigned char *)bytes;
    char *clean = mem_alloc((length < limit ? length : limit) + 1);
    if (clean == NULL)
        return NULL;
    size_t used = 0;
    for (size_t at = 0; at < length;) {
        size_t size = character_length(text + at, length - at);
        size_t taken = size == 0 ? 1 : size;
        bool control = size != 0 && is_control(text + at, size);
        size_t written = size == 0 || control ? 1 : size;
        if (used + written > limit)
            break;
        if (written == size && !control)
            memcpy(clean + used, text + at, size);
        else
            clean[used] = control ? ' ' : '?';
        if (used > 0 || clean[0] != ' ')
            used += written;
        at += taken;
    }
    while (used > 0 && clean[used - 1] == ' ')
        used--;
    clean[used] = '\0';
    return clean;
}
