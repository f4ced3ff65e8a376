/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the word that was probably meant. */
#ifndef JSON_NEAR_MISS_H
#define JSON_NEAR_MISS_H

#include <stddef.h>

/* The candidate closest to `word` (edit distance with transposition, ignoring case and -/_), or NULL if none is near.
 */
const char *near_miss_find(const char *word, const char *const *candidates, size_t count);

#endif
