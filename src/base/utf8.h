/* SPDX-License-Identifier: Apache-2.0 */
/* Well-formed UTF-8 (RFC 3629). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

/* Bytes of the character that begins at `at`, of which `left` bytes may be read; 0 if none well-formed does (also
 * overlong forms, surrogates, beyond U+10FFFF). */
size_t utf8_length(const unsigned char *at, size_t left);

#endif
