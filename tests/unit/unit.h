/* SPDX-License-Identifier: Apache-2.0 */
/* What the unit tests share: a suite from a list of tests, JSON from text, and running out of memory at every turn. */
#ifndef UNIT_H
#define UNIT_H

#include <check.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

/* Runs what `add` adds, each test in a process of its own (CK_FORK); the exit code of the program. */
static inline int unit_run_tests(const char *name, void (*add)(TCase *tests)) {
    /* Whoever starts the tests may ignore signals, as nohup does. */
    signal(SIGHUP, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    Suite *suite = suite_create(name);
    TCase *tests = tcase_create(name);
    tcase_set_timeout(tests, 120);
    add(tests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The value of a text that is known to be JSON; single quotes stand for double ones. The caller owns it. */
static inline json_t *unit_json(const char *text) {
    char *copy = mem_strdup(text);
    for (char *at = copy; *at != '\0'; at++)
        if (*at == '\'')
            *at = '"';
    json_error_t error;
    json_t *value = json_loads(copy, JSON_DECODE_ANY, &error);
    if (value == NULL)
        ck_abort_msg("%s: %s", error.text, copy);
    mem_free(copy);
    return value;
}

#define unit_assert_json(value, text)                                            \
    do {                                                                         \
        json_t *unit_expected = unit_json(text);                                 \
        char *unit_found = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);    \
        ck_assert_msg(json_equal(value, unit_expected), "found %s", unit_found); \
        mem_free(unit_found);                                                    \
        json_decref(unit_expected);                                              \
    } while (0)

/* Calls `attempt` with its 1st, 2nd, … allocation failing (and all after it), until it needs no more: then it must
 * return true, and before false if `strict`. Returns how many allocations it needs. Without test hooks: runs once. */
static inline unsigned long unit_starve(bool (*attempt)(void *context), void *context, bool strict) {
    for (unsigned long nth = 1;; nth++) {
        mem_fail_after(nth);
        bool done = attempt(context);
        unsigned long used = mem_count();
        mem_fail_after(0);
        if (used < nth) {
            ck_assert_msg(done, "failed although memory sufficed");
            return used;
        }
        ck_assert_msg(!strict || !done, "allocation %lu failed without notice", nth);
    }
}

#endif
