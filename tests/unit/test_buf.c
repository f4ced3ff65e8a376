/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of base/buf. */
#include "base/buf.h"

#include <string.h>

#include "unit.h"

START_TEST(test_grows_and_stays_terminated) {
    auto_buf struct buf buf;
    buf_init(&buf, 0);
    ck_assert_str_eq(buf_text(&buf), "");
    for (int i = 0; i < 1000; i++)
        ck_assert(buf_printf(&buf, "%d,", i % 10));
    ck_assert_uint_eq(buf.length, 2000);
    ck_assert_uint_eq(strlen(buf_text(&buf)), 2000);
    ck_assert(buf_add(&buf, "\0x", 2));
    ck_assert_uint_eq(buf.length, 2002);
}
END_TEST

START_TEST(test_limit_is_exact_and_final) {
    auto_buf struct buf buf;
    buf_init(&buf, 4);
    ck_assert(buf_add_text(&buf, "abcd"));
    ck_assert(!buf_add_text(&buf, "e"));
    ck_assert(buf.failed);
    ck_assert(!buf_add_text(&buf, ""));
    ck_assert_str_eq(buf_text(&buf), "abcd");
    ck_assert_ptr_null(buf_take(&buf));
}
END_TEST

START_TEST(test_take_moves_the_text_out) {
    auto_buf struct buf buf;
    buf_init(&buf, 0);
    auto_text char *empty = buf_take(&buf);
    ck_assert_str_eq(empty, "");
    ck_assert(buf_add_text(&buf, "text"));
    auto_text char *text = buf_take(&buf);
    ck_assert_str_eq(text, "text");
    ck_assert_str_eq(buf_text(&buf), "");
}
END_TEST

static bool fill(void *context) {
    (void)context;
    auto_buf struct buf buf;
    buf_init(&buf, 0);
    for (int i = 0; i < 100; i++)
        buf_printf(&buf, "line %d\n", i);
    return !buf.failed;
}

START_TEST(test_without_memory) {
    ck_assert_uint_gt(unit_starve(fill, NULL, true), 100);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_test(tests, test_grows_and_stays_terminated);
    tcase_add_test(tests, test_limit_is_exact_and_final);
    tcase_add_test(tests, test_take_moves_the_text_out);
    tcase_add_test(tests, test_without_memory);
}

int main(void) {
    return unit_run_tests("buf", add);
}
