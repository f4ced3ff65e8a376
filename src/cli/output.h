/* SPDX-License-Identifier: Apache-2.0 */
/* The real stdout, set aside so that nothing but the product reaches it, and the file of --output. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Moves the real stdout to a descriptor of its own and points descriptor 1 to stderr. False if that fails. */
bool output_set_aside(void) NODISCARD;

/* True if the real stdout is a terminal. */
bool output_is_terminal(void);

/* Writes the bytes whole to the real stdout: result-not-written on failure. */
bool output_write(const char *bytes, size_t length, struct error *err) NODISCARD;

/* Could FILE be replaced by a result? usage where something else than a regular file is there (a device, a pipe). */
bool output_may_replace(const char *path, struct error *err) NODISCARD;

/* Do both paths lead to one file, or would they if it were there? */
bool output_is_same(const char *a, const char *b);

/* Writes FILE in one step (temporary beside it, rename): result-not-written on failure, nothing is left then. */
bool output_write_file(const char *path, const char *bytes, size_t length, struct error *err) NODISCARD;

#endif
