/* SPDX-License-Identifier: Apache-2.0 */
/* What the program tells about itself: help, schema, examples, capabilities, explanations. */
#ifndef CLI_DISCOVER_H
#define CLI_DISCOVER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "cli/flags.h"

/* Writes what `flags->mode` asks for (MODE_HELP, VERSION, SCHEMA, EXAMPLE, CAPABILITIES, EXPLAIN) into `out`. usage,
 * with the near miss, for an unknown operation or code. */
bool discover(const struct flags *flags, struct buf *out, struct error *err) NODISCARD;

#endif
