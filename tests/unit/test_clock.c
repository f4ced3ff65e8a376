/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of base/clock. */
#include "base/clock.h"

#include <signal.h>
#include <stdint.h>

#include "base/interrupt.h"
#include "unit.h"

static const struct {
    const char *text;
    long long moment; /* -1: refused */
} rows[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"2026-01-31T12:00:00Z", 1769860800},
    {"2024-02-29T00:00:00Z", 1709164800},
    {"2026-01-31T12:00:00.123456Z", 1769860800},
    {"2026-01-31t12:00:00Z", -1},
    {"2026-02-31T12:00:00Z", -1},
    {"2025-02-29T00:00:00Z", -1},
    {"2026-01-31T12:00:00", -1},
    {"2026-01-31T12:00:00+01:00", -1},
    {"2026-01-31 12:00:00Z", -1},
    {"2026-01-31T12:00:00.Z", -1},
    {"2026-01-31T25:00:00Z", -1},
    {"2026-13-01T00:00:00Z", -1},
    {"2026-01-31T12:00:00Zx", -1},
    {"26-01-31T12:00:00Z", -1},
    {"", -1},
    {"yesterday", -1},
};

START_TEST(test_parses_utc_only) {
    time_t moment = 42;
    bool ok = clock_parse(rows[_i].text, &moment);
    ck_assert_msg(ok == (rows[_i].moment >= 0), "%s", rows[_i].text);
    ck_assert_int_eq((long long)moment, ok ? rows[_i].moment : 42);
}
END_TEST

START_TEST(test_formats) {
    char text[CLOCK_TEXT_SIZE];
    time_t back;
    ck_assert_str_eq(clock_format(1769860800, text), "2026-01-31T12:00:00Z");
    ck_assert(clock_parse(clock_format(4102444800, text), &back) && back == 4102444800);
    ck_assert_str_eq(clock_format(253402300799, text), "9999-12-31T23:59:59Z");
    ck_assert_str_eq(clock_format((time_t)INT64_MAX, text), "9999-12-31T23:59:59Z");
}
END_TEST

START_TEST(test_deadlines) {
    struct deadline far = deadline_after_ms(1000000);
    ck_assert(!deadline_passed(far));
    ck_assert_int_le(deadline_left_ms(deadline_within_ms(far, 10)), 10);
    ck_assert_int_gt(deadline_left_ms(deadline_within_ms(far, 100000000)), 10000);
    struct deadline past = deadline_after_ms(-5);
    ck_assert(deadline_passed(past));
    ck_assert_int_eq(deadline_left_ms(past), 0);
}
END_TEST

START_TEST(test_sleep_ends_with_the_deadline) {
    ck_assert(clock_sleep_ms(1, deadline_after_ms(1000000)));
    ck_assert(!clock_sleep_ms(1000000, deadline_after_ms(1)));
}
END_TEST

START_TEST(test_sleep_ends_with_a_signal) {
    ck_assert(interrupt_install());
    raise(SIGTERM);
    ck_assert(!clock_sleep_ms(1000000, deadline_after_ms(1000000)));
}
END_TEST

static void add(TCase *tests) {
    tcase_add_loop_test(tests, test_parses_utc_only, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tests, test_formats);
    tcase_add_test(tests, test_deadlines);
    tcase_add_test(tests, test_sleep_ends_with_the_deadline);
    tcase_add_test(tests, test_sleep_ends_with_a_signal);
}

int main(void) {
    return unit_run_tests("clock", add);
}
