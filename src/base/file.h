/* SPDX-License-Identifier: Apache-2.0 */
/* Reading files within bounds, and what a failed file call means for the caller. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"

/* Sets the error that `errno_value` means for doing `what` ("read", "write") with `path`: permission-denied, no-space,
 * io-error, too-many-files, out-of-memory, unsafe-path, or source-unavailable for a missing file. Always false. */
bool file_error(struct error *err, int errno_value, const char *what, const char *path);
#define file_error(...) ALWAYS_FALSE((file_error)(__VA_ARGS__))

/* open() with O_CLOEXEC, again after a signal that does not ask to stop. -1 with errno set. */
int file_open(const char *path, int flags, mode_t mode) NODISCARD;

/* No read of a pipe or terminal waits longer than this from now on: `deadline-exceeded`. Before it is set only a signal
 * ends the wait. */
void file_set_deadline(struct deadline deadline);

/* Reads a whole file of at most `limit` bytes into `ret` (appended). A pipe will do; a folder will not.
 * Missing or too long: source-unavailable. */
bool file_read(const char *path, size_t limit, struct buf *ret, struct error *err) NODISCARD;

/* Reads an open descriptor to its end; same errors, `name` stands for it in texts. */
bool file_read_descriptor(int fd, const char *name, size_t limit, struct buf *ret, struct error *err) NODISCARD;

/* Is there something (of any kind) at `path`? True as well where that cannot be told: then reading it tells why. */
bool file_exists(const char *path);

/* When the content of `path` was last written; 0 when that cannot be told. */
time_t file_written_at(const char *path);

/* Writes all bytes to an open descriptor; false with errno set. */
bool file_write_all(int fd, const char *bytes, size_t length) NODISCARD;

/* The folder part of `path` ("." if there is none), and "FOLDER/PREFIXnameSUFFIX". The caller frees; NULL without
 * memory. */
char *file_folder(const char *path);
char *file_sibling(const char *path, const char *prefix, const char *suffix);

#endif
