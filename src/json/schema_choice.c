/* SPDX-License-Identifier: Apache-2.0 */
/* oneOf: exactly one branch must fit; when none does, the branch that was most likely meant is reported. */
#include <limits.h>

#include "base/buf.h"
#include "base/mem.h"
#include "json/near_miss.h"
#include "json/schema_node.h"

enum { WEIGHT_MEMBER = 2, WEIGHT_CONSTANT = 5, WEIGHT_NEAR = 1 };

/* The schema a chain of bare references ends in. */
static const struct schema_node *follow(const struct schema_node *node) {
    int steps = 0;
    while (node != NULL && node->target != NULL && node->types == 0 && node->member_count == 0 &&
           steps++ < SCHEMA_STEPS_MAX)
        node = node->target;
    return node;
}

static bool takes_type(const struct schema_node *branch, const json_t *value) {
    const struct schema_node *node = follow(branch);
    if (node == NULL || node->refuses)
        return false;
    return node->types == 0 || (node->types & schema_type_of(value)) != 0;
}

static const char *near_member(const struct schema_node *node, const char *name) {
    for (size_t i = 0; i < node->member_count; i++)
        if (near_miss_find(name, &node->members[i].name, 1) != NULL)
            return node->members[i].name;
    return NULL;
}

/* How much the members of `value` speak for `branch`. */
static int evidence(const struct schema_node *branch, json_t *value) {
    const struct schema_node *node = follow(branch);
    int weight = 0;
    const char *name;
    json_t *below;
    json_object_foreach(value, name, below) {
        const struct schema_node *member = schema_node_member(node, name);
        if (member == NULL)
            weight += near_member(node, name) != NULL ? WEIGHT_NEAR : 0;
        else if (member->constant == NULL)
            weight += WEIGHT_MEMBER;
        else
            weight += schema_equal(member->constant, below) ? WEIGHT_CONSTANT : 0;
    }
    return weight;
}

static size_t count_findings(const struct schema_checker *checker, const struct schema_node *branch, json_t *value) {
    auto_buf struct buf pointer;
    buf_init(&pointer, 0);
    struct schema_checker counter = {.pointer = &pointer, .steps = checker->steps, .secret = checker->secret};
    (void)schema_check_node(&counter, branch, value);
    return counter.count;
}

/* The branch most likely meant: the right kind of value, then its members, then the fewest findings. NULL when nothing
 * speaks for one of several. */
static const struct schema_node *most_likely(const struct schema_checker *checker, const struct schema_node *node,
                                             json_t *value) {
    const struct schema_node *best = NULL;
    int most = 0;
    size_t fewest = 0, candidates = 0;
    for (size_t i = 0; i < node->branch_count; i++) {
        const struct schema_node *branch = node->branches[i];
        if (!takes_type(branch, value))
            continue;
        candidates++;
        int weight = evidence(branch, value);
        if (best != NULL && weight < most)
            continue;
        size_t count = count_findings(checker, branch, value);
        if (best == NULL || weight > most || count < fewest) {
            best = branch;
            most = weight;
            fewest = count;
        }
    }
    return candidates == 1 || most > 0 ? best : NULL;
}

static bool report_none(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    const struct schema_node *meant = most_likely(checker, node, value);
    if (meant != NULL)
        return schema_check_node(checker, meant, value);
    auto_text char *accepted = words_branches(node);
    auto_text char *found = words_found(value, checker->secret || node->holds_secret);
    if (accepted == NULL || found == NULL)
        return finding_text(checker, NULL);
    return finding_text(checker, mem_printf("expected exactly one of: %s; found %s", accepted, found));
}

static bool report_both(struct schema_checker *checker, const struct schema_node *first,
                        const struct schema_node *second) {
    const char *one = words_title(first), *other = words_title(second);
    if (one == NULL || other == NULL)
        return finding_text(checker, mem_strdup("fits more than one of the forms that are accepted here"));
    return finding_text(checker, mem_printf("expected only one of \"%s\" and \"%s\", found both", one, other));
}

bool schema_check_choice(struct schema_checker *checker, const struct schema_node *node, json_t *value) {
    const struct schema_node *fitting = NULL;
    for (size_t i = 0; i < node->branch_count; i++) {
        struct schema_checker quiet = {.steps = checker->steps};
        if (!schema_check_node(&quiet, node->branches[i], value))
            continue;
        if (fitting != NULL)
            return report_both(checker, fitting, node->branches[i]);
        fitting = node->branches[i];
    }
    return node->branch_count == 0 || fitting != NULL || report_none(checker, node, value);
}
