/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a configuration safe to hand to OpenSSL's parser: no file and no environment can be reached from it. */
#ifndef X509_CONFIG_GUARD_H
#define X509_CONFIG_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

/* Copies `text` to `ret_text` with its comment lines emptied (line numbers stay). invalid-config for text that OpenSSL
 * could take as `.include` or `ENV::` however it joins lines, for control characters, and for more variables than a
 * request needs. */
bool config_guard(const char *text, size_t length, struct buf *ret_text, struct error *err) NODISCARD;

/* The line where `name` is set in [section], or the first of that section for NULL; 0 if there is none. */
int config_line_of(const char *text, const char *section, const char *name);

/* invalid-config with the line, if it is known (not 0), in detail and context. Always false. */
bool config_refuse(struct error *err, int line, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
