/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand in a request: a byte too much would let a value smuggle in headers of its own. */
#ifndef NET_ENCODE_H
#define NET_ENCODE_H

#include <stdbool.h>

#include "net/http.h"

/* True if the path is printable ASCII without spaces and no header's value has a control character. */
bool encode_is_clean(const struct http_request *request);

#endif
