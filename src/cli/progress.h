/* SPDX-License-Identifier: Apache-2.0 */
/* Steps on stderr while they happen. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/flags.h"

/* Observes steps_run(): plain = a line when a step ends; auto = live on a terminal (obeys NO_COLOR and TERM=dumb), else
 * none. */
void progress_start(enum cli_progress progress);

/* Clears a live line, so that what follows on stderr starts clean. */
void progress_stop(void);

#endif
