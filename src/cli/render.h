/* SPDX-License-Identifier: Apache-2.0 */
/* --render: a stored result, shown again. */
#ifndef CLI_RENDER_H
#define CLI_RENDER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "cli/flags.h"

/* Reads the result of flags->render_file (NULL or "-": stdin) and writes the view that was asked for into `out`.
 * request-unavailable, malformed-request, or usage for JSON that is no result. */
bool render(const struct flags *flags, bool color, struct buf *out, struct error *err) NODISCARD;

#endif
