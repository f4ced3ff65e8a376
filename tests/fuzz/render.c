/* SPDX-License-Identifier: Apache-2.0 */
/* A stored result that somebody else wrote: each view shows it without control characters, markup or links of its own.
 */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    auto_json json_t *result = NULL;
    struct json_fault fault;
    if (!json_read((const char *)data, size, &json_limits_request, &result, &fault))
        return 0;
    check_text(result, false);
    check_text(result, true);
    check_markdown(result);
    return 0;
}
