/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of base/harden. */
#include "base/harden.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

START_TEST(test_process) {
    setenv("SSLKEYLOGFILE", "keys", 1);
    umask(0);
    harden_process();
    struct rlimit core;
    ck_assert_int_eq(getrlimit(RLIMIT_CORE, &core), 0);
    ck_assert_uint_eq(core.rlim_max, 0);
    ck_assert_int_eq(prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L), 1);
    ck_assert_uint_eq(umask(0), 077);
    ck_assert_ptr_null(getenv("SSLKEYLOGFILE"));
}
END_TEST

START_TEST(test_closed_descriptors_lead_nowhere) {
    close(STDIN_FILENO);
    harden_process();
    char byte;
    ck_assert_int_eq(read(STDIN_FILENO, &byte, 1), 0);
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ck_assert_int_gt(next, STDERR_FILENO);
    close(next);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_test(tests, test_process);
    tcase_add_test(tests, test_closed_descriptors_lead_nowhere);
}

int main(void) {
    return unit_run_tests("harden", add);
}
