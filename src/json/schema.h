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

/* Checks `value`, adding at most SCHEMA_FINDINGS_MAX findings with codes unknown-member (with the near miss in detail
 * and remedy), missing-member, invalid-value and their JSON Pointers; a missing or unknown member's pointer ends in
 * that member. Details tell what was found and what was expected, never the value of a writeOnly member. Where oneOf
 * fails, the branch that the value most likely means is reported. The verdict is about the value as given, as any other
 * validator sees it; then defaults of absent members are filled into objects that are present, also when findings were
 * added: those of `then` where its `if` holds, those of a oneOf branch where it is the valid one. True when valid and
 * memory sufficed. */
bool schema_check(const struct schema *schema, json_t *value, struct problems *findings) NODISCARD;

/* Calls `visit` with the pointer of every secret that stands in `value` literally: a string whose own place is
 * writeOnly by the schema (through $ref, oneOf branches that fit and `then`), or an item of an array that is. {"file":
 * …} and
 * {"env": …} at a writeOnly place are no literal secrets: their strings are not visited. */
void schema_each_secret(const struct schema *schema, const json_t *value,
                        void (*visit)(void *context, const char *pointer, const json_t *text), void *context);

static inline void auto_schema_cleanup(struct schema **schema) {
    schema_free(*schema);
}
#define auto_schema AUTO(schema)

#endif
