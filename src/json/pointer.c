/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Pointers (RFC 6901): building one while walking, and following one. */
#include "json/pointer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

size_t pointer_add(struct buf *pointer, const char *token) {
    size_t before = pointer->length;
    buf_add(pointer, "/", 1);
    while (*token != '\0') {
        size_t plain = strcspn(token, "~/");
        buf_add(pointer, token, plain);
        token += plain;
        if (*token != '\0')
            buf_add(pointer, *token++ == '~' ? "~0" : "~1", 2);
    }
    return before;
}

size_t pointer_add_index(struct buf *pointer, size_t index) {
    size_t before = pointer->length;
    char text[1 + 20]; /* as many digits as 64 bits have; made for each item of each array */
    char *at = text + sizeof text;
    do
        *--at = (char)('0' + index % 10);
    while ((index /= 10) > 0);
    *--at = '/';
    buf_add(pointer, at, (size_t)(text + sizeof text - at));
    return before;
}

void pointer_cut(struct buf *pointer, size_t length) {
    if (length >= pointer->length)
        return;
    pointer->length = length;
    pointer->bytes[length] = '\0';
}

/* Unescapes in place (RFC 6901 section 4); false for a ~ that is followed by neither 0 nor 1. */
static bool unescape(char *token) {
    char *to = token;
    for (const char *from = token; *from != '\0'; from++) {
        char c = *from;
        if (c == '~') {
            from++;
            if (*from != '0' && *from != '1')
                return false;
            c = *from == '0' ? '~' : '/';
        }
        *to++ = c;
    }
    *to = '\0';
    return true;
}

static json_t *array_item(const json_t *array, const char *token) {
    size_t digits = strspn(token, "0123456789");
    if (digits == 0 || token[digits] != '\0' || (token[0] == '0' && digits > 1))
        return NULL;
    errno = 0;
    unsigned long long index = strtoull(token, NULL, 10);
    return errno != 0 ? NULL : json_array_get(array, (size_t)index);
}

static json_t *step(const json_t *value, const char *escaped, size_t length) {
    auto_text char *token = mem_strndup(escaped, length);
    if (token == NULL || !unescape(token))
        return NULL;
    return json_is_array(value) ? array_item(value, token) : json_object_get(value, token);
}

json_t *pointer_follow(const json_t *root, const char *pointer) {
    json_t *value = (json_t *)root;
    while (value != NULL && *pointer != '\0') {
        if (*pointer++ != '/')
            return NULL;
        size_t length = strcspn(pointer, "/");
        value = step(value, pointer, length);
        pointer += length;
    }
    return value;
}
