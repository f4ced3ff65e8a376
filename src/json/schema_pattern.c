/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns: POSIX extended expressions, of the kind that ECMA 262 (which editors use) reads alike. */
#include <string.h>

#include "base/mem.h"
#include "json/schema_node.h"

static bool starts(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* In brackets POSIX takes a backslash as itself and knows [:class:]; ECMA does not. Returns the end of the bracket. */
static const char *portable_bracket(const char *at) {
    at++;
    if (*at == '^')
        at++;
    if (*at == ']')
        return NULL;
    for (; *at != ']'; at++)
        if (*at == '\0' || *at == '\\' || starts(at, "[:") || starts(at, "[.") || starts(at, "[="))
            return NULL;
    return at;
}

/* Outside brackets \d, \w, \b, \1 and (?…) mean something in only one of the two. */
static bool portable(const char *text) {
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\\') {
            at++;
            if (*at == '\0' || strchr("^$.[]{}()*+?|\\/", *at) == NULL)
                return false;
        } else if (starts(at, "(?")) {
            return false;
        } else if (*at == '[') {
            at = portable_bracket(at);
            if (at == NULL)
                return false;
        }
    }
    return true;
}

static struct schema_pattern *pattern_new(const char *text) {
    if (!portable(text))
        return NULL;
    struct schema_pattern *pattern = mem_calloc(1, sizeof *pattern);
    if (pattern == NULL)
        return NULL;
    if (regcomp(&pattern->regex, text, REG_EXTENDED | REG_NOSUB) != 0) {
        mem_free(pattern);
        return NULL;
    }
    pattern->text = text;
    return pattern;
}

void schema_pattern_free(struct schema_pattern *pattern) {
    regfree(&pattern->regex);
    mem_free(pattern);
}

struct schema_pattern *schema_pattern_get(struct schema *schema, const char *text) {
    for (size_t i = 0; i < schema->pattern_count; i++)
        if (strcmp(schema->patterns[i]->text, text) == 0)
            return schema->patterns[i];
    if (!schema_grow(&schema->patterns, schema->pattern_count, &schema->pattern_capacity))
        return NULL;
    struct schema_pattern *pattern = pattern_new(text);
    if (pattern != NULL)
        schema->patterns[schema->pattern_count++] = pattern;
    return pattern;
}

bool schema_pattern_fits(const struct schema_pattern *pattern, const char *text) {
    return regexec(&pattern->regex, text, 0, NULL, 0) == 0;
}
