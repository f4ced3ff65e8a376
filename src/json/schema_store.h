/* SPDX-License-Identifier: Apache-2.0 */
/* The schemas of the operations, made of the files of schema/ and embedded at build (src/embed). */
#ifndef JSON_SCHEMA_STORE_H
#define JSON_SCHEMA_STORE_H

#include <jansson.h>

#include "base/error.h"

/* One self-contained document: the file ("import.schema.json") with every definition of common.schema.json that it
 * reaches in its $defs and references made local. Pretty JSON and a newline; NULL when there is no such file. */
const char *schema_store_text(const char *file);

/* The same as a tree, which the caller owns. NULL with code internal when there is no such file. */
json_t *schema_store_document(const char *file, struct error *err) NODISCARD;

/* What checking needs of it: without the annotations that neither verdict, nor defaults, nor findings depend on, which
 * makes it quick to read. The document's own title is there. Owned and failing as above. */
json_t *schema_store_rules(const char *file, struct error *err) NODISCARD;

#endif
