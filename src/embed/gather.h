/* SPDX-License-Identifier: Apache-2.0 */
/* Makes one self-contained document of two schema files. */
#ifndef EMBED_GATHER_H
#define EMBED_GATHER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

/* Leaves in $defs of `document` what it reaches, with what it reaches of common.schema.json (`common`), and makes every
 * reference local. Changes both trees. False with code internal for a reference to nothing, or when a name means two
 * definitions. */
bool gather_definitions(json_t *document, json_t *common, struct error *err) NODISCARD;

#endif
