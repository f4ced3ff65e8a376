/* SPDX-License-Identifier: Apache-2.0 */
/* Turns a schema document into nodes: every keyword known, every reference resolved, every pattern compiled. */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "json/pointer.h"
#include "json/schema_node.h"

bool schema_grow(void *array, size_t count, size_t *capacity) {
    void **slot = array;
    if (count < *capacity)
        return true;
    size_t more = *capacity == 0 ? 64 : *capacity * 2;
    void *grown = mem_realloc(*slot, more * sizeof(void *));
    if (grown == NULL)
        return false;
    *slot = grown;
    *capacity = more;
    return true;
}

static struct schema_node *node_new(struct schema *schema, json_t *source) {
    if (!schema_grow(&schema->nodes, schema->node_count, &schema->node_capacity))
        return NULL;
    struct schema_node *node = mem_calloc(1, sizeof *node);
    if (node == NULL)
        return NULL;
    schema->nodes[schema->node_count++] = node;
    node->source = source;
    node->refuses = json_is_false(source);
    node->max_members = node->max_items = node->max_length = -1;
    return node;
}

static void node_free(struct schema_node *node) {
    mem_free(node->members);
    mem_free(node->branches);
    mem_free(node);
}

static void *refuse(struct schema_compiler *compiler, const char *why) {
    if (!compiler->failed)
        error_set(compiler->err, mem_exhausted() ? ERROR_OUT_OF_MEMORY : ERROR_INTERNAL, "schema: %s at \"%s\"", why,
                  buf_text(compiler->place));
    compiler->failed = true;
    return NULL;
}

struct schema_node *schema_compile_node(struct schema_compiler *compiler, json_t *source) {
    if (!json_is_object(source) && !json_is_boolean(source))
        return refuse(compiler, "neither an object nor a boolean");
    struct schema_node *node = node_new(compiler->schema, source);
    if (node == NULL)
        return refuse(compiler, "no memory");
    const char *keyword;
    json_t *value;
    json_object_foreach(source, keyword, value) {
        size_t length = pointer_add(compiler->place, keyword);
        if (!schema_take(compiler, node, keyword, value))
            return refuse(compiler, "unsupported keyword or value");
        pointer_cut(compiler->place, length);
    }
    return node;
}

static struct schema_node *node_of(const struct schema *schema, const json_t *source) {
    for (size_t i = 0; i < schema->node_count; i++)
        if (schema->nodes[i]->source == source)
            return schema->nodes[i];
    return NULL;
}

static int hex_digit(char c) {
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)((at - digits) % 16);
}

/* A fragment is percent-encoded (RFC 6901 section 6). */
static void percent_decode(char *text) {
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        int high = *from == '%' ? hex_digit(from[1]) : -1;
        int low = high >= 0 ? hex_digit(from[2]) : -1;
        *to++ = low < 0 ? *from : (char)(high * 16 + low);
        if (low >= 0)
            from += 2;
    }
    *to = '\0';
}

/* What "#" or "#/…" names; compiled now if it stands where no keyword led. */
static struct schema_node *resolve(struct schema_compiler *compiler, const char *reference) {
    if (reference[0] != '#' || (reference[1] != '\0' && reference[1] != '/'))
        return refuse(compiler, "a reference that is not local");
    auto_text char *pointer = mem_strdup(reference + 1);
    if (pointer == NULL)
        return refuse(compiler, "no memory");
    percent_decode(pointer);
    json_t *source = pointer_follow(compiler->schema->document, pointer);
    if (source == NULL)
        return refuse(compiler, "a reference to nothing");
    struct schema_node *node = node_of(compiler->schema, source);
    return node != NULL ? node : schema_compile_node(compiler, source);
}

static bool resolve_all(struct schema_compiler *compiler) {
    for (size_t i = 0; i < compiler->schema->node_count; i++) {
        struct schema_node *node = compiler->schema->nodes[i];
        const char *reference = json_string_value(json_object_get(node->source, "$ref"));
        if (reference == NULL)
            continue;
        pointer_cut(compiler->place, 0);
        buf_add_text(compiler->place, reference);
        node->target = resolve(compiler, reference);
        if (node->target == NULL)
            return false;
    }
    return true;
}

static bool secret_in(const struct schema_node *node) {
    return node != NULL && node->holds_secret;
}

static bool preset_in(const struct schema_node *node) {
    return node != NULL && node->holds_preset;
}

/* Takes over from below; true if that changed anything. */
static bool inherit(struct schema_node *node) {
    const struct schema_node *fixed[] = {node->target, node->items, node->additional, node->consequence};
    bool secret = node->write_only, preset = false;
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        secret |= secret_in(fixed[i]);
        preset |= preset_in(fixed[i]);
    }
    for (size_t i = 0; i < node->branch_count; i++) {
        secret |= secret_in(node->branches[i]);
        preset |= preset_in(node->branches[i]);
    }
    for (size_t i = 0; i < node->member_count; i++) {
        secret |= secret_in(node->members[i].node);
        preset |= preset_in(node->members[i].node) || schema_preset(node->members[i].node) != NULL;
    }
    bool changed = secret != node->holds_secret || preset != node->holds_preset;
    node->holds_secret = secret;
    node->holds_preset = preset;
    return changed;
}

/* References may form circles, so until nothing changes; from the end, since what is below was compiled later. */
static void inherit_all(const struct schema *schema) {
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = schema->node_count; i > 0; i--)
            changed |= inherit(schema->nodes[i - 1]);
    }
}

struct schema *schema_compile(json_t *document, struct error *err) {
    auto_buf struct buf place;
    buf_init(&place, 0);
    struct schema *schema = mem_calloc(1, sizeof *schema);
    if (schema == NULL) {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory for the schema");
        return NULL;
    }
    schema->document = json_incref(document);
    struct schema_compiler compiler = {.schema = schema, .place = &place, .err = err};
    schema->root = schema_compile_node(&compiler, document);
    if (schema->root == NULL || !resolve_all(&compiler)) {
        schema_free(schema);
        return NULL;
    }
    inherit_all(schema);
    return schema;
}

void schema_free(struct schema *schema) {
    if (schema == NULL)
        return;
    for (size_t i = 0; i < schema->node_count; i++)
        node_free(schema->nodes[i]);
    for (size_t i = 0; i < schema->pattern_count; i++)
        schema_pattern_free(schema->patterns[i]);
    mem_free(schema->nodes);
    mem_free(schema->patterns);
    json_decref(schema->document);
    mem_free(schema);
}

struct schema_node *schema_node_member(const struct schema_node *node, const char *name) {
    for (size_t i = 0; i < node->member_count; i++)
        if (strcmp(node->members[i].name, name) == 0)
            return node->members[i].node;
    return NULL;
}
