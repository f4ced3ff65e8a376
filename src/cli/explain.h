/* SPDX-License-Identifier: Apache-2.0 */
/* What an error, warning or finding means. */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

/* Writes title, cause and remedy of a code of error_codes.def or of a lint rule. usage, with the near miss, for another
 * word. */
bool explain(const char *code, struct buf *out, struct error *err) NODISCARD;

#endif
