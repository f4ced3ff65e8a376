/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/generate: the plan, and what running it leaves. */
#include <openssl/crypto.h>
#include <string.h>

#include "base/buf.h"
#include "folder_fixture.h"
#include "op_fixture.h"

#define REQUEST                                                                                                    \
    "{'common_name': 'nsx.example.com', 'key_path': 'nsx.key', 'certificate_path': 'nsx.crt', 'digest': 'sha256'," \
    " 'validity_days': 365, 'key': {'type': 'ec', 'curve': 'P-256'}}"

/* Plans and runs; the outcome of each step in one text. */
static char *outcomes(bool dry_run) {
    auto_error struct error err = {0};
    auto_buf struct buf text;
    buf_init(&text, 0);
    auto_run struct run run = op_run("generate", dry_run, REQUEST);
    ck_assert_msg(run.operation->plan(&run, &err) && steps_run(&run, &err), "%s", err.problem.detail);
    for (size_t i = 0; i < run.steps.count; i++)
        buf_printf(&text, "%s %s;", run.steps.items[i].name, step_outcome_name(run.steps.items[i].outcome));
    return buf_take(&text);
}

static void expect(bool dry_run, const char *expected) {
    auto_text char *found = outcomes(dry_run);
    ck_assert_str_eq(found, expected);
}

START_TEST(test_from_nothing_to_nothing_to_do) {
    expect(true, "generate planned;");
    ck_assert_int_eq(folder_count(), 0);
    expect(false, "generate done;");
    expect(false, "generate unchanged;");
    expect(true, "generate unchanged;");
    ck_assert_int_eq(folder_count(), 2);
}
END_TEST

START_TEST(test_open_key) {
    expect(false, "generate done;");
    ck_assert_int_eq(chmod("nsx.key", 0640), 0);
    expect(true, "generate unchanged;restrict-key planned;");
    expect(false, "generate unchanged;restrict-key done;");
    ck_assert_uint_eq(folder_mode("nsx.key"), 0600);
}
END_TEST

START_TEST(test_killed_run_is_finished) {
    expect(false, "generate done;");
    ck_assert_int_eq(rename("nsx.crt", ".nsx.crt.nsxcert-new"), 0);
    expect(true, "recover planned;generate unchanged;");
    expect(false, "recover done;generate unchanged;");
    ck_assert_int_eq(folder_count(), 2);
}
END_TEST

START_TEST(test_a_plan_writes_nothing) {
    auto_error struct error err = {0};
    auto_run struct run run = op_run("generate", false, REQUEST);
    ck_assert(run.operation->plan(&run, &err));
    ck_assert_int_eq(folder_count(), 0);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_unchecked_fixture(tests, op_setup, NULL);
    tcase_add_checked_fixture(tests, folder_setup, folder_teardown);
    tcase_add_test(tests, test_from_nothing_to_nothing_to_do);
    tcase_add_test(tests, test_open_key);
    tcase_add_test(tests, test_killed_run_is_finished);
    tcase_add_test(tests, test_a_plan_writes_nothing);
}

int main(void) {
    return unit_run_tests("generate", add);
}
