/* SPDX-License-Identifier: Apache-2.0 */
/* SIGINT, SIGTERM and SIGHUP set a flag that every wait sees; a second one ends the process at once. */
#include "base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t received;
static int wake_pipe[2] = {-1, -1};

static void on_signal(int number) {
    int saved = errno;
    if (received != 0) {
        signal(number, SIG_DFL);
        raise(number);
    }
    received = number;
    if (write(wake_pipe[1], "", 1) < 0)
        errno = saved;
    errno = saved;
}

bool interrupt_install(void) {
    if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_NODEFER};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction before;
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
    return true;
}

int interrupt_signal(void) {
    return received;
}

int interrupt_fd(void) {
    return wake_pipe[0];
}

void interrupt_raise_again(void) {
    if (received == 0)
        return;
    signal(received, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, received);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(received);
}
