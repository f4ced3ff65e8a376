/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up hardening of the process. */
#include "base/harden.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void open_standard_descriptors(void) {
    int fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = dup(fd);
    if (fd > STDERR_FILENO)
        close(fd);
}

void harden_process(void) {
    open_standard_descriptors();
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
#ifndef NSXCERT_TEST_HOOKS
    /* Tests under sanitizers, strace and coverage need a dumpable process. */
    (void)prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
#endif
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
    umask(077);
    unsetenv("SSLKEYLOGFILE");
}
