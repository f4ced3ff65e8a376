/* SPDX-License-Identifier: Apache-2.0 */
/* What a manager says in words, on its way to results, logs and terminals. */
#include "nsx/words.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/secret.h"

enum { LOOKED_AT_MAX = 64 * 1024 };

/* The last `part` before `end`, or NULL. */
static char *find_last(char *text, const char *end, const char *part) {
    char *last = NULL;
    for (char *at = text; (at = strstr(at, part)) != NULL && at < end; at++)
        last = at;
    return last;
}

/* A private key of whomever: its PEM block, or what there is of it. */
static void hide_keys(char *text) {
    static const char label[] = "PRIVATE KEY-----";
    for (char *at = text, *found; (found = strstr(at, label)) != NULL;) {
        char *begin = find_last(at, found, "-----BEGIN");
        char *closing = find_last(at, found, "-----END");
        bool whole = closing == NULL || (begin != NULL && closing < begin);
        char *end = whole ? strstr(found + 1, label) : found; /* else the beginning was cut off */
        char *start = !whole ? at : begin != NULL ? begin : found;
        end = end == NULL ? found + strlen(found) : end + sizeof label - 1;
        at = secret_mask(start, (size_t)(end - start));
    }
}

/* How much of it are at most `most` bytes, not cut inside a UTF-8 sequence. */
static size_t beginning(const char *text, size_t most) {
    size_t length = strnlen(text, most);
    while (length == most && length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
        most = --length;
    return length;
}

char *words_of(const char *text) {
    char *words = text == NULL ? NULL : mem_strndup(text, beginning(text, LOOKED_AT_MAX));
    if (words == NULL)
        return NULL;
    hide_keys(words);
    secret_hide(words);
    words[beginning(words, WORDS_MAX)] = '\0';
    return words;
}
