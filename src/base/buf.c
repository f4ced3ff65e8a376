/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with an upper bound, always NUL-terminated. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void buf_init(struct buf *buf, size_t limit) {
    *buf = (struct buf){.limit = limit};
}

void buf_done(struct buf *buf) {
    mem_free(buf->bytes);
    buf_init(buf, buf->limit);
}

static bool reserve(struct buf *buf, size_t more) {
    if (buf->failed || more > SIZE_MAX / 4 - buf->length || (buf->limit != 0 && more > buf->limit - buf->length)) {
        buf->failed = true;
        return false;
    }
    size_t needed = buf->length + more + 1;
    if (buf->bytes != NULL && needed <= buf->capacity)
        return true;
    size_t capacity = buf->capacity < 128 ? 128 : buf->capacity * 2;
    if (capacity < needed)
        capacity = needed;
    char *bytes = mem_realloc(buf->bytes, capacity);
    if (bytes == NULL) {
        buf->failed = true;
        return false;
    }
    buf->bytes = bytes;
    buf->capacity = capacity;
    return true;
}

bool buf_add(struct buf *buf, const void *bytes, size_t length) {
    if (!reserve(buf, length))
        return false;
    if (length > 0)
        memcpy(buf->bytes + buf->length, bytes, length);
    buf->length += length;
    buf->bytes[buf->length] = '\0';
    return true;
}

bool buf_add_text(struct buf *buf, const char *text) {
    return buf_add(buf, text, strlen(text));
}

bool buf_printf(struct buf *buf, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    auto_text char *text = mem_vprintf(format, arguments);
    va_end(arguments);
    if (text == NULL) {
        buf->failed = true;
        return false;
    }
    return buf_add_text(buf, text);
}

const char *buf_text(const struct buf *buf) {
    return buf->bytes == NULL ? "" : buf->bytes;
}

char *buf_take(struct buf *buf) {
    if (buf->failed || (buf->bytes == NULL && !buf_add(buf, "", 0)))
        return NULL;
    char *text = buf->bytes;
    buf_init(buf, buf->limit);
    return text;
}
