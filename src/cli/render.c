/* SPDX-License-Identifier: Apache-2.0 */
/* --render: a stored result, shown again. */
#include "cli/render.h"

#include <string.h>

#include "base/file.h"
#include "cli/view.h"
#include "json/get.h"
#include "json/read.h"

/* A result of 10,000 endpoints is larger than any request. */
enum { STORED_BYTES_MAX = 64 * 1024 * 1024, STORED_VALUES_MAX = 4 * 1000 * 1000 };

static bool read_stored(const struct flags *flags, size_t limit, struct buf *ret, struct error *err) {
    const char *file = flags->render_file;
    bool ok = file == NULL || strcmp(file, "-") == 0 ? file_read_descriptor(0, "stdin", limit, ret, err)
                                                     : file_read(file, limit, ret, err);
    /* Shortages and signals stay what they are. */
    if (ok || error_info(err->code)->exit_code == EXIT_TRY_AGAIN)
        return ok;
    return error_set(err, ERROR_REQUEST_UNAVAILABLE, "the stored result: %s",
                     err->problem.detail == NULL ? "it cannot be read" : err->problem.detail);
}

bool render(const struct flags *flags, bool color, struct buf *out, struct error *err) {
    auto_buf struct buf bytes;
    buf_init(&bytes, 0);
    struct json_limits limits = json_limits_request;
    limits.bytes = STORED_BYTES_MAX;
    limits.values = STORED_VALUES_MAX;
    struct json_fault fault = {0};
    auto_json json_t *result = NULL;
    if (!read_stored(flags, limits.bytes, &bytes, err))
        return false;
    if (!json_read(buf_text(&bytes), bytes.length, &limits, &result, &fault))
        return json_malformed(&fault, "the stored result: ", err);
    if (get_text(result, "api_version", NULL) == NULL || json_object_get(result, "steps") == NULL)
        return error_set(err, ERROR_USAGE, "what was given is no result of nsxcert");
    switch ((enum cli_view)flags->view) {
    case VIEW_TEXT: view_text(result, color, out); break;
    case VIEW_MARKDOWN: view_markdown(result, out); break;
    case VIEW_PROMETHEUS: view_prometheus(result, out); break;
    }
    return true;
}
