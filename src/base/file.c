/* SPDX-License-Identifier: Apache-2.0 */
/* Reading files within bounds, and what a failed file call means for the caller. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/mem.h"

static const struct {
    int errno_value;
    enum error_code code;
} errno_codes[] = {
    {EACCES, ERROR_PERMISSION_DENIED},  {EPERM, ERROR_PERMISSION_DENIED},
    {EROFS, ERROR_PERMISSION_DENIED},   {ENOSPC, ERROR_NO_SPACE},
    {EDQUOT, ERROR_NO_SPACE},           {EFBIG, ERROR_NO_SPACE},
    {EMFILE, ERROR_TOO_MANY_FILES},     {ENFILE, ERROR_TOO_MANY_FILES},
    {ENOMEM, ERROR_OUT_OF_MEMORY},      {ELOOP, ERROR_UNSAFE_PATH},
    {EISDIR, ERROR_UNSAFE_PATH},        {ENAMETOOLONG, ERROR_UNSAFE_PATH},
    {ENOENT, ERROR_SOURCE_UNAVAILABLE}, {ENOTDIR, ERROR_SOURCE_UNAVAILABLE},
    {EINTR, ERROR_INTERRUPTED},
};

bool(file_error)(struct error *err, int errno_value, const char *what, const char *path) {
    enum error_code code = ERROR_IO_ERROR;
    for (size_t i = 0; i < sizeof errno_codes / sizeof *errno_codes; i++)
        if (errno_codes[i].errno_value == errno_value)
            code = errno_codes[i].code;
    char text[128];
    return error_set(err, code, "cannot %s %s: %s", what, path, strerror_r(errno_value, text, sizeof text));
}

int file_open(const char *path, int flags, mode_t mode) {
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR && interrupt_signal() == 0);
    return fd;
}

static struct deadline reading_ends = {INT64_MAX};

void file_set_deadline(struct deadline deadline) {
    reading_ends = deadline;
}

/* A pipe or terminal may keep silent for ever: there a signal that asks to stop is obeyed (EINTR then), and the
 * deadline (ETIMEDOUT). */
static bool wait_for_bytes(int fd) {
    struct pollfd both[] = {{.fd = fd, .events = POLLIN}, {.fd = interrupt_fd(), .events = POLLIN}};
    for (;;) {
        int64_t left_ms = deadline_left_ms(reading_ends);
        int ready = poll(both, 2, left_ms > 60000 ? 60000 : (int)left_ms);
        if (interrupt_signal() != 0) {
            errno = EINTR;
            return false;
        }
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
        if (left_ms == 0) {
            errno = ETIMEDOUT;
            return false;
        }
    }
}

/* Reads once, through what only interrupts; -1 when it failed for good, with err set. */
static ssize_t read_chunk(int fd, bool patient, const char *name, char *chunk, size_t size, struct error *err) {
    for (;;) {
        ssize_t got = !patient || wait_for_bytes(fd) ? read(fd, chunk, size) : -1;
        if (got >= 0)
            return got;
        if (errno == EAGAIN || (errno == EINTR && interrupt_signal() == 0))
            continue;
        if (errno == ETIMEDOUT && patient)
            (void)error_set(err, ERROR_DEADLINE, "deadline_seconds passed before %s had an end", name);
        else
            (void)file_error(err, errno, "read", name);
        return -1;
    }
}

bool file_read_descriptor(int fd, const char *name, size_t limit, struct buf *ret, struct error *err) {
    char chunk[65536];
    size_t total = 0;
    struct stat status;
    bool patient = fstat(fd, &status) == 0 && !S_ISREG(status.st_mode);
    for (;;) {
        ssize_t got = read_chunk(fd, patient, name, chunk, sizeof chunk, err);
        if (got <= 0)
            return got == 0;
        total += (size_t)got;
        if (total > limit)
            return error_set(err, ERROR_SOURCE_UNAVAILABLE, "%s is longer than %zu bytes", name, limit);
        if (!buf_add(ret, chunk, (size_t)got))
            return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read %s", name);
    }
}

bool file_read(const char *path, size_t limit, struct buf *ret, struct error *err) {
    /* Not blocking: opening a pipe that nobody writes to would wait without looking at signals. */
    int fd = file_open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
    if (fd < 0)
        return file_error(err, errno, "open", path);
    struct stat status;
    bool ok = true;
    if (fstat(fd, &status) != 0)
        ok = file_error(err, errno, "read", path);
    else if (S_ISDIR(status.st_mode))
        ok = error_set(err, ERROR_SOURCE_UNAVAILABLE, "%s is a folder", path);
    ok = ok && file_read_descriptor(fd, path, limit, ret, err);
    close(fd);
    return ok;
}

bool file_exists(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

time_t file_written_at(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 ? status.st_mtime : 0;
}

bool file_write_all(int fd, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

char *file_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return mem_strdup(".");
    return slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
}

char *file_sibling(const char *path, const char *prefix, const char *suffix) {
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    return mem_printf("%.*s%s%s%s", (int)(name - path), path, prefix, name, suffix);
}
