/* SPDX-License-Identifier: Apache-2.0 */
/* The keywords of a schema: one table, one function for each kind of value. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "json/pointer.h"
#include "json/schema_node.h"

/* `slot` is the member of the node that the keyword's row names. */
typedef bool take_function(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value);

static bool take_nothing(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    (void)compiler, (void)node, (void)slot, (void)value;
    return true;
}

static bool take_value(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    (void)compiler, (void)node;
    *(json_t **)slot = value;
    return true;
}

static bool take_flag(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    (void)compiler, (void)node;
    *(bool *)slot = json_is_true(value);
    return json_is_boolean(value);
}

static bool take_number(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    return json_is_number(value) && take_value(compiler, node, slot, value);
}

static bool take_count(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    (void)compiler, (void)node;
    double number = json_number_value(value);
    if (schema_type_of(value) != TYPE_INTEGER || number < 0 || number > 1e15)
        return false;
    *(long long *)slot = (long long)number;
    return true;
}

static bool take_choices(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    return json_array_size(value) > 0 && take_value(compiler, node, slot, value);
}

static bool take_names(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    size_t i;
    json_t *name;
    json_array_foreach(value, i, name) {
        if (!json_is_string(name))
            return false;
    }
    return json_is_array(value) && take_value(compiler, node, slot, value);
}

static unsigned type_named(const json_t *name) {
    static const struct {
        const char *name;
        unsigned types;
    } rows[] = {
        {"null", TYPE_NULL},       {"boolean", TYPE_BOOLEAN},
        {"integer", TYPE_INTEGER}, {"number", TYPE_INTEGER | TYPE_FRACTION},
        {"string", TYPE_STRING},   {"array", TYPE_ARRAY},
        {"object", TYPE_OBJECT},
    };
    for (size_t i = 0; json_is_string(name) && i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(json_string_value(name), rows[i].name) == 0)
            return rows[i].types;
    return 0;
}

static bool take_type(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    (void)compiler, (void)node;
    unsigned types = type_named(value);
    size_t i;
    json_t *name;
    json_array_foreach(value, i, name) {
        unsigned one = type_named(name);
        if (one == 0)
            return false;
        types |= one;
    }
    *(unsigned *)slot = types;
    return types != 0;
}

static bool take_pattern(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    (void)slot;
    const char *text = json_string_value(value);
    node->pattern = text == NULL ? NULL : schema_pattern_get(compiler->schema, text);
    return node->pattern != NULL;
}

static bool take_schema(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    (void)node;
    struct schema_node *below = schema_compile_node(compiler, value);
    *(struct schema_node **)slot = below;
    return below != NULL;
}

static bool take_members(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    (void)slot;
    const char *name;
    json_t *below;
    if (!json_is_object(value))
        return false;
    node->members = mem_calloc(json_object_size(value), sizeof *node->members);
    if (node->members == NULL)
        return false;
    json_object_foreach(value, name, below) {
        size_t length = pointer_add(compiler->place, name);
        struct schema_member *member = &node->members[node->member_count++];
        *member = (struct schema_member){.name = name, .node = schema_compile_node(compiler, below)};
        if (member->node == NULL)
            return false;
        pointer_cut(compiler->place, length);
    }
    return true;
}

static bool take_definitions(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    (void)node, (void)slot;
    const char *name;
    json_t *below;
    json_object_foreach(value, name, below) {
        size_t length = pointer_add(compiler->place, name);
        if (schema_compile_node(compiler, below) == NULL)
            return false;
        pointer_cut(compiler->place, length);
    }
    return json_is_object(value);
}

static bool take_branches(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    (void)slot;
    size_t i;
    json_t *below;
    if (json_array_size(value) == 0)
        return false;
    node->branches = mem_calloc(json_array_size(value), sizeof(struct schema_node *));
    if (node->branches == NULL)
        return false;
    json_array_foreach(value, i, below) {
        size_t length = pointer_add_index(compiler->place, i);
        node->branches[node->branch_count++] = schema_compile_node(compiler, below);
        if (node->branches[i] == NULL)
            return false;
        pointer_cut(compiler->place, length);
    }
    return true;
}

/* Only noted here: what it refers to may not be compiled yet. */
static bool take_reference(struct schema_compiler *compiler, struct schema_node *node, void *slot, json_t *value) {
    (void)compiler, (void)node, (void)slot;
    return json_is_string(value);
}

static const struct keyword {
    const char *name;
    take_function *take;
    size_t offset;
} keywords[] = {
#define X(name, take, member) {name, take, offsetof(struct schema_node, member)},
#include "json/schema_keywords.def"
#undef X
};

bool schema_take(struct schema_compiler *compiler, struct schema_node *node, const char *keyword, json_t *value) {
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (strcmp(keywords[i].name, keyword) == 0)
            return keywords[i].take(compiler, node, (char *)node + keywords[i].offset, value);
    return false;
}
