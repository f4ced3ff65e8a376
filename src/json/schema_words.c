/* SPDX-License-Identifier: Apache-2.0 */
/* What a schema wants and what a value is, in plain words. */
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "json/schema_node.h"

enum { SHOWN_MAX = 60 };

const char *words_title(const struct schema_node *node) {
    for (int i = 0; i < SCHEMA_STEPS_MAX && node != NULL; i++, node = node->target) {
        const char *title = json_string_value(json_object_get(node->source, "title"));
        if (title != NULL)
            return title;
    }
    return NULL;
}

static void add_quoted(struct buf *buf, const char *text, size_t length) {
    size_t shown = 0, i = 0;
    buf_add(buf, "\"", 1);
    for (; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool begins = (c & 0xC0) != 0x80;
        if (begins && shown++ == SHOWN_MAX)
            break;
        if (c < 0x20 || c == 0x7F)
            buf_add(buf, "?", 1);
        else
            buf_add(buf, &text[i], 1);
    }
    buf_add_text(buf, i < length ? "…\"" : "\"");
}

char *words_quoted(const char *text, size_t length) {
    auto_buf struct buf buf;
    buf_init(&buf, 0);
    add_quoted(&buf, text, length);
    return buf_take(&buf);
}

/* null, booleans, numbers, strings. */
static void add_scalar(struct buf *buf, json_t *value) {
    if (json_is_string(value))
        add_quoted(buf, json_string_value(value), json_string_length(value));
    else if (json_is_integer(value))
        buf_printf(buf, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        buf_printf(buf, "%.15g", json_real_value(value));
    else
        buf_add_text(buf, json_is_null(value) ? "null" : json_is_true(value) ? "true" : "false");
}

static const char *kind_of(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_OBJECT: return json_object_size(value) == 0 ? "an empty object" : "an object";
    case JSON_ARRAY: return json_array_size(value) == 0 ? "an empty array" : "an array";
    case JSON_STRING: return "a string";
    case JSON_INTEGER:
    case JSON_REAL: return "a number";
    case JSON_NULL: return "null";
    default: return "a boolean";
    }
}

char *words_found(json_t *value, bool hidden) {
    auto_buf struct buf buf;
    buf_init(&buf, 0);
    const char *at = json_is_string(value) ? strrchr(json_string_value(value), '@') : NULL;
    if (hidden || json_is_object(value) || json_is_array(value))
        buf_add_text(&buf, kind_of(value));
    else if (at != NULL) /* of user:password@host only the host is shown */
        buf_printf(&buf, "\"…%.*s\"", SHOWN_MAX, at);
    else
        add_scalar(&buf, value);
    return buf_take(&buf);
}

static void add_choices(struct buf *buf, json_t *choices) {
    size_t i, count = json_array_size(choices);
    json_t *choice;
    buf_add_text(buf, count > 1 ? "one of " : "");
    json_array_foreach(choices, i, choice) {
        if (i > 0)
            buf_add_text(buf, i + 1 == count ? " and " : ", ");
        if (json_is_object(choice) || json_is_array(choice))
            buf_add_text(buf, kind_of(choice));
        else
            add_scalar(buf, choice);
    }
}

static void add_types(struct buf *buf, unsigned types) {
    static const struct {
        unsigned types;
        const char *words;
    } rows[] = {
        {TYPE_OBJECT, "an object"},   {TYPE_ARRAY, "an array"},
        {TYPE_STRING, "a string"},    {TYPE_INTEGER | TYPE_FRACTION, "a number"},
        {TYPE_INTEGER, "an integer"}, {TYPE_BOOLEAN, "true or false"},
        {TYPE_NULL, "null"},
    };
    const char *between = "";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((types & rows[i].types) != rows[i].types)
            continue;
        buf_add_text(buf, between);
        buf_add_text(buf, rows[i].words);
        types &= ~rows[i].types;
        between = " or ";
    }
}

static void add_counts(struct buf *buf, long long least, long long most, const char *unit) {
    if (least <= 0 && most < 0)
        return;
    if (least > 0 && most == least)
        buf_printf(buf, " of %lld %s", least, unit);
    else if (least > 0 && most >= 0)
        buf_printf(buf, " of %lld to %lld %s", least, most, unit);
    else
        buf_printf(buf, most < 0 ? " of at least %lld %s" : " of at most %lld %s", most < 0 ? least : most, unit);
    if ((most < 0 ? least : most) != 1)
        buf_add_text(buf, "s");
}

static void add_range(struct buf *buf, json_t *least, json_t *most) {
    buf_add_text(buf, least != NULL ? (most != NULL ? " from " : " of at least ") : most != NULL ? " of at most " : "");
    if (least != NULL)
        add_scalar(buf, least);
    if (least != NULL && most != NULL)
        buf_add_text(buf, " to ");
    if (most != NULL)
        add_scalar(buf, most);
}

/* The kinds of value that a node without `type` limits. */
static unsigned limited_types(const struct schema_node *node) {
    if (node->types != 0)
        return node->types;
    if (node->minimum != NULL || node->maximum != NULL)
        return TYPE_INTEGER | TYPE_FRACTION;
    if (node->min_length > 0 || node->max_length >= 0 || node->pattern != NULL)
        return TYPE_STRING;
    if (node->min_items > 0 || node->max_items >= 0)
        return TYPE_ARRAY;
    return TYPE_OBJECT;
}

char *words_expected(const struct schema_node *node) {
    auto_buf struct buf buf;
    buf_init(&buf, 0);
    if (node->refuses) {
        buf_add_text(&buf, "nothing here");
    } else if (node->constant != NULL) {
        auto_text char *only = words_found(node->constant, false);
        buf_add_text(&buf, only == NULL ? "" : only);
    } else if (node->choices != NULL) {
        add_choices(&buf, node->choices);
    } else {
        add_types(&buf, limited_types(node));
        add_range(&buf, node->minimum, node->maximum);
        add_counts(&buf, node->min_length, node->max_length, "character");
        add_counts(&buf, node->min_items, node->max_items, "item");
        add_counts(&buf, node->min_members, node->max_members, "member");
    }
    return buf_take(&buf);
}

static void add_required(struct buf *buf, const struct schema_node *node) {
    size_t i;
    json_t *name;
    json_array_foreach(node->required, i, name) {
        buf_add_text(buf, i == 0 ? " (" : ", ");
        buf_add_text(buf, json_string_value(name));
    }
    buf_add_text(buf, json_array_size(node->required) > 0 ? ")" : "");
}

char *words_branches(const struct schema_node *node) {
    auto_buf struct buf buf;
    buf_init(&buf, 0);
    for (size_t i = 0; i < node->branch_count; i++) {
        const char *title = words_title(node->branches[i]);
        auto_text char *expected = title != NULL ? NULL : words_expected(node->branches[i]);
        buf_add_text(&buf, i == 0 ? "" : ", ");
        buf_add_text(&buf, title != NULL ? title : expected != NULL ? expected : "");
        add_required(&buf, node->branches[i]);
    }
    return buf_take(&buf);
}
