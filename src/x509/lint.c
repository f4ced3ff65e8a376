/* SPDX-License-Identifier: Apache-2.0 */
/* The table of lint rules and its runner. */
#include "x509/lint.h"

#include <openssl/err.h>
#include <stdarg.h>

#include "base/clock.h"
#include "base/mem.h"
#include "x509/cert.h"
#include "x509/lint_checks.h"

enum { SILENT = -1, NUMBER_MAX = 1000000 };

struct lint_row {
    struct lint_rule_info info;
    unsigned scope;
    int before; /* severity for versions before `since`, or SILENT */
    struct lint_version since;
    enum severity after;
    void (*check)(const struct lint_run *run);
};

#define VERSION(major, minor, patch) {(major), (minor), (patch)}
static const struct lint_row rows[] = {
#define X(check, code, versions, scope, before, since, after, title, why, remedy) \
    {{code, versions, title, why, remedy}, scope, before, since, after, check_##check},
#include "x509/lint_rules.def"
#undef X
};
#undef VERSION

size_t lint_rule_count(void) {
    return sizeof rows / sizeof *rows;
}

const struct lint_rule_info *lint_rule(size_t index) {
    return &rows[index].info;
}

static struct problem *add(const struct lint_run *run, enum severity severity, char *detail) {
    struct problem *item = detail != NULL ? problems_add_blank(run->findings) : NULL;
    if (item == NULL) {
        mem_free(detail);
        return NULL;
    }
    item->code = run->row->info.name;
    item->title = run->row->info.title;
    item->severity = severity;
    item->detail = detail;
    item->remedy = mem_strdup(run->row->info.remedy);
    return item;
}

struct problem *lint_found(const struct lint_run *run, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *detail = mem_vprintf(format, arguments);
    va_end(arguments);
    return add(run, run->severity, detail);
}

struct problem *lint_found_as(const struct lint_run *run, enum severity severity, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *detail = mem_vprintf(format, arguments);
    va_end(arguments);
    return add(run, severity, detail);
}

static bool is_unknown(struct lint_version version) {
    return version.major == 0 && version.minor == 0 && version.patch == 0;
}

static int severity_of(const struct lint_row *row, struct lint_version version) {
    return is_unknown(version) || lint_compare_version(version, row->since) >= 0 ? (int)row->after : row->before;
}

void lint_check(const struct lint_subject *subject, struct problems *findings) {
    if (subject->chain == NULL || subject->chain->count == 0)
        return;
    struct lint_run run = {.subject = subject, .findings = findings, .leaf = subject->chain->certs[0]};
    run.now = subject->now != 0 ? subject->now : clock_now();
    run.self_signed = cert_is_self_signed(run.leaf);
    if (cert_san(run.leaf, &run.san))
        for (size_t i = 0; i < lint_rule_count(); i++) {
            int severity = severity_of(&rows[i], subject->version);
            if (severity == SILENT || (rows[i].scope & subject->scopes) == 0)
                continue;
            run.row = &rows[i];
            run.severity = (enum severity)severity;
            rows[i].check(&run);
        }
    san_done(&run.san);
    ERR_clear_error();
}

/* Reads digits at *at; 0 without any, and never more than NUMBER_MAX. */
static int take_number(const char **at) {
    int number = 0;
    for (; **at >= '0' && **at <= '9'; ++*at)
        if (number < NUMBER_MAX / 10)
            number = number * 10 + (**at - '0');
    return number;
}

bool lint_parse_version(const char *text, struct lint_version *ret_version) {
    struct lint_version version = {0};
    int *numbers[] = {&version.major, &version.minor, &version.patch};
    if (*text < '0' || *text > '9')
        return false;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        *numbers[i] = take_number(&text);
        if (*text != '.')
            break;
        text++;
    }
    *ret_version = version;
    return true;
}

static int compare(int a, int b) {
    return (a > b) - (a < b);
}

int lint_compare_version(struct lint_version a, struct lint_version b) {
    int order = compare(a.major, b.major);
    if (order == 0)
        order = compare(a.minor, b.minor);
    return order != 0 ? order : compare(a.patch, b.patch);
}
