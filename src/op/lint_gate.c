/* SPDX-License-Identifier: Apache-2.0 */
/* Lint findings that stop a run, or only warn. */
#include "op/lint_gate.h"

#include <string.h>

static const struct problem *first_error(const struct problems *findings) {
    for (size_t i = 0; i < findings->count; i++)
        if (findings->items[i].severity == SEVERITY_ERROR)
            return &findings->items[i];
    return NULL;
}

/* Hints are not worth a warning; what stopped nothing is at most one. */
static void keep_as_warnings(struct run *run, struct problems *findings) {
    for (size_t i = 0; i < findings->count; i++) {
        struct problem *item = &findings->items[i];
        struct problem *kept = item->severity == SEVERITY_INFO ? NULL : problems_add_blank(&run->warnings);
        if (kept == NULL)
            continue;
        *kept = *item;
        kept->severity = SEVERITY_WARNING;
        *item = (struct problem){.code = kept->code, .title = kept->title};
    }
}

bool lint_gate(struct run *run, const struct lint_subject *subject, bool enforce, enum error_code code,
               struct error *err) {
    auto_problems struct problems findings = {0};
    lint_check(subject, &findings);
    const struct problem *worst = enforce ? first_error(&findings) : NULL;
    if (worst == NULL) {
        keep_as_warnings(run, &findings);
        return true;
    }
    const char *detail = worst->detail == NULL ? worst->title : worst->detail;
    if (code == ERROR_NAME_MISMATCH)
        error_set(err, code, "%s: %s", worst->code, detail);
    else
        error_set_with_remedy(err, code, worst->remedy, "%s: %s", worst->code, detail);
    err->errors = findings;
    memset(&findings, 0, sizeof findings);
    return false;
}
