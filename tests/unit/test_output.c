/* SPDX-License-Identifier: Apache-2.0 */
/* The real stdout and the file of --output. */
#include "cli/output.h"

#include <fcntl.h>

#include "folder_fixture.h"

static void expect_lost(bool written, struct error *err, const char *words) {
    ck_assert(!written);
    ck_assert_int_eq(err->code, ERROR_RESULT_NOT_WRITTEN);
    ck_assert_msg(strstr(err->problem.detail, words) != NULL, "%s", err->problem.detail);
}

START_TEST(test_only_the_product_reaches_stdout) {
    auto_error struct error err = {0};
    int fd = open("product", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_eq(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    fd = open("chatter", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
    ck_assert(output_set_aside());
    ck_assert(!output_is_terminal());
    ck_assert_int_eq(write(STDOUT_FILENO, "stray", 5), 5);
    ck_assert(output_write("{}\n", 3, &err));
    folder_assert_text("product", "{}\n");
    folder_assert_text("chatter", "stray");
}
END_TEST

START_TEST(test_a_full_stdout_is_told) {
    auto_error struct error err = {0};
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    ck_assert(output_set_aside());
    expect_lost(output_write("{}\n", 3, &err), &err, "the result to stdout: No space left");
}
END_TEST

START_TEST(test_a_closed_stdout_cannot_be_set_aside) {
    close(STDOUT_FILENO);
    ck_assert(!output_set_aside());
}
END_TEST

START_TEST(test_a_file_is_replaced_whole) {
    auto_error struct error err = {0};
    ck_assert(output_write_file("result.json", "long before", 11, &err));
    ck_assert(output_write_file("result.json", "{}", 2, &err));
    folder_assert_text("result.json", "{}");
    ck_assert_uint_eq(folder_mode("result.json"), 0644);
    ck_assert_int_eq(folder_count(), 1);
}
END_TEST

START_TEST(test_a_file_that_cannot_be_written) {
    auto_error struct error no_folder = {0}, is_folder = {0};
    expect_lost(output_write_file("missing/result.json", "{}", 2, &no_folder), &no_folder, "missing/result.json");
    ck_assert_int_eq(mkdir("result.json", 0700), 0);
    expect_lost(output_write_file("result.json", "{}", 2, &is_folder), &is_folder, "Is a directory");
    ck_assert_int_eq(folder_count(), 1); /* no temporary is left */
}
END_TEST

START_TEST(test_without_memory) {
    auto_error struct error err = {0};
    mem_fail_after(1);
    bool written = output_write_file("result.json", "{}", 2, &err);
    mem_fail_after(0);
    ck_assert(!written);
    ck_assert_int_eq(err.code, ERROR_RESULT_NOT_WRITTEN);
    ck_assert_int_eq(folder_count(), 0);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_checked_fixture(tests, folder_setup, folder_teardown);
    tcase_add_test(tests, test_only_the_product_reaches_stdout);
    tcase_add_test(tests, test_a_full_stdout_is_told);
    tcase_add_test(tests, test_a_closed_stdout_cannot_be_set_aside);
    tcase_add_test(tests, test_a_file_is_replaced_whole);
    tcase_add_test(tests, test_a_file_that_cannot_be_written);
    tcase_add_test(tests, test_without_memory);
}

int main(void) {
    return unit_run_tests("output", add);
}
