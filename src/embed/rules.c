/* SPDX-License-Identifier: Apache-2.0 */
/* Copies a schema without what no run reads. json/schema_words.c and json/schema_finding.c are what reads. */
#include "embed/rules.h"

#include <stdbool.h>
#include <string.h>

#include "json/get.h"

static json_t *copy_schema(const json_t *schema, bool titled);

/* Of members only the required are called by their title, when they are missing. */
static json_t *copy_members(const json_t *schema, const json_t *members) {
    json_t *copy = json_object();
    const char *name;
    json_t *below;
    json_object_foreach((json_t *)members, name, below) {
        bool required = false;
        size_t i;
        json_t *one;
        json_array_foreach(json_object_get(schema, "required"), i, one) {
            required |= strcmp(json_string_value(one), name) == 0;
        }
        put_take(copy, name, copy_schema(below, required));
    }
    return copy;
}

static json_t *copy_definitions(const json_t *definitions) {
    json_t *copy = json_object();
    const char *name;
    json_t *below;
    json_object_foreach((json_t *)definitions, name, below) {
        put_take(copy, name, copy_schema(below, true));
    }
    return copy;
}

static json_t *copy_branches(const json_t *branches) {
    json_t *copy = json_array();
    size_t i;
    json_t *below;
    json_array_foreach(branches, i, below) {
        push_take(copy, copy_schema(below, true));
    }
    return copy;
}

/* `title` of what may be called by it and of what has a form; `description` where a finding ends in it. */
static bool is_read(const json_t *schema, const char *annotation, bool titled) {
    bool has_form = json_object_get(schema, "pattern") != NULL;
    if (strcmp(annotation, "title") == 0)
        return titled || has_form;
    return strcmp(annotation, "description") == 0 && (has_form || json_object_get(schema, "minProperties") != NULL ||
                                                      json_object_get(schema, "maxProperties") != NULL);
}

static const char *taken_by(const char *keyword) {
    static const struct {
        const char *keyword, *taker;
    } rows[] = {
#define X(keyword, taker, member) {keyword, #taker},
#include "json/schema_keywords.def"
#undef X
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].keyword, keyword) == 0)
            return rows[i].taker;
    return "";
}

/* NULL: not wanted. */
static json_t *copy_value(const json_t *schema, const char *keyword, json_t *value, bool titled) {
    const char *taker = taken_by(keyword);
    if (strcmp(taker, "take_nothing") == 0 && !is_read(schema, keyword, titled))
        return NULL;
    if (strcmp(taker, "take_members") == 0)
        return copy_members(schema, value);
    if (strcmp(taker, "take_definitions") == 0)
        return copy_definitions(value);
    if (strcmp(taker, "take_branches") == 0)
        return copy_branches(value);
    if (strcmp(taker, "take_schema") == 0)
        return copy_schema(value, false);
    return json_incref(value);
}

static json_t *copy_schema(const json_t *schema, bool titled) {
    if (!json_is_object(schema))
        return json_incref((json_t *)schema);
    json_t *copy = json_object();
    const char *keyword;
    json_t *value;
    json_object_foreach((json_t *)schema, keyword, value) {
        json_t *kept = copy_value(schema, keyword, value, titled);
        if (kept != NULL)
            put_take(copy, keyword, kept);
    }
    return copy;
}

json_t *rules_of(const json_t *document) {
    return copy_schema(document, true);
}
