/* SPDX-License-Identifier: Apache-2.0 */
/* A stored result that somebody else wrote: each view shows it without control characters, and without markup, links or
 * samples of its own. */
#include <stdlib.h>
#include <string.h>

#include "cli/view.h"
#include "entry.h"
#include "json/read.h"

/* Only line breaks, and colours where they were asked for. */
static void check_controls(const struct buf *out, bool color) {
    for (size_t i = 0; i < out->length; i++) {
        unsigned char byte = (unsigned char)out->bytes[i];
        if ((byte < 0x20 && byte != '\n' && !(color && byte == 0x1B)) || byte == 0x7F)
            abort();
    }
}

static void check_text(const json_t *result, bool color) {
    auto_buf struct buf out;
    buf_init(&out, 0);
    view_text(result, color, &out);
    check_controls(&out, color);
}

/* The view writes <pre> itself; everything else of HTML and every link came from the result. */
static void check_markdown(const json_t *result) {
    auto_buf struct buf out;
    buf_init(&out, 0);
    view_markdown(result, &out);
    check_controls(&out, false);
    const char *text = buf_text(&out);
    if (strstr(text, "://") != NULL || strchr(text, '`') != NULL)
        abort();
    for (const char *at = strchr(text, '<'); at != NULL; at = strchr(at + 1, '<'))
        if (strncmp(at, "<pre>", 5) != 0 && strncmp(at, "</pre>", 6) != 0)
            abort();
}

/* The end of `name="value",…}`; aborts when a value could end before its time. */
static const char *skip_labels(const char *at) {
    for (;;) {
        at += strspn(at, "abcdefghijklmnopqrstuvwxyz_0123456789");
        if (strncmp(at, "=\"", 2) != 0)
            abort();
        for (at += 2; *at != '"'; at += *at == '\\' ? 2 : 1)
            if (*at == '\0' || *at == '\n' || (*at == '\\' && at[1] != '\\' && at[1] != '"'))
                abort();
        if (at[1] == '}')
            return at + 2;
        if (at[1] != ',')
            abort();
        at += 2;
    }
}

/* Every line is a comment of the program's or one sample, and no series comes twice. */
static void check_prometheus(const json_t *result) {
    auto_buf struct buf out;
    buf_init(&out, 0);
    view_prometheus(result, &out);
    check_controls(&out, false);
    const char *before = "";
    size_t before_length = 0;
    for (const char *line = buf_text(&out); *line != '\0'; line = strchr(line, '\n') + 1) {
        if (strncmp(line, "# HELP nsxcert_", 15) == 0 || strncmp(line, "# TYPE nsxcert_", 15) == 0)
            continue;
        const char *end = skip_labels(line + strcspn(line, "{\n") + 1);
        size_t digits = *end == ' ' ? strspn(end + 1, "-.0123456789") : 0;
        if (strncmp(line, "nsxcert_", 8) != 0 || digits == 0 || end[1 + digits] != '\n')
            abort();
        if (before_length == (size_t)(end - line) && memcmp(before, line, before_length) == 0)
            abort();
        before = line;
        before_length = (size_t)(end - line);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    auto_json json_t *result = NULL;
    struct json_fault fault;
    if (!json_read((const char *)data, size, &json_limits_request, &result, &fault))
        return 0;
    check_text(result, false);
    check_text(result, true);
    check_markdown(result);
    check_prometheus(result);
    return 0;
}
