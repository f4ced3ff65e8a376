/* SPDX-License-Identifier: Apache-2.0 */
/* What a manager says in words, on its way to results, logs and terminals. */
#ifndef NSX_WORDS_H
#define NSX_WORDS_H

enum { WORDS_MAX = 1000 };

/* The beginning of `text`, at most WORDS_MAX bytes, without private keys and secrets of this run: a manager may repeat
 * what it was sent. The caller owns it; NULL for NULL, or when memory ran out. */
char *words_of(const char *text);

#endif
