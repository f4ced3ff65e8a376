/* SPDX-License-Identifier: Apache-2.0 */
/* Fills in defaults. It runs after the check, so that the verdict is the one any other validator gives. */
#include "base/mem.h"
#include "json/schema_node.h"

json_t *schema_preset(const struct schema_node *node) {
    for (int i = 0; i < SCHEMA_STEPS_MAX && node != NULL; i++, node = node->target)
        if (node->preset != NULL)
            return node->preset;
    return NULL;
}

static bool fill(const struct schema_node *node, json_t *value, unsigned steps);

/* The member, made from its default when absent. NULL when absent without default. */
static json_t *member_or_preset(const struct schema_member *member, json_t *object, bool *ret_ok) {
    json_t *value = json_object_get(object, member->name);
    json_t *preset = value == NULL ? schema_preset(member->node) : NULL;
    if (preset == NULL)
        return value;
    *ret_ok = json_object_set_new(object, member->name, json_deep_copy(preset)) == 0;
    return json_object_get(object, member->name);
}

static bool fill_members(const struct schema_node *node, json_t *object, unsigned steps) {
    bool ok = true;
    for (size_t i = 0; ok && i < node->member_count; i++) {
        json_t *value = member_or_preset(&node->members[i], object, &ok);
        ok = ok && (value == NULL || fill(node->members[i].node, value, steps));
    }
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) {
        if (ok && node->additional != NULL && schema_node_member(node, name) == NULL)
            ok = fill(node->additional, value, steps);
    }
    return ok;
}

static bool fill_items(const struct schema_node *node, json_t *array, unsigned steps) {
    bool ok = true;
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item) {
        ok = ok && (node->items == NULL || fill(node->items, item, steps));
    }
    return ok;
}

static const struct schema_node *fitting_branch(const struct schema_node *node, json_t *value) {
    for (size_t i = 0; i < node->branch_count; i++)
        if (node->branches[i]->holds_preset && schema_fits(node->branches[i], value))
            return node->branches[i];
    return NULL;
}

static const struct schema_node *applying_consequence(const struct schema_node *node, json_t *value) {
    bool worth_it = node->condition != NULL && node->consequence != NULL && node->consequence->holds_preset;
    return worth_it && schema_fits(node->condition, value) ? node->consequence : NULL;
}

/* What applies beside the node itself is found before anything is filled in, since defaults might change it. */
static bool fill(const struct schema_node *node, json_t *value, unsigned steps) {
    if (!node->holds_preset || steps == 0)
        return true;
    const struct schema_node *beside[] = {
        node->target,
        fitting_branch(node, value),
        applying_consequence(node, value),
    };
    bool ok = json_is_object(value) ? fill_members(node, value, steps - 1) : fill_items(node, value, steps - 1);
    for (size_t i = 0; ok && i < sizeof beside / sizeof beside[0]; i++)
        ok = beside[i] == NULL || fill(beside[i], value, steps - 1);
    return ok;
}

bool schema_fill(const struct schema_node *node, json_t *value) {
    return fill(node, value, SCHEMA_STEPS_MAX);
}
