/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of base/lock. */
#include "base/lock.h"

#include <signal.h>

#include "base/interrupt.h"
#include "folder_fixture.h"

static enum error_code take(struct lock *lock, const char *a, const char *b, int64_t ms) {
    auto_error struct error err = {0};
    const char *paths[] = {a, b};
    (void)!lock_take(lock, paths, 2, deadline_after_ms(ms), &err);
    return err.code;
}

START_TEST(test_held_until_released) {
    struct lock first;
    struct lock second;
    ck_assert_int_eq(take(&first, "nsx.key", "./nsx.crt", 1000), ERROR_NONE);
    ck_assert_uint_eq(first.count, 1);
    ck_assert_int_eq(take(&second, "other.key", "other.crt", 20), ERROR_LOCKED);
    ck_assert_uint_eq(second.count, 0);
    lock_release(&first);
    ck_assert_int_eq(take(&second, "other.key", "other.crt", 20), ERROR_NONE);
    lock_release(&second);
}
END_TEST

START_TEST(test_two_folders_in_any_order) {
    struct lock first;
    struct lock second;
    ck_assert_int_eq(mkdir("a", 0700) | mkdir("b", 0700), 0);
    ck_assert_int_eq(take(&first, "a/x", "b/x", 1000), ERROR_NONE);
    ck_assert_uint_eq(first.count, 2);
    ck_assert_int_eq(take(&second, "b/x", "a/x", 20), ERROR_LOCKED);
    ck_assert_int_eq(take(&second, "x", "x", 20), ERROR_NONE);
    lock_release(&first);
    lock_release(&second);
}
END_TEST

START_TEST(test_missing_folder) {
    struct lock lock;
    ck_assert_int_eq(take(&lock, "nsx.key", "missing/nsx.crt", 1000), ERROR_UNSAFE_PATH);
    ck_assert_int_eq(take(&lock, "nsx.key", "nsx.crt", 20), ERROR_NONE);
    lock_release(&lock);
}
END_TEST

START_TEST(test_a_signal_ends_the_wait) {
    struct lock first;
    struct lock second;
    ck_assert(interrupt_install());
    ck_assert_int_eq(take(&first, "a", "b", 1000), ERROR_NONE);
    raise(SIGHUP);
    ck_assert_int_eq(take(&second, "a", "b", 1000000), ERROR_INTERRUPTED);
    lock_release(&first);
}
END_TEST

static bool take_all(void *context) {
    (void)context;
    struct lock lock;
    bool ok = take(&lock, "a", "b", 1000) == ERROR_NONE;
    lock_release(&lock);
    return ok;
}

START_TEST(test_without_memory) {
    (void)unit_starve(take_all, NULL, true);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_checked_fixture(tests, folder_setup, folder_teardown);
    tcase_add_test(tests, test_held_until_released);
    tcase_add_test(tests, test_two_folders_in_any_order);
    tcase_add_test(tests, test_missing_folder);
    tcase_add_test(tests, test_a_signal_ends_the_wait);
    tcase_add_test(tests, test_without_memory);
}

int main(void) {
    return unit_run_tests("lock", add);
}
