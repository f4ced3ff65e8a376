/* SPDX-License-Identifier: Apache-2.0 */
/* A source of the request: text in place, {"file": PATH} or {"env": NAME}. */
#ifndef OP_SOURCE_H
#define OP_SOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/secret.h"
#include "op/run.h"

enum { SOURCE_BYTES_MAX = 1024 * 1024, SECRET_BYTES_MAX = 64 * 1024 };

/* Reads a public source (PEM, configuration) into `ret`. source-unavailable (with `pointer` set) when the file or
 * variable is not there; the other errors of file_read(). */
bool source_read(const json_t *source, const char *pointer, struct buf *ret, struct error *err) NODISCARD;

/* Reads a secret; one trailing newline is dropped, an unset or empty one is secret-unavailable. */
struct secret *source_read_secret(const json_t *source, const char *pointer, struct error *err) NODISCARD;

/* The path of a {"file"} source, or NULL. */
const char *source_path(const json_t *source);

/* True for a {"file"} that does not exist: an earlier step may make it. False for NULL. */
bool source_is_not_yet(const json_t *source);

/* In a dry run, true for such a file, with the warning source-not-yet at `pointer`: what depends on it can be planned
 * only. */
bool source_comes_later(struct run *run, const json_t *source, const char *pointer);

/* Reads a secret that may be absent (`source` NULL): then *ret_secret stays NULL. */
bool source_read_optional_secret(const json_t *source, const char *pointer, struct secret **ret_secret,
                                 struct error *err) NODISCARD;

#endif
