/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand in a request: a byte too much would let a value smuggle in headers of its own. */
#ifndef NET_ENCODE_H
#define NET_ENCODE_H

#include <stdbool.h>

/* True if `text` has printable ASCII without spaces only: a path with its query. */
bool encode_is_visible(const char *text);

/* True if `text` has no control character, or is NULL: a header's value. */
bool encode_is_value(const char *text);

#endif
