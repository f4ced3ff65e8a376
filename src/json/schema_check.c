/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a value and its schema together. */
#include "base/buf.h"
#include "base/mem.h"
#include "json/pointer.h"
#include "json/schema_node.h"

typedef bool check_function(struct schema_checker *checker, const struct schema_node *node, json_t *value);

static bool check_boolean(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    return !node->refuses || finding_type(checker, node, value);
}

static bool check_target(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    return node->target == NULL || schema_check_node(checker, node->target, value);
}

static bool check_value(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    bool found = node->choices == NULL;
    for (size_t i = 0; !found && i < json_array_size(node->choices); i++)
        found = schema_equal(value, json_array_get(node->choices, i));
    if (found && node->constant != NULL)
        found = schema_equal(value, node->constant);
    return found || finding_value(checker, node, value);
}

static bool check_number(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    if (!json_is_number(value))
        return true;
    bool inside = (node->minimum == NULL || schema_compare(value, node->minimum) >= 0) &&
                  (node->maximum == NULL || schema_compare(value, node->maximum) <= 0);
    return inside || finding_range(checker, node, value);
}

static bool count_fits(size_t count, long long least, long long most) {
    return count >= (size_t)least && (most < 0 || count <= (size_t)most);
}

static bool check_text(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    if (!json_is_string(value))
        return true;
    if ((node->min_length > 0 || node->max_length >= 0) &&
        !count_fits(schema_text_length(value), node->min_length, node->max_length))
        return finding_length(checker, node, value);
    return node->pattern == NULL || schema_pattern_fits(node->pattern, json_string_value(value)) ||
           finding_pattern(checker, node, value);
}

static bool check_below(struct schema_checker *checker, const struct schema_node *node, const char *name,
                        json_t *value) {
    if (checker->pointer == NULL)
        return schema_check_node(checker, node, value);
    size_t length = pointer_add(checker->pointer, name);
    bool valid = schema_check_node(checker, node, value);
    pointer_cut(checker->pointer, length);
    return valid;
}

static bool check_items(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    bool valid = true;
    size_t i;
    json_t *item;
    json_array_foreach(value, i, item) {
        if (node->items == NULL || (checker->pointer == NULL && !valid))
            break;
        size_t length = checker->pointer == NULL ? 0 : pointer_add_index(checker->pointer, i);
        valid &= schema_check_node(checker, node->items, item);
        if (checker->pointer != NULL)
            pointer_cut(checker->pointer, length);
    }
    return valid;
}

static bool check_array(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    if (!json_is_array(value))
        return true;
    if (!count_fits(json_array_size(value), node->min_items, node->max_items))
        return finding_length(checker, node, value);
    size_t first = 0, second = 0;
    if (node->unique && schema_find_twins(value, &first, &second, &checker->exhausted))
        return finding_twins(checker, first, second);
    return !checker->exhausted && check_items(checker, node, value);
}

static bool check_required(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    bool valid = true;
    size_t i;
    json_t *name;
    json_array_foreach(node->required, i, name) {
        if (json_object_get(value, json_string_value(name)) == NULL)
            valid = finding_missing(checker, node, json_string_value(name));
    }
    return valid;
}

static bool check_other_member(struct schema_checker *checker, const struct schema_node *node, json_t *object,
                               const char *name, json_t *value) {
    if (node->additional == NULL)
        return true;
    if (node->additional->refuses)
        return finding_unknown(checker, node, object, name);
    return check_below(checker, node->additional, name, value);
}

static bool check_members(struct schema_checker *checker, const struct schema_node *node, json_t *object) {
    bool valid = true;
    const char *name;
    json_t *value;
    if (node->member_count == 0 && node->additional == NULL)
        return true;
    json_object_foreach(object, name, value) {
        const struct schema_node *member = schema_node_member(node, name);
        valid &= member != NULL ? check_below(checker, member, name, value)
                                : check_other_member(checker, node, object, name, value);
        if (!valid && checker->pointer == NULL)
            break;
    }
    return valid;
}

static bool check_object(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    if (!json_is_object(value))
        return true;
    bool valid = check_required(checker, node, value);
    if (!count_fits(json_object_size(value), node->min_members, node->max_members))
        valid = finding_length(checker, node, value);
    return (valid || checker->pointer != NULL) && check_members(checker, node, value) && valid;
}

static bool check_condition(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    return node->condition == NULL || node->consequence == NULL || !schema_fits(node->condition, value) ||
           schema_check_node(checker, node->consequence, value);
}

static bool check_here(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    static check_function *const checks[] = {
        check_boolean, check_target, check_value,         check_number,    check_text,
        check_array,   check_object, schema_check_choice, check_condition,
    };
    if (node->types != 0 && (node->types & schema_type_of(value)) == 0)
        return finding_type(checker, node, value);
    bool valid = true;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        valid &= checks[i](checker, node, value);
        if (!valid && checker->pointer == NULL)
            break;
    }
    return valid;
}

bool schema_check_node(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    if (checker->steps == SCHEMA_STEPS_MAX)
        return finding_text(checker, mem_strdup("nested too deeply"));
    bool secret = checker->secret;
    checker->secret |= node->write_only;
    checker->steps++;
    bool valid = check_here(checker, node, value);
    checker->steps--;
    checker->secret = secret;
    return valid;
}

bool schema_fits(const struct schema_node *node, json_t *value) {
    struct schema_checker checker = {.findings = NULL};
    return schema_check_node(&checker, node, value);
}

bool schema_check(const struct schema *schema, json_t *value, struct problems *findings) {
    auto_buf struct buf pointer;
    buf_init(&pointer, 0);
    struct schema_checker checker = {.findings = findings, .pointer = &pointer};
    bool valid = schema_check_node(&checker, schema->root, value);
    if (findings != NULL)
        finding_misplaced(findings);
    return schema_fill(schema->root, value) && valid && !pointer.failed;
}
