/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of base/log. */
#include "base/log.h"

#include "folder_fixture.h"

START_TEST(test_silent_until_enabled) {
    ck_assert_ptr_nonnull(freopen("log", "w", stderr));
    log_debug("before %d", 1);
    log_enable();
    log_debug("one\n\x1b[2Jline %s", "é");
    fflush(stderr);
    char text[200] = "";
    FILE *file = fopen("log", "r");
    ck_assert_ptr_nonnull(fgets(text, sizeof text, file));
    fclose(file);
    ck_assert_int_eq(strncmp(text, "nsxcert: debug: ", 16), 0);
    ck_assert_ptr_nonnull(strstr(text, " ms: one??[2Jline é\n"));
}
END_TEST

static void add(TCase *tests) {
    tcase_add_checked_fixture(tests, folder_setup, folder_teardown);
    tcase_add_test(tests, test_silent_until_enabled);
}

int main(void) {
    return unit_run_tests("log", add);
}
