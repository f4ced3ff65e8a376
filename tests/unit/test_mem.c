/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of base/mem. */
#include "base/mem.h"

#include <string.h>

#include "unit.h"

START_TEST(test_zero_sizes_give_a_block) {
    void *blocks[] = {mem_alloc(0), mem_calloc(0, 8), mem_calloc(8, 0), mem_realloc(NULL, 0)};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        ck_assert_ptr_nonnull(blocks[i]);
        mem_free(blocks[i]);
    }
    mem_free(NULL);
}
END_TEST

START_TEST(test_realloc_keeps_the_content) {
    char *block = mem_strdup("0123456789");
    for (size_t size = 11; size < 5000; size += 97) {
        block = mem_realloc(block, size);
        ck_assert_str_eq(block, "0123456789");
    }
    block = mem_realloc(block, 4);
    ck_assert_mem_eq(block, "0123", 4);
    mem_free(block);
}
END_TEST

START_TEST(test_texts) {
    auto_text char *copy = mem_strndup("certificate", 4);
    auto_text char *printed = mem_printf("%s-%d", copy, 7);
    ck_assert_str_eq(copy, "cert");
    ck_assert_str_eq(printed, "cert-7");
    ck_assert_ptr_null(mem_strdup(NULL));
    ck_assert(!mem_exhausted());
}
END_TEST

START_TEST(test_exhaustion_is_remembered) {
    mem_fail_after(2);
    void *first = mem_alloc(8);
    ck_assert_ptr_nonnull(first);
    ck_assert(!mem_exhausted());
    ck_assert_ptr_null(mem_alloc(8));
    ck_assert_ptr_null(mem_realloc(first, 1000)); /* the old block stays valid */
    ck_assert_uint_eq(mem_count(), 3);
    mem_fail_after(0);
    mem_free(first);
    ck_assert(mem_exhausted());
}
END_TEST

static void add(TCase *tests) {
    tcase_add_test(tests, test_zero_sizes_give_a_block);
    tcase_add_test(tests, test_realloc_keeps_the_content);
    tcase_add_test(tests, test_texts);
    tcase_add_test(tests, test_exhaustion_is_remembered);
}

int main(void) {
    return unit_run_tests("mem", add);
}
