/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the secrets that stand in a value literally. */
#include "base/buf.h"
#include "json/pointer.h"
#include "json/schema_node.h"

struct search {
    void (*visit)(void *context, const char *pointer, const json_t *text);
    void *context;
    struct buf pointer;
    unsigned steps;
};

/* What `node` says about `value`; `secret` is what its place says. True when the value was visited: one visit is
 * enough. */
static bool seek(struct search *search, const struct schema_node *node, json_t *value, bool secret);

static void seek_below(struct search *search, const struct schema_node *node, json_t *value, bool secret) {
    size_t i;
    const char *name;
    json_t *below;
    json_array_foreach(value, i, below) {
        size_t length = pointer_add_index(&search->pointer, i);
        if (node->items != NULL)
            (void)seek(search, node->items, below, secret);
        pointer_cut(&search->pointer, length);
    }
    json_object_foreach(value, name, below) {
        size_t length = pointer_add(&search->pointer, name);
        const struct schema_node *member = schema_node_member(node, name);
        if (member != NULL || node->additional != NULL)
            (void)seek(search, member != NULL ? member : node->additional, below, false);
        pointer_cut(&search->pointer, length);
    }
}

static bool seek(struct search *search, const struct schema_node *node, json_t *value, bool secret) {
    secret |= node->write_only;
    if (search->steps == SCHEMA_STEPS_MAX || (!secret && !node->holds_secret))
        return false;
    if (secret && json_is_string(value)) {
        search->visit(search->context, buf_text(&search->pointer), value);
        return true;
    }
    search->steps++;
    bool visited = node->target != NULL && seek(search, node->target, value, secret);
    for (size_t i = 0; !visited && i < node->branch_count; i++)
        if (schema_fits(node->branches[i], value))
            visited = seek(search, node->branches[i], value, secret);
    if (!visited && node->consequence != NULL && node->condition != NULL && schema_fits(node->condition, value))
        visited = seek(search, node->consequence, value, secret);
    if (!visited)
        seek_below(search, node, value, secret);
    search->steps--;
    return visited;
}

void schema_each_secret(const struct schema *schema, const json_t *value,
                        void (*visit)(void *context, const char *pointer, const json_t *text), void *context) {
    struct search search = {.visit = visit, .context = context};
    buf_init(&search.pointer, 0);
    (void)seek(&search, schema->root, (json_t *)value, false);
    buf_done(&search.pointer);
}
