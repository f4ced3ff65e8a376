/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/steps. */
#include "op/steps.h"

#include <openssl/crypto.h>
#include <signal.h>
#include <string.h>

#include "base/interrupt.h"
#include "op_fixture.h"

static int acted;

static bool act_good(struct run *run, struct step *step, struct error *err) {
    (void)run;
    (void)step;
    (void)err;
    acted++;
    return true;
}

static bool act_bad(struct run *run, struct step *step, struct error *err) {
    (void)run;
    step->changed = true; /* half of it was done */
    return error_set(err, ERROR_IO_ERROR, "no luck");
}

static bool act_signal(struct run *run, struct step *step, struct error *err) {
    raise(SIGTERM);
    return act_good(run, step, err);
}

static void assert_step(const struct run *run, size_t index, const char *outcome, bool changed) {
    ck_assert_str_eq(step_outcome_name(run->steps.items[index].outcome), outcome);
    ck_assert(run->steps.items[index].changed == changed);
}

START_TEST(test_all_are_done) {
    auto_error struct error err = {0};
    auto_run struct run run = op_run("generate", false, "{}");
    step_add_reason(steps_add(&run.steps, "one", act_good), "reason %d", 1);
    steps_add_unchanged(&run.steps, "two", "as it should be");
    steps_add_skipped(&run.steps, "three", "left out");
    steps_add(&run.steps, "four", act_good)->read_only = true;
    ck_assert(steps_run(&run, &err));
    assert_step(&run, 0, "done", true);
    assert_step(&run, 1, "unchanged", false);
    assert_step(&run, 2, "skipped", false);
    assert_step(&run, 3, "done", false);
    ck_assert_int_eq(acted, 2);
    ck_assert(steps_any_changed(&run.steps));
    unit_assert_json(run.steps.items[0].reasons, "['reason 1']");
}
END_TEST

START_TEST(test_dry_run_plans) {
    auto_error struct error err = {0};
    auto_run struct run run = op_run("generate", true, "{}");
    steps_add(&run.steps, "look", act_good)->read_only = true;
    steps_add(&run.steps, "write", act_good);
    steps_add(&run.steps, "look again", act_good)->read_only = true;
    ck_assert(steps_run(&run, &err));
    assert_step(&run, 0, "done", false);
    assert_step(&run, 1, "planned", true);
    assert_step(&run, 2, "planned", false);
    ck_assert_int_eq(acted, 1);
}
END_TEST

START_TEST(test_failure_stops_the_rest) {
    auto_error struct error err = {0};
    auto_run struct run run = op_run("generate", false, "{}");
    steps_add(&run.steps, "first", act_bad);
    steps_add(&run.steps, "second", act_good);
    ck_assert(!steps_run(&run, &err));
    assert_step(&run, 0, "failed", true);
    assert_step(&run, 1, "skipped", false);
    ck_assert_str_eq(err.step, "first");
    ck_assert_int_eq(acted, 0);
}
END_TEST

START_TEST(test_no_step_begins_after_a_signal) {
    auto_error struct error err = {0};
    auto_run struct run run = op_run("generate", false, "{}");
    ck_assert(interrupt_install());
    steps_add(&run.steps, "first", act_signal);
    steps_add(&run.steps, "second", act_good);
    ck_assert(!steps_run(&run, &err));
    ck_assert_int_eq(err.code, ERROR_INTERRUPTED);
    assert_step(&run, 0, "done", true);
    assert_step(&run, 1, "failed", false);
    ck_assert_int_eq(acted, 1);
}
END_TEST

START_TEST(test_no_step_begins_late_or_without_memory) {
    auto_error struct error err = {0};
    auto_run struct run run = op_run("generate", false, "{}");
    steps_add(&run.steps, "first", act_good);
    run.deadline = deadline_after_ms(-1);
    ck_assert(!steps_run(&run, &err));
    ck_assert_int_eq(err.code, ERROR_DEADLINE);
    steps_add(&run.steps, "second", act_good);
    mem_fail_after(1);
    ck_assert_ptr_null(mem_alloc(1));
    mem_fail_after(0);
    auto_error struct error memory = {0};
    ck_assert(!steps_run(&run, &memory));
    ck_assert_int_eq(memory.code, ERROR_OUT_OF_MEMORY);
    ck_assert_int_eq(acted, 0);
}
END_TEST

static int observed;

static void observe(const struct run *run, size_t index) {
    (void)run;
    (void)index;
    observed++;
}

START_TEST(test_observer_sees_begin_and_end) {
    auto_error struct error err = {0};
    auto_run struct run run = op_run("generate", false, "{}");
    steps_observe(observe);
    for (int i = 0; i < 20; i++)
        steps_add(&run.steps, "step", act_good);
    ck_assert(steps_run(&run, &err));
    ck_assert_int_eq(observed, 40);
    step_add_reason(NULL, "nobody");
    step_set_endpoint(NULL, "nobody");
    step_set_diff(NULL, "nothing", json_object(), json_object());
}
END_TEST

static void add(TCase *tests) {
    tcase_add_test(tests, test_all_are_done);
    tcase_add_test(tests, test_dry_run_plans);
    tcase_add_test(tests, test_failure_stops_the_rest);
    tcase_add_test(tests, test_no_step_begins_after_a_signal);
    tcase_add_test(tests, test_no_step_begins_late_or_without_memory);
    tcase_add_test(tests, test_observer_sees_begin_and_end);
}

int main(void) {
    return unit_run_tests("steps", add);
}
