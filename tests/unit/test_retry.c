/* SPDX-License-Identifier: Apache-2.0 */
/* retry: what is waited for, and when waiting makes no sense. */
#include "net/retry.h"

#include <check.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>

#include "base/interrupt.h"

START_TEST(wait_doubles_up_to_the_cap) {
    struct retry retry;
    retry_init(&retry, deadline_after_ms(60000), 1, 6);
    static const int64_t expected[] = {2, 4, 6, 6};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        ck_assert(retry_wait(&retry, -1));
        ck_assert_int_eq(retry.next_ms, expected[i]);
        ck_assert_uint_eq(retry.attempts, i + 1);
    }
}
END_TEST

START_TEST(wait_is_at_least_half) {
    struct retry retry;
    retry_init(&retry, deadline_after_ms(60000), 20, 20);
    for (int i = 0; i < 5; i++) {
        int64_t before = clock_monotonic_ms();
        ck_assert(retry_wait(&retry, -1));
        ck_assert_int_ge(clock_monotonic_ms() - before, 9);
    }
}
END_TEST

START_TEST(wait_beyond_the_deadline_is_not_begun) {
    struct retry retry;
    retry_init(&retry, deadline_after_ms(3000), 600000, 600000);
    ck_assert(!retry_wait(&retry, -1));
    ck_assert(!deadline_passed(retry.deadline));
    retry_init(&retry, deadline_after_ms(3000), 1, 1);
    ck_assert(!retry_wait(&retry, 7 * 86400));
    ck_assert(!retry_wait(&retry, LONG_MAX));
    ck_assert(!deadline_passed(retry.deadline));
    ck_assert(retry_wait(&retry, 0));
}
END_TEST

START_TEST(what_the_peer_asks_is_waited_for) {
    struct retry retry;
    retry_init(&retry, deadline_after_ms(60000), 1, 1);
    int64_t before = clock_monotonic_ms();
    ck_assert(retry_wait(&retry, 1));
    ck_assert_int_ge(clock_monotonic_ms() - before, 1000);
}
END_TEST

START_TEST(signal_ends_the_wait) {
    ck_assert(interrupt_install());
    struct retry retry;
    retry_init(&retry, deadline_after_ms(60000), 30000, 30000);
    raise(SIGTERM);
    ck_assert(!retry_wait(&retry, -1));
    ck_assert(!deadline_passed(retry.deadline));
}
END_TEST

static Suite *suite(void) {
    Suite *all = suite_create("retry");
    TCase *group = tcase_create("retry");
    tcase_add_test(group, wait_doubles_up_to_the_cap);
    tcase_add_test(group, wait_is_at_least_half);
    tcase_add_test(group, wait_beyond_the_deadline_is_not_begun);
    tcase_add_test(group, what_the_peer_asks_is_waited_for);
    tcase_add_test(group, signal_ends_the_wait);
    tcase_set_timeout(group, 20);
    suite_add_tcase(all, group);
    return all;
}

int main(void) {
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
