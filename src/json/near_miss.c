/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the word that was probably meant. */
#include "json/near_miss.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { WORD_MAX = 64, PREFIX_MIN = 3 };

/* A word without what people mix up anyway: case, - and _. */
struct word {
    char text[WORD_MAX];
    size_t length;
};

static bool word_normalise(const char *from, struct word *ret_word) {
    struct word word = {.length = 0};
    for (; *from != '\0'; from++) {
        if (*from == '-' || *from == '_')
            continue;
        if (word.length == WORD_MAX)
            return false;
        word.text[word.length++] = (char)tolower((unsigned char)*from);
    }
    *ret_word = word;
    return true;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Optimal string alignment: insert, delete, replace, swap of neighbours, each at cost 1. */
static size_t distance(const struct word *a, const struct word *b) {
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b->length; j++)
        last[j] = j;
    for (size_t i = 1; i <= a->length; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b->length; j++) {
            size_t replace = last[j - 1] + (a->text[i - 1] != b->text[j - 1]);
            row[j] = least(replace, least(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a->text[i - 1] == b->text[j - 2] && a->text[i - 2] == b->text[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[b->length];
}

/* A third of the letters may be wrong, but never all of them. */
static bool near(const struct word *a, const struct word *b, size_t errors) {
    size_t longer = a->length > b->length ? a->length : b->length;
    size_t allowed = longer < 6 ? 1 : longer / 3;
    return errors <= allowed && errors < least(a->length, b->length);
}

static bool begins(const struct word *word, const struct word *candidate) {
    return word->length >= PREFIX_MIN && word->length < candidate->length &&
           memcmp(word->text, candidate->text, word->length) == 0;
}

const char *near_miss_find(const char *word, const char *const *candidates, size_t count) {
    struct word wanted, candidate;
    if (!word_normalise(word, &wanted))
        return NULL;
    const char *closest = NULL;
    const char *longer = NULL;
    size_t fewest = WORD_MAX + 1;
    for (size_t i = 0; i < count; i++) {
        if (!word_normalise(candidates[i], &candidate))
            continue;
        size_t errors = distance(&wanted, &candidate);
        if (errors < fewest && (near(&wanted, &candidate, errors) || errors == 0)) {
            fewest = errors;
            closest = candidates[i];
        }
        if (longer == NULL && begins(&wanted, &candidate))
            longer = candidates[i];
    }
    return closest != NULL ? closest : longer;
}
