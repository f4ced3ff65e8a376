/* SPDX-License-Identifier: Apache-2.0 */
/* The one allocator of the process: wipes what is freed and remembers whether memory ever ran out. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

/* Allocates `size` bytes, not cleared. NULL when memory is exhausted, which mem_exhausted() then remembers. */
void *mem_alloc(size_t size);

/* Allocates `count` items of `size` bytes, cleared; NULL also when the product overflows. */
void *mem_calloc(size_t count, size_t size);

/* Resizes; the part given back is wiped. On NULL the old block is still owned by the caller. */
void *mem_realloc(void *block, size_t size);

/* Wipes and frees; takes NULL. */
void mem_free(void *block);

/* A copy the caller frees; NULL for NULL. */
char *mem_strdup(const char *text);

/* The first `length` bytes and a NUL. */
char *mem_strndup(const char *text, size_t length);

/* A formatted string the caller frees. */
char *mem_printf(const char *format, ...) PRINTF_LIKE(1, 2);
char *mem_vprintf(const char *format, va_list arguments) PRINTF_LIKE(1, 0);

/* True once any allocation of this process failed (ours or a library's): from then on nothing outside may be changed.
 */
bool mem_exhausted(void);

/* Test builds (NSXCERT_TEST_HOOKS): lets allocation number `nth` from now, and all after it, fail. 0 disarms. */
void mem_fail_after(unsigned long nth);

/* Test builds: allocations since the last mem_fail_after(). */
unsigned long mem_count(void);

AUTO_DEFINE(free, void *, mem_free)
static inline void auto_text_cleanup(char **variable) {
    mem_free(*variable);
}
/* `auto_text char *x = NULL;` frees x when the scope ends. */
#define auto_text AUTO(text)

#endif
