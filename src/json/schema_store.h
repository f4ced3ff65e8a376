/* SPDX-License-Identifier: Apache-2.0 */
/* The files of schema/, embedded at build. */
#ifndef JSON_SCHEMA_STORE_H
#define JSON_SCHEMA_STORE_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

/* The bytes of an embedded file ("import.schema.json", "common.schema.json", "result.schema.json"), NUL-terminated;
 * NULL if none. */
const char *schema_store_text(const char *file, size_t *ret_length);

/* One self-contained document: the file with every definition of common.schema.json that it reaches merged into its
 * $defs and references made local. The caller owns it. NULL with code internal when there is no such file. */
json_t *schema_store_document(const char *file, struct error *err) NODISCARD;

#endif
