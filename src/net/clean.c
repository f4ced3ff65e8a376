/* SPDX-License-Identifier: Apache-2.0 */
/* Makes what a peer said fit to be shown: no terminal control, valid UTF-8, bounded. */
#include "net/clean.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum kind { KIND_TEXT, KIND_CONTROL, KIND_DAMAGED };

static bool is_control(const unsigned char *text, size_t length) {
    return (length == 1 && (text[0] < 0x20 || text[0] == 0x7F)) || (length == 2 && text[0] == 0xC2 && text[1] < 0xA0);
}

/* The character at `text`: how many bytes it takes, and what is to be done with it. */
static enum kind look(const unsigned char *text, size_t left, size_t *ret_taken) {
    size_t length = utf8_length(text, left);
    *ret_taken = length == 0 ? 1 : length;
    if (length == 0)
        return KIND_DAMAGED;
    return is_control(text, length) ? KIND_CONTROL : KIND_TEXT;
}

char *clean_text(const char *bytes, size_t length, size_t limit) {
    static const char stand_ins[] = {[KIND_CONTROL] = ' ', [KIND_DAMAGED] = '?'};
    char *clean = mem_alloc((length < limit ? length : limit) + 1);
    if (clean == NULL)
        return NULL;
    size_t used = 0;
    for (size_t at = 0, taken; at < length; at += taken) {
        enum kind kind = look((const unsigned char *)bytes + at, length - at, &taken);
        const char *source = kind == KIND_TEXT ? bytes + at : &stand_ins[kind];
        size_t written = kind == KIND_TEXT ? taken : 1;
        if (used + written > limit)
            break;
        memcpy(clean + used, source, written);
        if (used > 0 || clean[0] != ' ')
            used += written;
    }
    while (used > 0 && clean[used - 1] == ' ')
        used--;
    clean[used] = '\0';
    return clean;
}
