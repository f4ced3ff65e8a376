/* SPDX-License-Identifier: Apache-2.0 */
/* What checking a request needs of its schema. */
#ifndef EMBED_RULES_H
#define EMBED_RULES_H

#include <jansson.h>

/* A copy of a schema (the copy may share values with it) without annotations that no run reads: verdict, defaults and
 * the texts of findings are the same. The document's own title stays: --help shows it. */
json_t *rules_of(const json_t *document);

#endif
