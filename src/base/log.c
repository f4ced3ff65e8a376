/* SPDX-License-Identifier: Apache-2.0 */
/* The --debug trace on stderr. */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"

static bool enabled;
static int64_t started_ms;

void log_enable(void) {
    enabled = true;
    started_ms = clock_monotonic_ms();
}

void log_debug(const char *format, ...) {
    if (!enabled)
        return;
    va_list arguments;
    va_start(arguments, format);
    auto_text char *text = mem_vprintf(format, arguments);
    va_end(arguments);
    if (text == NULL)
        return;
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
    fprintf(stderr, "nsxcert: debug: %6lld ms: %s\n", (long long)(clock_monotonic_ms() - started_ms), text);
}
