/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled form of a schema, seen by the schema files alone. */
#ifndef JSON_SCHEMA_NODE_H
#define JSON_SCHEMA_NODE_H

#include <jansson.h>
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "json/schema.h"

enum {
    TYPE_NULL = 1 << 0,
    TYPE_BOOLEAN = 1 << 1,
    TYPE_INTEGER = 1 << 2, /* also a real without fraction */
    TYPE_FRACTION = 1 << 3,
    TYPE_STRING = 1 << 4,
    TYPE_ARRAY = 1 << 5,
    TYPE_OBJECT = 1 << 6,
};

/* A schema that refers to itself without going down into the value ends here; requests are 32 deep. */
enum { SCHEMA_STEPS_MAX = 300 };

struct schema_pattern {
    const char *text; /* borrowed from the document */
    regex_t regex;
};

struct schema_member {
    const char *name;
    struct schema_node *node;
};

/* A schema object, or a boolean. All pointers to nodes, JSON and patterns are borrowed from struct schema. */
struct schema_node {
    json_t *source;
    bool refuses;   /* the schema `false` */
    unsigned types; /* 0: any */
    json_t *constant;
    json_t *choices;
    struct schema_member *members;
    size_t member_count;
    json_t *required;
    struct schema_node *additional;
    struct schema_node *items;
    struct schema_node *target; /* of $ref */
    struct schema_node *condition;
    struct schema_node *consequence;
    struct schema_node **branches;
    size_t branch_count;
    struct schema_pattern *pattern;
    json_t *minimum, *maximum;
    long long min_members, max_members, min_items, max_items, min_length, max_length; /* max: -1 = none */
    json_t *preset;
    bool unique;
    bool write_only;
    bool holds_secret; /* write_only, or something below is */
    bool holds_preset; /* something below has a default */
};

struct schema {
    json_t *document;
    struct schema_node *root;
    struct schema_node **nodes;
    size_t node_count, node_capacity;
    struct schema_pattern **patterns;
    size_t pattern_count, pattern_capacity;
};

/* ---- schema_compile.c and schema_take.c ---- */

struct schema_compiler {
    struct schema *schema;
    struct buf *place; /* JSON Pointer of the schema being read */
    struct error *err;
    bool failed; /* err is set */
};

/* The node for `source` at compiler->place; NULL with err set. */
struct schema_node *schema_compile_node(struct schema_compiler *compiler, json_t *source);

/* Puts one keyword into `node`; false (with or without err set) when its value is not of the supported kind. */
bool schema_take(struct schema_compiler *compiler, struct schema_node *node, const char *keyword, json_t *value);

/* The pattern compiled (once for each text); NULL when it is no ERE that ECMA 262 reads alike. */
struct schema_pattern *schema_pattern_get(struct schema *schema, const char *text);
bool schema_pattern_fits(const struct schema_pattern *pattern, const char *text);
void schema_pattern_free(struct schema_pattern *pattern);

/* Room for one more pointer in an array; false when memory ran out. */
bool schema_grow(void *array, size_t count, size_t *capacity);

struct schema_node *schema_node_member(const struct schema_node *node, const char *name);

/* ---- schema_value.c ---- */

unsigned schema_type_of(const json_t *value);
/* -1, 0, 1 as a is less than, equal to or greater than b; both are numbers. Exact, also between int64 and double. */
int schema_compare(const json_t *a, const json_t *b);
/* Equal as JSON Schema sees it: 1 and 1.0 are. */
bool schema_equal(json_t *a, json_t *b);
size_t schema_text_length(const json_t *text);
/* True when two items are equal, and which; *ret_failed when memory ran out. */
bool schema_find_twins(json_t *array, size_t *ret_first, size_t *ret_second, bool *ret_failed);

/* ---- schema_check.c ---- */

struct schema_checker {
    struct problems *findings; /* NULL: only `count` is wanted */
    struct buf *pointer;       /* NULL: stop at the first fault, say nothing */
    size_t count;
    unsigned steps;
    bool secret; /* at or below a writeOnly member */
    bool exhausted;
};

bool schema_check_node(struct schema_checker *checker, const struct schema_node *node, json_t *value);

/* True if `value` is valid for `node`; says nothing. */
bool schema_fits(const struct schema_node *node, json_t *value);

/* ---- schema_choice.c ---- */

bool schema_check_choice(struct schema_checker *checker, const struct schema_node *node, json_t *value);

/* ---- schema_finding.c: each returns false ---- */

bool finding_type(struct schema_checker *checker, const struct schema_node *node, json_t *value);
bool finding_value(struct schema_checker *checker, const struct schema_node *node, json_t *value);
bool finding_range(struct schema_checker *checker, const struct schema_node *node, json_t *value);
bool finding_pattern(struct schema_checker *checker, const struct schema_node *node, json_t *value);
bool finding_length(struct schema_checker *checker, const struct schema_node *node, json_t *value);
bool finding_twins(struct schema_checker *checker, size_t first, size_t second);
bool finding_missing(struct schema_checker *checker, const struct schema_node *node, const char *name);
bool finding_unknown(struct schema_checker *checker, const struct schema_node *node, json_t *object, const char *name);
/* After all of them: a member unknown at one place and missing at another is to be moved there. */
void finding_misplaced(struct problems *findings);
/* `text` is taken over (NULL when memory ran out). */
bool finding_text(struct schema_checker *checker, char *text);

/* ---- schema_words.c: each returns a text the caller frees ---- */

/* What `node` wants: "an integer from 1 to 3650". */
char *words_expected(const struct schema_node *node);
/* What stands there; with `hidden` only its kind. */
char *words_found(json_t *value, bool hidden);
/* A name or text in quotes, shortened and without control characters. */
char *words_quoted(const char *text, size_t length);
/* Names of the members of a oneOf: "From a file (file)". */
char *words_branches(const struct schema_node *node);
/* The title of the node, or of what it refers to; NULL when it has none. */
const char *words_title(const struct schema_node *node);

/* ---- schema_defaults.c ---- */

/* The default of a node, or of what it refers to; NULL when it has none. */
json_t *schema_preset(const struct schema_node *node);

/* Fills defaults in; false when memory ran out. */
bool schema_fill(const struct schema_node *node, json_t *value);

#endif
