/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that must not leak: wiped when freed, never formatted, compared in constant time. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

/* Opaque on purpose: there is nothing here that printf could take. */
struct secret;

/* A copy of `length` bytes, without one trailing newline (LF or CRLF) if `drop_newline`. NULL when memory ran out. */
struct secret *secret_new(const char *bytes, size_t length, bool drop_newline);

/* Wipes and frees; takes NULL. */
void secret_free(struct secret *secret);

/* The bytes, NUL-terminated, for the library call that needs them; still owned by `secret`. */
const char *secret_reveal(const struct secret *secret);
size_t secret_length(const struct secret *secret);

/* Puts *** in the place of the `length` bytes (at least three) at `at`; what follows moves up. Returns where it begins.
 */
char *secret_mask(char *at, size_t length);

/* Puts *** in the place of every line of a secret that is alive now, where `text` has one of at least six bytes: for
 * words from outside, which may hold what was sent there. */
void secret_hide(char *text);

/* Reads variable `name`, then overwrites its value in the environment and unsets it. NULL when unset or empty.
 * A second call for the same name returns the first value again. */
const struct secret *secret_from_environment(const char *name);

/* Frees what secret_from_environment() kept. */
void secret_forget_environment(void);

static inline void auto_secret_cleanup(struct secret **secret) {
    secret_free(*secret);
}
#define auto_secret AUTO(secret)

#endif
