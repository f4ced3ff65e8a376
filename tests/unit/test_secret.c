/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of base/secret. */
#include "base/secret.h"

#include <string.h>

#include "unit.h"

static const struct {
    const char *text, *kept;
} rows[] = {{"pw", "pw"}, {"pw\n", "pw"}, {"pw\r\n", "pw"}, {"pw\n\n", "pw\n"}, {"\n", ""},
            {"\r\n", ""}, {"", ""},       {"pw\r", "pw\r"}, {" pw ", " pw "}};

START_TEST(test_one_newline_is_dropped) {
    auto_secret struct secret *dropped = secret_new(rows[_i].text, strlen(rows[_i].text), true);
    auto_secret struct secret *whole = secret_new(rows[_i].text, strlen(rows[_i].text), false);
    ck_assert_str_eq(secret_reveal(dropped), rows[_i].kept);
    ck_assert_uint_eq(secret_length(dropped), strlen(rows[_i].kept));
    ck_assert_str_eq(secret_reveal(whole), rows[_i].text);
}
END_TEST

START_TEST(test_environment_is_emptied) {
    setenv("UNIT_SECRET", "canary\n", 1);
    const char *place = getenv("UNIT_SECRET");
    const struct secret *first = secret_from_environment("UNIT_SECRET");
    ck_assert_str_eq(secret_reveal(first), "canary");
    ck_assert_ptr_null(getenv("UNIT_SECRET"));
    ck_assert_mem_eq(place, "\0\0\0\0\0\0", 6);
    ck_assert_ptr_eq(secret_from_environment("UNIT_SECRET"), first);
    ck_assert_ptr_null(secret_from_environment("UNIT_UNSET"));
    setenv("UNIT_EMPTY", "", 1);
    ck_assert_ptr_null(secret_from_environment("UNIT_EMPTY"));
    secret_forget_environment();
    ck_assert_ptr_null(secret_from_environment("UNIT_SECRET"));
}
END_TEST

static bool make(void *context) {
    (void)context;
    auto_secret struct secret *secret = secret_new("pw", 2, true);
    return secret != NULL;
}

START_TEST(test_without_memory) {
    (void)unit_starve(make, NULL, true);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_loop_test(tests, test_one_newline_is_dropped, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tests, test_environment_is_emptied);
    tcase_add_test(tests, test_without_memory);
}

int main(void) {
    return unit_run_tests("secret", add);
}
