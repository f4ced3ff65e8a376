/* SPDX-License-Identifier: Apache-2.0 */
/* What an error, warning or finding means. */
#include "cli/explain.h"

#include <string.h>

#include "base/mem.h"
#include "cli/layout.h"
#include "x509/lint.h"
#include "json/near_miss.h"

enum { INDENT = 2 };

static bool print(struct buf *out, const char *name, const char *kind, const char *const texts[3], struct error *err) {
    static const char *const headings[3] = {NULL, "Why it happens", "What to do"};
    buf_printf(out, "%s (%s)\n", name, kind);
    for (size_t i = 0; i < 3; i++) {
        if (headings[i] != NULL)
            buf_printf(out, "\n%s\n", headings[i]);
        layout_pad(out, INDENT);
        layout_wrap(out, INDENT, INDENT, texts[i]);
    }
    return !out->failed || error_set(err, ERROR_OUT_OF_MEMORY, "no memory to print this");
}

static const struct lint_rule_info *find_rule(const char *name) {
    for (size_t i = 0; i < lint_rule_count(); i++)
        if (strcmp(lint_rule(i)->name, name) == 0)
            return lint_rule(i);
    return NULL;
}

static bool unknown(const char *code, struct error *err) {
    const char **names = mem_calloc(ERROR_CODE_COUNT + lint_rule_count(), sizeof *names);
    if (names == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to print this");
    size_t count = 0;
    for (int i = ERROR_NONE + 1; i < ERROR_CODE_COUNT; i++)
        names[count++] = error_info((enum error_code)i)->name;
    for (size_t i = 0; i < lint_rule_count(); i++)
        names[count++] = lint_rule(i)->name;
    const char *near = near_miss_find(code, names, count);
    mem_free(names);
    const char *remedy = "Take the word from `code` of an error, a warning or a finding.";
    if (near == NULL)
        return error_set_with_remedy(err, ERROR_USAGE, remedy, "no code is called %.60s", code);
    return error_set_with_remedy(err, ERROR_USAGE, remedy, "no code is called %.60s; did you mean %s?", code, near);
}

bool explain(const char *code, struct buf *out, struct error *err) {
    enum error_code known = error_code_from_name(code);
    if (known != ERROR_NONE) {
        const struct error_info *info = error_info(known);
        auto_text char *kind = info->exit_code == EXIT_DONE
                                   ? mem_printf("%s, ends no run", severity_name(info->severity))
                                   : mem_printf("%s, exit code %d", severity_name(info->severity), info->exit_code);
        return print(out, info->name, kind == NULL ? "" : kind,
                     (const char *const[]){info->title, info->why, info->remedy}, err);
    }
    const struct lint_rule_info *rule = find_rule(code);
    if (rule == NULL)
        return unknown(code, err);
    auto_text char *kind =
        mem_printf("finding, NSX %s", strcmp(rule->versions, "all") == 0 ? "of all versions" : rule->versions);
    return print(out, rule->name, kind == NULL ? "" : kind, (const char *const[]){rule->title, rule->why, rule->remedy},
                 err);
}
