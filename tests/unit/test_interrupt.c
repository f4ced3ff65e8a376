/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of base/interrupt. */
#include "base/interrupt.h"

#include <poll.h>
#include <signal.h>

#include "unit.h"

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

static bool readable(void) {
    struct pollfd wake = {.fd = interrupt_fd(), .events = POLLIN};
    return poll(&wake, 1, 0) == 1;
}

START_TEST(test_a_signal_is_kept_for_the_waits) {
    ck_assert_int_eq(interrupt_fd(), -1);
    ck_assert(interrupt_install());
    ck_assert(!readable());
    ck_assert_int_eq(interrupt_signal(), 0);
    interrupt_raise_again(); /* nothing to raise */
    raise(numbers[_i]);
    ck_assert_int_eq(interrupt_signal(), numbers[_i]);
    ck_assert(readable());
}
END_TEST

START_TEST(test_raised_again) {
    ck_assert(interrupt_install());
    raise(SIGTERM);
    interrupt_raise_again();
}
END_TEST

START_TEST(test_the_second_ends_at_once) {
    ck_assert(interrupt_install());
    raise(SIGTERM);
    raise(SIGTERM);
}
END_TEST

START_TEST(test_an_ignored_signal_stays_ignored) {
    signal(SIGHUP, SIG_IGN); /* as nohup does */
    ck_assert(interrupt_install());
    raise(SIGHUP);
    ck_assert_int_eq(interrupt_signal(), 0);
    raise(SIGPIPE);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_loop_test(tests, test_a_signal_is_kept_for_the_waits, 0, 3);
    tcase_add_test_raise_signal(tests, test_raised_again, SIGTERM);
    tcase_add_test_raise_signal(tests, test_the_second_ends_at_once, SIGTERM);
    tcase_add_test(tests, test_an_ignored_signal_stays_ignored);
}

int main(void) {
    return unit_run_tests("interrupt", add);
}
