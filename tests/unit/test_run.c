/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/run. */
#include "op/run.h"

#include <openssl/crypto.h>
#include <string.h>

#include "op_fixture.h"

START_TEST(test_takes_the_request_over) {
    auto_run struct run run = op_run("generate", true, "{'common_name': 'a'}");
    ck_assert_str_eq(get_text(run.parameters, "common_name", ""), "a");
    ck_assert(run.dry_run && !deadline_passed(run.deadline));
    ck_assert_int_le(deadline_left_ms(run.deadline), 60000);
    ck_assert_uint_eq(json_object_size(run.result), 0);
}
END_TEST

START_TEST(test_unknown_once_and_in_a_dry_run_only) {
    for (int dry = 0; dry < 2; dry++) {
        auto_run struct run run = op_run("generate", dry == 1, "{}");
        run_add_unknown(&run, "/result/serial");
        run_add_unknown(&run, "/result/serial");
        ck_assert_uint_eq(json_array_size(run.unknown), dry == 1 ? 1 : 0);
    }
}
END_TEST

static int freed;

static void count_free(void *state) {
    (void)state;
    freed++;
}

START_TEST(test_state_is_freed_once) {
    struct run run = op_run("generate", false, "{}");
    run.state_free = count_free;
    run_done(&run);
    run_done(&run);
    ck_assert_int_eq(freed, 1);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_test(tests, test_takes_the_request_over);
    tcase_add_test(tests, test_unknown_once_and_in_a_dry_run_only);
    tcase_add_test(tests, test_state_is_freed_once);
}

int main(void) {
    return unit_run_tests("run", add);
}
