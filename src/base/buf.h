/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with an upper bound, always NUL-terminated. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct buf {
    char *bytes;     /* NULL while empty, else NUL-terminated at `length` */
    size_t length;   /* without the NUL */
    size_t capacity; /* allocated, with the NUL */
    size_t limit;    /* most bytes it will hold; 0 = no bound */
    bool failed;     /* out of memory or over the limit: later additions are ignored */
};

/* An empty buffer that holds at most `limit` bytes (0: unbounded). */
void buf_init(struct buf *buf, size_t limit);
void buf_done(struct buf *buf);

/* Append; false (and `failed` set) when memory or the limit ran out. Callers may check `failed` once at the end. */
bool buf_add(struct buf *buf, const void *bytes, size_t length);
bool buf_add_text(struct buf *buf, const char *text);
bool buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/* The text so far ("" while empty); owned by the buffer. */
const char *buf_text(const struct buf *buf);

/* Moves the text out: the caller frees it, the buffer is empty again. NULL if it failed. */
char *buf_take(struct buf *buf);

static inline void auto_buf_cleanup(struct buf *buf) {
    buf_done(buf);
}
#define auto_buf AUTO(buf)

#endif
