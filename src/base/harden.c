/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up hardening of the process. */
#include "base/harden.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* A closed descriptor would be taken by the next file that is opened. The stand-in for stdout cannot be written to, so
 * that a result with nowhere to go is told as lost. */
static void open_standard_descriptors(void) {
    static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
            return;
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
