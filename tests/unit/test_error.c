/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of base/error. */
#include "base/error.h"

#include <string.h>

#include "unit.h"

START_TEST(test_every_row_is_whole) {
    for (int code = ERROR_NONE + 1; code < ERROR_CODE_COUNT; code++) {
        const struct error_info *info = error_info((enum error_code)code);
        ck_assert_int_eq(error_code_from_name(info->name), code);
        ck_assert_uint_eq(strspn(info->name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(info->name));
        ck_assert(*info->title != '\0' && *info->why != '\0' && *info->remedy != '\0');
    }
    ck_assert_int_eq(error_code_from_name("no-such-code"), ERROR_NONE);
}
END_TEST

START_TEST(test_set_replaces_what_was_there) {
    auto_error struct error err = {0};
    ck_assert(!error_set(&err, ERROR_LOCKED, "first %d", 1));
    error_set_pointer(&err, "/parameters/key_path");
    error_set_step(&err, "generate");
    error_add_number(&err, "line", 3);
    ck_assert(!error_set(&err, ERROR_NO_SPACE, "second"));
    ck_assert_int_eq(err.code, ERROR_NO_SPACE);
    ck_assert_str_eq(err.problem.code, "no-space");
    ck_assert_str_eq(err.problem.detail, "second");
    ck_assert_ptr_null(err.problem.pointer);
    ck_assert_ptr_null(err.step);
    ck_assert_uint_eq(err.context_count, 0);
}
END_TEST

START_TEST(test_detail_may_use_the_old_detail) {
    auto_error struct error err = {0};
    error_set(&err, ERROR_IO_ERROR, "inner");
    error_set(&err, ERROR_SECRET_UNAVAILABLE, "outer: %s", err.problem.detail);
    ck_assert_str_eq(err.problem.detail, "outer: inner");
}
END_TEST

START_TEST(test_remedy_and_context) {
    auto_error struct error err = {0};
    error_set_with_remedy(&err, ERROR_UNREACHABLE, "do this", "detail");
    ck_assert_str_eq(err.problem.remedy, "do this");
    for (int i = 0; i < ERROR_CONTEXT_MAX + 3; i++)
        error_add_text(&err, "member", "value");
    ck_assert_uint_eq(err.context_count, ERROR_CONTEXT_MAX);
}
END_TEST

START_TEST(test_move_empties_the_source) {
    auto_error struct error from = {0};
    auto_error struct error into = {0};
    error_set(&into, ERROR_LOCKED, "old");
    error_set(&from, ERROR_IO_ERROR, "new");
    error_move(&into, &from);
    ck_assert_int_eq(from.code, ERROR_NONE);
    ck_assert_ptr_null(from.problem.detail);
    ck_assert_str_eq(into.problem.detail, "new");
}
END_TEST

START_TEST(test_problems) {
    auto_problems struct problems list = {0};
    for (int i = 0; i < 100; i++)
        problem_set_pointer(problems_add(&list, i % 2 ? ERROR_VALIDITY_DIFFERS : ERROR_LOCKED, "number %d", i), "/x");
    ck_assert_uint_eq(list.count, 100);
    ck_assert_str_eq(list.items[99].detail, "number 99");
    ck_assert(problems_have(&list, "validity-differs"));
    ck_assert(!problems_have(&list, "no-space"));
    ck_assert_int_eq(list.items[0].severity, SEVERITY_ERROR);
    ck_assert_int_eq(list.items[1].severity, SEVERITY_WARNING);
    problem_set_remedy(NULL, "nobody");
}
END_TEST

static bool make(void *context) {
    (void)context;
    auto_error struct error err = {0};
    auto_problems struct problems list = {0};
    error_set(&err, ERROR_LOCKED, "%s", "detail");
    error_set_pointer(&err, "/a");
    ck_assert_int_eq(err.code, ERROR_LOCKED); /* the code is told in any case */
    return err.problem.detail != NULL && err.problem.pointer != NULL && problems_add(&list, ERROR_LOCKED, "x") != NULL;
}

START_TEST(test_without_memory) {
    (void)unit_starve(make, NULL, false);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_test(tests, test_every_row_is_whole);
    tcase_add_test(tests, test_set_replaces_what_was_there);
    tcase_add_test(tests, test_detail_may_use_the_old_detail);
    tcase_add_test(tests, test_remedy_and_context);
    tcase_add_test(tests, test_move_empties_the_source);
    tcase_add_test(tests, test_problems);
    tcase_add_test(tests, test_without_memory);
}

int main(void) {
    return unit_run_tests("error", add);
}
