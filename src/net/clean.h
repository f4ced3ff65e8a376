/* SPDX-License-Identifier: Apache-2.0 */
/* Makes what a peer said fit to be shown: no terminal control, valid UTF-8, bounded. */
#ifndef NET_CLEAN_H
#define NET_CLEAN_H

#include <stddef.h>

/* A copy the caller frees, cut to `limit` bytes at a character's start; control characters (C0, DEL, C1) become spaces,
 * bytes that are no UTF-8 become '?', spaces at both ends go. NULL when memory ran out. */
char *clean_text(const char *bytes, size_t length, size_t limit);

#endif
