/* SPDX-License-Identifier: Apache-2.0 */
/* The real stdout, set aside so that nothing but the product reaches it, and the file of --output. */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static int real_stdout = STDOUT_FILENO;

bool output_set_aside(void) {
    int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return false;
    real_stdout = fd;
    return true;
}

bool output_is_terminal(void) {
    return isatty(real_stdout) == 1;
}

static bool not_written(struct error *err, const char *where, int errno_value) {
    char text[128];
    return error_set(err, ERROR_RESULT_NOT_WRITTEN, "cannot write %s: %s", where,
                     strerror_r(errno_value, text, sizeof text));
}

bool output_write(const char *bytes, size_t length, struct error *err) {
    return file_write_all(real_stdout, bytes, length) || not_written(err, "the result to stdout", errno);
}

bool output_may_replace(const char *path, struct error *err) {
    struct stat status;
    return stat(path, &status) != 0 || S_ISREG(status.st_mode) ||
           error_set(err, ERROR_USAGE, "--output %s is no regular file; the result is on stdout as well", path);
}

static bool same_inode(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

bool output_is_same(const char *a, const char *b) {
    struct stat of_a;
    struct stat of_b;
    bool a_exists = stat(a, &of_a) == 0;
    bool b_exists = stat(b, &of_b) == 0;
    if (a_exists || b_exists)
        return a_exists && b_exists && same_inode(&of_a, &of_b);
    auto_text char *folder_a = file_folder(a);
    auto_text char *folder_b = file_folder(b);
    return folder_a != NULL && folder_b != NULL && strcmp(last_part(a), last_part(b)) == 0 &&
           stat(folder_a, &of_a) == 0 && stat(folder_b, &of_b) == 0 && same_inode(&of_a, &of_b);
}

bool output_write_file(const char *path, const char *bytes, size_t length, struct error *err) {
    auto_text char *temporary = mem_printf("%s.XXXXXX", path);
    if (temporary == NULL)
        return error_set(err, ERROR_RESULT_NOT_WRITTEN, "no memory to write %s", path);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return not_written(err, path, errno);
    bool ok = fchmod(fd, 0644) == 0 && file_write_all(fd, bytes, length) && fsync(fd) == 0;
    int saved = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        saved = errno;
    }
    if (ok && rename(temporary, path) == 0)
        return true;
    if (ok)
        saved = errno;
    (void)unlink(temporary);
    return not_written(err, path, saved);
}
