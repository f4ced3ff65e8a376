/* SPDX-License-Identifier: Apache-2.0 */
/* The findings of a check: what was found, what was expected, what to do. */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "json/near_miss.h"
#include "json/pointer.h"
#include "json/schema_node.h"

/* True when somebody listens: else counting is all there is to do. */
static bool wanted(struct schema_checker *checker) {
    checker->count++;
    return checker->findings != NULL && checker->findings->count < SCHEMA_FINDINGS_MAX;
}

static bool told_already(const struct schema_checker *checker, enum error_code code) {
    const struct problems *list = checker->findings;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].code == error_info(code)->name && list->items[i].pointer != NULL &&
            strcmp(list->items[i].pointer, buf_text(checker->pointer)) == 0)
            return true;
    return false;
}

/* Takes `detail` and `remedy` over. One finding of a kind for a place: what follows is another way to say it. */
static bool add(struct schema_checker *checker, enum error_code code, char *detail, char *remedy) {
    if (!told_already(checker, code)) {
        struct problem *item = problems_add(checker->findings, code, "%s", detail == NULL ? "" : detail);
        problem_set_pointer(item, buf_text(checker->pointer));
        if (remedy != NULL)
            problem_set_remedy(item, remedy);
    }
    mem_free(detail);
    mem_free(remedy);
    return false;
}

bool finding_text(struct schema_checker *checker, char *text) {
    if (wanted(checker))
        return add(checker, ERROR_INVALID_VALUE, text, NULL);
    mem_free(text);
    return false;
}

static bool hidden(const struct schema_checker *checker, const struct schema_node *node) {
    return checker->secret || node->holds_secret;
}

static bool expected_and_found(struct schema_checker *checker, const struct schema_node *node, json_t *value,
                               char *remedy) {
    auto_text char *expected = words_expected(node);
    auto_text char *found = words_found(value, hidden(checker, node));
    char *detail = expected == NULL || found == NULL ? NULL : mem_printf("expected %s, found %s", expected, found);
    return add(checker, ERROR_INVALID_VALUE, detail, remedy);
}

bool finding_type(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    return wanted(checker) && expected_and_found(checker, node, value, NULL);
}

bool finding_range(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    return wanted(checker) && expected_and_found(checker, node, value, NULL);
}

/* For a misspelt word of an enum. */
static char *choice_remedy(const struct schema_node *node, json_t *value) {
    for (size_t i = 0; json_is_string(value) && i < json_array_size(node->choices); i++) {
        const char *word = json_string_value(json_array_get(node->choices, i));
        if (word != NULL && near_miss_find(json_string_value(value), &word, 1) != NULL)
            return mem_printf("Use \"%s\".", word);
    }
    return NULL;
}

bool finding_value(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    return wanted(checker) && expected_and_found(checker, node, value, choice_remedy(node, value));
}

bool finding_pattern(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    if (!wanted(checker))
        return false;
    const char *title = json_string_value(json_object_get(node->source, "title"));
    const char *description = json_string_value(json_object_get(node->source, "description"));
    auto_text char *found = words_found(value, hidden(checker, node));
    char *detail = NULL;
    if (found != NULL && title == NULL)
        detail = mem_printf("expected a string that matches %s, found %s", node->pattern->text, found);
    else if (found != NULL && description == NULL)
        detail = mem_printf("expected the form of \"%s\", found %s", title, found);
    else if (found != NULL)
        detail = mem_printf("expected the form of \"%s\", found %s. %s", title, found, description);
    return add(checker, ERROR_INVALID_VALUE, detail, NULL);
}

bool finding_length(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    if (!wanted(checker))
        return false;
    auto_text char *expected = words_expected(node);
    size_t count = json_is_string(value)  ? schema_text_length(value)
                   : json_is_array(value) ? json_array_size(value)
                                          : json_object_size(value);
    const char *why = json_is_object(value) ? json_string_value(json_object_get(node->source, "description")) : NULL;
    char *detail = NULL;
    if (expected != NULL && why == NULL)
        detail = mem_printf("expected %s, found %zu", expected, count);
    else if (expected != NULL)
        detail = mem_printf("expected %s, found %zu. %s", expected, count, why);
    return add(checker, ERROR_INVALID_VALUE, detail, NULL);
}

bool finding_twins(struct schema_checker *checker, size_t first, size_t second) {
    if (!wanted(checker))
        return false;
    return add(checker, ERROR_INVALID_VALUE,
               mem_printf("expected items that all differ, found items %zu and %zu to be equal", first, second), NULL);
}

bool finding_missing(struct schema_checker *checker, const struct schema_node *node, const char *name) {
    if (!wanted(checker))
        return false;
    const struct schema_node *member = schema_node_member(node, name);
    const char *title = member == NULL ? NULL : words_title(member);
    char *detail = title == NULL ? mem_printf("the member \"%s\" is missing", name)
                                 : mem_printf("the member \"%s\" (%s) is missing", name, title);
    size_t length = pointer_add(checker->pointer, name);
    add(checker, ERROR_MISSING_MEMBER, detail, mem_printf("Add \"%s\".", name));
    pointer_cut(checker->pointer, length);
    return false;
}

/* The names still free in `object`: what is there already was not meant. */
static const char **free_names(const struct schema_node *node, json_t *object, size_t *ret_count) {
    const char **names = mem_calloc(node->member_count, sizeof *names);
    *ret_count = 0;
    for (size_t i = 0; names != NULL && i < node->member_count; i++)
        if (json_object_get(object, node->members[i].name) == NULL)
            names[(*ret_count)++] = node->members[i].name;
    return names;
}

bool finding_unknown(struct schema_checker *checker, const struct schema_node *node, json_t *object, const char *name) {
    if (!wanted(checker))
        return false;
    size_t count;
    const char **names = free_names(node, object, &count);
    const char *meant = names == NULL ? NULL : near_miss_find(name, names, count);
    mem_free(names);
    auto_text char *quoted = words_quoted(name, strlen(name));
    char *detail = NULL, *remedy = NULL;
    if (quoted != NULL && meant == NULL) {
        detail = mem_printf("%s is not known here", quoted);
        remedy = mem_printf("Remove %s.", quoted);
    } else if (quoted != NULL) {
        detail = mem_printf("%s is not known here, did you mean \"%s\"?", quoted, meant);
        remedy = mem_printf("Write \"%s\" in place of %s.", meant, quoted);
    }
    size_t length = pointer_add(checker->pointer, name);
    add(checker, ERROR_UNKNOWN_MEMBER, detail, remedy);
    pointer_cut(checker->pointer, length);
    return false;
}

/* The pointer's last token with its slash. */
static const char *last_token(const struct problem *item) {
    const char *slash = item->pointer == NULL ? NULL : strrchr(item->pointer, '/');
    return slash == NULL ? "" : slash;
}

/* Where a member of this name is missing, or NULL. */
static const char *place_for(const struct problems *findings, const char *token) {
    for (size_t i = 0; i < findings->count; i++)
        if (findings->items[i].code == error_info(ERROR_MISSING_MEMBER)->name &&
            strcmp(last_token(&findings->items[i]), token) == 0)
            return findings->items[i].pointer;
    return NULL;
}

void finding_misplaced(struct problems *findings) {
    for (size_t i = 0; i < findings->count; i++) {
        struct problem *item = &findings->items[i];
        const char *place =
            item->code == error_info(ERROR_UNKNOWN_MEMBER)->name ? place_for(findings, last_token(item)) : NULL;
        auto_text char *remedy = place == NULL ? NULL : mem_printf("Move it from %s to %s.", item->pointer, place);
        if (remedy != NULL)
            problem_set_remedy(item, remedy);
    }
}
