/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a configuration safe to hand to OpenSSL's parser: no file and no environment can be reached from it. */
#include "x509/config_guard.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"

enum { VARIABLES_MAX = 64 }; /* each may grow to 64 KiB in OpenSSL's hands */

bool config_refuse(struct error *err, int line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    auto_text char *detail = mem_vprintf(format, arguments);
    va_end(arguments);
    if (detail == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "No memory was left while a configuration was read.");
    if (line <= 0)
        return error_set(err, ERROR_INVALID_CONFIG, "%s", detail);
    error_set(err, ERROR_INVALID_CONFIG, "Line %d: %s", line, detail);
    error_add_number(err, "line", line);
    return false;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static const char *line_end(const char *line, const char *end) {
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    return stop != NULL ? stop : end;
}

static const char *skip_blank(const char *at, const char *end) {
    while (at < end && is_blank(*at))
        at++;
    return at;
}

static bool check_characters(const char *text, size_t length, struct error *err) {
    int line = 1;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
            return config_refuse(err, line, "there is a control character in the text.");
        line += c == '\n';
    }
    return true;
}

static bool copy_without_comments(const char *text, size_t length, struct buf *out) {
    const char *end = text + length;
    for (const char *line = text; line < end;) {
        const char *stop = line_end(line, end);
        const char *first = skip_blank(line, stop);
        if (first < stop && *first != '#' && !buf_add(out, line, (size_t)(stop - line)))
            return false;
        if (!buf_add_text(out, "\n"))
            return false;
        line = stop + 1;
    }
    return true;
}

/* The parser joins lines that end with a backslash and drops one where its read buffer ends, so the word is looked for
 * in the text without any backslash and the line ends after it. The first character of `word` must not come again in
 * it. Returns the line, 0 when it is not there. */
static int find_forbidden(const struct buf *text, const char *word) {
    size_t matched = 0;
    int line = 1;
    bool escaped = false;
    for (size_t i = 0; i < text->length; i++) {
        char c = text->bytes[i];
        line += c == '\n';
        if (c == '\\') {
            escaped = true;
        } else if (!escaped || (c != '\r' && c != '\n')) {
            escaped = false;
            matched = c == word[matched] ? matched + 1 : c == word[0];
            if (word[matched] == '\0')
                return line;
        }
    }
    return 0;
}

static bool check_words(const struct buf *text, struct error *err) {
    int line = find_forbidden(text, ".include");
    if (line != 0)
        return config_refuse(err, line, "`.include` is not followed: put everything into this one text.");
    line = find_forbidden(text, "ENV::");
    if (line != 0)
        return config_refuse(err, line, "environment variables (ENV::) are not read: write the value itself.");
    size_t variables = 0;
    for (size_t i = 0; i < text->length; i++)
        variables += text->bytes[i] == '$';
    return variables <= VARIABLES_MAX ||
           config_refuse(err, 0, "There are more than %d variables ($NAME).", VARIABLES_MAX);
}

bool config_guard(const char *text, size_t length, struct buf *ret_text, struct error *err) {
    auto_buf struct buf copy = {0};
    if (!check_characters(text, length, err))
        return false;
    if (!copy_without_comments(text, length, &copy))
        return error_set(err, ERROR_OUT_OF_MEMORY, "No memory was left while a configuration was read.");
    if (!check_words(&copy, err))
        return false;
    *ret_text = copy;
    buf_init(&copy, 0);
    return true;
}

/* Does the line say "[ section ]"? */
static bool opens(const char *line, const char *stop, const char *section) {
    const char *name = skip_blank(line + 1, stop);
    size_t length = strlen(section);
    if ((size_t)(stop - name) < length || memcmp(name, section, length) != 0)
        return false;
    name = skip_blank(name + length, stop);
    return name < stop && *name == ']';
}

static bool sets(const char *line, const char *stop, const char *name) {
    size_t length = strlen(name);
    if ((size_t)(stop - line) < length || memcmp(line, name, length) != 0)
        return false;
    line = skip_blank(line + length, stop);
    return line < stop && *line == '=';
}

int config_line_of(const char *text, const char *section, const char *name) {
    const char *end = text + strlen(text);
    bool inside = strcmp(section, "default") == 0;
    int number = 1;
    for (const char *line = text; line < end; number++) {
        const char *stop = line_end(line, end);
        const char *first = skip_blank(line, stop);
        if (first < stop && *first == '[')
            inside = opens(first, stop, section);
        if (inside && (name == NULL || sets(first, stop, name)))
            return number;
        line = stop + 1;
    }
    return 0;
}
