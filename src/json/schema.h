/* SPDX-License-Identifier: Apache-2.0 */
/* Checks a value against a JSON Schema (2020-12, the keywords in json/schema_keywords.def) and fills in defaults. */
#ifndef JSON_SCHEMA_H
#define JSON_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>

#include "base/cleanup.h"
#include "base/error.h"

/* A schema compiled once (patterns, references resolved). */
struct schema;

/* Compiles `document` (self-contained: references are "#", "#/…"). Refuses an unsupported keyword, an unresolvable
 * reference or a bad pattern (code internal, detail names the place). Keeps its own reference to `document`. */
struct schema *schema_compile(json_t *document, struct error *err) NODISCARD;
void schema_free(struct schema *schema);

enum { SCHEMA_FINDINGS_MAX = 50 };

/* Checks `value`, adding at most SCHEMA_FINDINGS_MAX findings with codes unknown-member (with the near miss in detail and
 * remedy), missing-member, invalid-value and their JSON Pointers; a missing or unknown member's pointer ends in that member.
 * Details tell what was found and what was expected, never the value of a writeOnly member. Where oneOf fails, the branch
 * that the value most likely means is reported. Fills defaults of absent members into objects that are present, also
 * when findings were added. True when valid. */
bool schema_check(const struct schema *schema, json_t *value, struct problems *findings) NODISCARD;

/* Calls `visit` with the pointer of every string in `value` that lies at or below a member that is writeOnly by the
 * schema (through $ref and the branches of oneOf that fit). Used for secrets that stand in a request literally. */
void schema_each_secret(const struct schema *schema, const json_t *value,
                        void (*visit)(void *context, const char *pointer, const json_t *text), void *context);

static inline void auto_schema_cleanup(struct schema **schema) {
    schema_free(*schema);
}
#define auto_schema AUTO(schema)

#endif
