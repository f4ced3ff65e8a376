/* SPDX-License-Identifier: Apache-2.0 */
/* Well-formed UTF-8: every length, the bounds of each row, and what must not pass. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static const struct {
    const char *bytes;
    size_t length;
} cases[] = {
    {"a", 1},
    {"\x7F", 1},
    {"\xC2\x80", 2},
    {"\xDF\xBF", 2},
    {"\xE0\xA0\x80", 3},
    {"\xED\x9F\xBF", 3},
    {"\xEE\x80\x80", 3},
    {"\xEF\xBF\xBF", 3},
    {"\xF0\x90\x80\x80", 4},
    {"\xF4\x8F\xBF\xBF", 4},
    {"\x80", 0},             /* a following byte first */
    {"\xC1\xBF", 0},         /* overlong */
    {"\xE0\x9F\xBF", 0},     /* overlong */
    {"\xF0\x8F\xBF\xBF", 0}, /* overlong */
    {"\xED\xA0\x80", 0},     /* surrogate */
    {"\xF4\x90\x80\x80", 0}, /* beyond U+10FFFF */
    {"\xF5\x80\x80\x80", 0},
    {"\xC2", 0}, /* cut */
    {"\xE2\x82", 0},
    {"\xE2\x82\x28", 0}, /* the last does not follow */
};

START_TEST(test_lengths) {
    ck_assert_uint_eq(utf8_length((const unsigned char *)cases[_i].bytes, strlen(cases[_i].bytes)), cases[_i].length);
}
END_TEST

START_TEST(test_nothing_left) {
    ck_assert_uint_eq(utf8_length((const unsigned char *)"", 0), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("utf8");
    TCase *tcase = tcase_create("utf8");
    tcase_add_loop_test(tcase, test_lengths, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tcase, test_nothing_left);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
