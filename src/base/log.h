/* SPDX-License-Identifier: Apache-2.0 */
/* The --debug trace on stderr. Callers pass only what may be seen: secrets have a type that cannot be formatted. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/cleanup.h"

void log_enable(void);

/* One line "nsxcert: debug: …" when enabled; control characters are shown as '?'. */
void log_debug(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
