/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Pointers (RFC 6901): building one while walking, and following one. */
#ifndef JSON_POINTER_H
#define JSON_POINTER_H

#include <jansson.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends "/token" with ~ and / escaped; returns the length before, for pointer_cut(). */
size_t pointer_add(struct buf *pointer, const char *token);
size_t pointer_add_index(struct buf *pointer, size_t index);

/* Shortens back to what an add returned. */
void pointer_cut(struct buf *pointer, size_t length);

/* The value at `pointer` ("" is the root), borrowed; NULL when there is none. */
json_t *pointer_follow(const json_t *root, const char *pointer);

#endif
