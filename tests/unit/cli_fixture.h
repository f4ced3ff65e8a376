/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of src/cli share: JSON written with single quotes, one suite in one program. */
#ifndef CLI_FIXTURE_H
#define CLI_FIXTURE_H

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "json/read.h"

#define ck_has(text, part) ck_assert_msg(strstr(text, part) != NULL, "%s is not in:\n%s", part, text)
#define ck_lacks(text, part) ck_assert_msg(strstr(text, part) == NULL, "%s is in:\n%s", part, text)

/* Reads JSON in which ' stands for ". */
static inline json_t *json_of(const char *text) {
    char *copy = mem_strdup(text);
    for (char *at = copy; *at != '\0'; at++)
        if (*at == '\'')
            *at = '"';
    json_error_t fault;
    json_t *value = json_loads(copy, JSON_DECODE_ANY, &fault);
    ck_assert_msg(value != NULL, "%s at %d of %s", fault.text, fault.position, copy);
    mem_free(copy);
    return value;
}

static inline int run_case(const char *name, void (*fill)(TCase *)) {
    json_library_init();
    Suite *suite = suite_create(name);
    TCase *tests = tcase_create(name);
    fill(tests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
