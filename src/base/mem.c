/* SPDX-License-Identifier: Apache-2.0 */
/* The one allocator of the process: wipes what is freed and remembers whether memory ever ran out. */
#include "base/mem.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_bool exhausted;
#ifdef NSXCERT_TEST_HOOKS
static atomic_ulong counted;
static atomic_ulong fail_at;
#endif

bool mem_exhausted(void) {
    return atomic_load_explicit(&exhausted, memory_order_relaxed);
}

void mem_fail_after(unsigned long nth) {
#ifdef NSXCERT_TEST_HOOKS
    atomic_store(&counted, 0);
    atomic_store(&fail_at, nth);
#else
    (void)nth;
#endif
}

unsigned long mem_count(void) {
#ifdef NSXCERT_TEST_HOOKS
    return atomic_load(&counted);
#else
    return 0;
#endif
}

static bool allowed(void) {
#ifdef NSXCERT_TEST_HOOKS
    unsigned long limit = atomic_load(&fail_at);
    unsigned long now = atomic_fetch_add(&counted, 1) + 1;
    return limit == 0 || now < limit;
#else
    return true;
#endif
}

static void *checked(void *block) {
    if (block == NULL)
        atomic_store_explicit(&exhausted, true, memory_order_relaxed);
    return block;
}

void *mem_alloc(size_t size) {
    return checked(allowed() ? malloc(size == 0 ? 1 : size) : NULL);
}

void *mem_calloc(size_t count, size_t size) {
    if (count == 0 || size == 0)
        count = size = 1;
    return checked(allowed() ? calloc(count, size) : NULL);
}

void *mem_realloc(void *block, size_t size) {
    if (block == NULL)
        return mem_alloc(size);
    size_t old = malloc_usable_size(block);
    if (size != 0 && size <= old && size > old / 2)
        return block;
    /* Not realloc(): it could leave an unwiped copy behind when the block moves. */
    void *moved = mem_alloc(size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, size < old ? size : old);
    mem_free(block);
    return moved;
}

void mem_free(void *block) {
    if (block == NULL)
        return;
    explicit_bzero(block, malloc_usable_size(block));
    free(block);
}

char *mem_strdup(const char *text) {
    return text == NULL ? NULL : mem_strndup(text, strlen(text));
}

char *mem_strndup(const char *text, size_t length) {
    char *copy = mem_alloc(length + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *mem_vprintf(const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        return NULL;
    char *text = mem_alloc((size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

char *mem_printf(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = mem_vprintf(format, arguments);
    va_end(arguments);
    return text;
}
