/* SPDX-License-Identifier: Apache-2.0 */
/* What the checks of lint_rules.def see and how they report; only lint*.c include this. */
#ifndef X509_LINT_CHECKS_H
#define X509_LINT_CHECKS_H

#include <time.h>

#include "x509/lint.h"
#include "x509/name.h"

struct lint_row;

struct lint_run {
    const struct lint_subject *subject;
    const struct lint_row *row; /* the rule at work */
    enum severity severity;     /* its severity for the version at hand */
    struct problems *findings;
    X509 *leaf;
    struct san san; /* the leaf's */
    bool self_signed;
    time_t now;
};

/* Adds a finding of the rule at work; the item is borrowed and NULL when memory ran out. */
struct problem *lint_found(const struct lint_run *run, const char *format, ...) PRINTF_LIKE(2, 3);
struct problem *lint_found_as(const struct lint_run *run, enum severity severity, const char *format, ...)
    PRINTF_LIKE(3, 4);

#define X(check, code, versions, scope, before, since, after, title, why, remedy) \
    void check_##check(const struct lint_run *run);
#include "x509/lint_rules.def"
#undef X

#endif
