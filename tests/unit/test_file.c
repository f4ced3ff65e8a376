/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of base/file. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "base/interrupt.h"
#include "folder_fixture.h"

static const struct {
    int errno_value;
    enum error_code code;
} meanings[] = {
    {EACCES, ERROR_PERMISSION_DENIED}, {EPERM, ERROR_PERMISSION_DENIED},   {EROFS, ERROR_PERMISSION_DENIED},
    {ENOSPC, ERROR_NO_SPACE},          {EDQUOT, ERROR_NO_SPACE},           {EIO, ERROR_IO_ERROR},
    {EMFILE, ERROR_TOO_MANY_FILES},    {ENFILE, ERROR_TOO_MANY_FILES},     {ENOMEM, ERROR_OUT_OF_MEMORY},
    {ELOOP, ERROR_UNSAFE_PATH},        {ENOENT, ERROR_SOURCE_UNAVAILABLE}, {EINTR, ERROR_INTERRUPTED},
    {ESTALE, ERROR_IO_ERROR},
};

START_TEST(test_meaning_of_errno) {
    auto_error struct error err = {0};
    ck_assert(!file_error(&err, meanings[_i].errno_value, "write", "nsx.key"));
    ck_assert_int_eq(err.code, meanings[_i].code);
    ck_assert_ptr_nonnull(strstr(err.problem.detail, "cannot write nsx.key: "));
}
END_TEST

static enum error_code read_code(const char *path, size_t limit) {
    auto_error struct error err = {0};
    auto_buf struct buf bytes;
    buf_init(&bytes, 0);
    bool ok = file_read(path, limit, &bytes, &err);
    ck_assert(ok == (err.code == ERROR_NONE));
    return err.code;
}

START_TEST(test_reads_within_the_limit) {
    folder_write("ten", "0123456789");
    folder_write("empty", "");
    ck_assert_int_eq(read_code("ten", 10), ERROR_NONE);
    ck_assert_int_eq(read_code("ten", 9), ERROR_SOURCE_UNAVAILABLE);
    ck_assert_int_eq(read_code("empty", 0), ERROR_NONE);
    ck_assert_int_eq(read_code("missing", 10), ERROR_SOURCE_UNAVAILABLE);
    ck_assert_int_eq(read_code(".", 10), ERROR_SOURCE_UNAVAILABLE);
    ck_assert_int_eq(read_code("ten/x", 10), ERROR_SOURCE_UNAVAILABLE);
}
END_TEST

START_TEST(test_reads_a_pipe_to_its_end) {
    int ends[2];
    auto_error struct error err = {0};
    auto_buf struct buf bytes;
    buf_init(&bytes, 0);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert(file_write_all(ends[1], "through a pipe", 14));
    close(ends[1]);
    ck_assert(file_read_descriptor(ends[0], "stdin", 100, &bytes, &err));
    ck_assert_str_eq(buf_text(&bytes), "through a pipe");
    close(ends[0]);
}
END_TEST

START_TEST(test_a_signal_ends_the_wait_for_a_pipe) {
    ck_assert(interrupt_install());
    ck_assert_int_eq(mkfifo("silent", 0600), 0);
    raise(SIGTERM);
    ck_assert_int_eq(read_code("silent", 100), ERROR_INTERRUPTED);
}
END_TEST

START_TEST(test_names) {
    static const char *const rows[][3] = {{"a/b/nsx.key", "a/b", "a/b/.nsx.key.new"},
                                          {"nsx.key", ".", ".nsx.key.new"},
                                          {"/nsx.key", "/", "/.nsx.key.new"}};
    for (size_t i = 0; i < 3; i++) {
        auto_text char *folder = file_folder(rows[i][0]);
        auto_text char *sibling = file_sibling(rows[i][0], ".", ".new");
        ck_assert_str_eq(folder, rows[i][1]);
        ck_assert_str_eq(sibling, rows[i][2]);
    }
}
END_TEST

START_TEST(test_exists) {
    ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
    folder_write("file", "");
    ck_assert(file_exists("dangling") && file_exists("file") && file_exists("."));
    ck_assert(!file_exists("missing") && !file_exists("file/missing"));
}
END_TEST

START_TEST(test_a_deadline_ends_the_wait_for_a_pipe) {
    auto_error struct error err = {0};
    auto_buf struct buf bytes;
    buf_init(&bytes, 0);
    folder_write("plain", "no waiting here");
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    file_set_deadline(deadline_after_ms(20));
    ck_assert(!file_read("pipe", 100, &bytes, &err));
    ck_assert_int_eq(err.code, ERROR_DEADLINE);
    ck_assert_int_eq(read_code("plain", 100), ERROR_NONE);
}
END_TEST

START_TEST(test_write_fails_with_errno) {
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ck_assert(!file_write_all(fd, "x", 1));
    ck_assert_int_eq(errno, ENOSPC);
    close(fd);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_checked_fixture(tests, folder_setup, folder_teardown);
    tcase_add_loop_test(tests, test_meaning_of_errno, 0, (int)(sizeof meanings / sizeof *meanings));
    tcase_add_test(tests, test_reads_within_the_limit);
    tcase_add_test(tests, test_reads_a_pipe_to_its_end);
    tcase_add_test(tests, test_a_signal_ends_the_wait_for_a_pipe);
    tcase_add_test(tests, test_a_deadline_ends_the_wait_for_a_pipe);
    tcase_add_test(tests, test_names);
    tcase_add_test(tests, test_exists);
    tcase_add_test(tests, test_write_fails_with_errno);
}

int main(void) {
    return unit_run_tests("file", add);
}
