/* SPDX-License-Identifier: Apache-2.0 */
/* SIGINT, SIGTERM and SIGHUP set a flag that every wait sees; a second one ends the process at once. */
#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

#include <stdbool.h>

#include "base/cleanup.h"

/* Installs the handlers. False when the pipe cannot be made. A signal that was ignored at start stays ignored. */
bool interrupt_install(void) NODISCARD;

/* The signal that asked to stop, or 0. */
int interrupt_signal(void);

/* Readable once a signal came: add it to poll(). -1 before interrupt_install(). */
int interrupt_fd(void);

/* Restores the default action of the received signal and raises it; returns only if there was none. */
void interrupt_raise_again(void);

#endif
