/* SPDX-License-Identifier: Apache-2.0 */
/* Lines for a terminal: harmless text, and text wrapped to the width of a page. */
#include "cli/layout.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Characters that steer a terminal or make a text look like another one (Unicode TR 36, UAX 9). */
static const struct {
    unsigned first, last;
} hidden[] = {
    {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},   {0x180E, 0x180E},   {0x200B, 0x200F},
    {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
};

static bool is_hidden(unsigned code) {
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (code >= hidden[i].first && code <= hidden[i].last)
            return true;
    return false;
}

/* Bytes of the character at `at` and its code; a byte that begins none counts as one hidden character. */
static size_t decode(const char *at, unsigned *ret_code) {
    unsigned char lead = (unsigned char)*at;
    size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    unsigned code = length <= 1 ? lead : lead & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        unsigned char next = (unsigned char)at[i];
        if ((next & 0xC0) != 0x80) {
            *ret_code = 0;
            return 1;
        }
        code = code << 6 | (next & 0x3F);
    }
    *ret_code = length == 0 ? 0 : code;
    return length == 0 ? 1 : length;
}

static bool is_space(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static void add_clean(struct buf *out, const char *text, size_t length) {
    for (const char *at = text; at < text + length;) {
        unsigned code;
        size_t bytes = decode(at, &code);
        if (is_space(*at))
            buf_add(out, " ", 1);
        else if (is_hidden(code))
            buf_add(out, "?", 1);
        else
            buf_add(out, at, bytes);
        at += bytes;
    }
}

static size_t width(const char *text, size_t length) {
    size_t count = 0;
    for (const char *at = text; at < text + length; count++) {
        unsigned code;
        at += decode(at, &code);
    }
    return count;
}

void layout_add_clean(struct buf *out, const char *text) {
    add_clean(out, text, strlen(text));
}

size_t layout_width(const char *text) {
    return width(text, strlen(text));
}

void layout_pad(struct buf *out, size_t count) {
    for (; count > 0; count--)
        buf_add(out, " ", 1);
}

void layout_wrap(struct buf *out, size_t column, size_t indent, const char *text) {
    bool first = true; /* on this line */
    while (*text != '\0') {
        if (is_space(*text)) {
            text++;
            continue;
        }
        size_t length = strcspn(text, " \t\r\n");
        size_t wide = width(text, length);
        if (!first && column + 1 + wide > LAYOUT_WIDTH) {
            buf_add(out, "\n", 1);
            layout_pad(out, indent);
            column = indent;
            first = true;
        }
        if (!first)
            buf_add(out, " ", 1);
        column += wide + (first ? 0 : 1);
        add_clean(out, text, length);
        first = false;
        text += length;
    }
    buf_add(out, "\n", 1);
}

bool layout_utf8(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && *value != '\0')
            return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
    }
    return false;
}
