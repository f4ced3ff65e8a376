/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of a peer: whatever bytes come, nothing is believed that is not whole, and what is kept is fit to be shown.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "entry.h"
#include "net/answer.h"
#include "net/proxy.h"

enum { BODY_LIMIT = 4096 };

static void check_shown(const char *text) {
    for (; text != NULL && *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            abort();
}

/* Lines until the head has ended, then the rest as body: the way libcurl hands them over. */
static void check_answer(const char *bytes, size_t size) {
    struct http_response response = {.retry_after_s = -1};
    struct answer answer;
    answer_init(&answer, &response, BODY_LIMIT);
    bool more = true;
    while (more && size > 0 && answer.part != ANSWER_BODY) {
        const char *end = memchr(bytes, '\n', size);
        size_t length = end == NULL ? size : (size_t)(end + 1 - bytes);
        more = answer_add_line(&answer, bytes, length);
        bytes += length;
        size -= length;
    }
    if (more && size > 0)
        more = answer_add_body(&answer, bytes, size);
    bool whole = answer_finish(&answer, true);
    if (whole && (!more || answer.part != ANSWER_BODY || response.status < 200))
        abort();
    if (whole == (answer.fault != NULL) || response.body.length > BODY_LIMIT || response.retry_after_s < -1)
        abort();
    check_shown(response.content_type);
    check_shown(response.location);
    check_shown(response.set_cookie);
    check_shown(response.xsrf_token);
    http_response_done(&response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    auto_text char *bytes = mem_strndup((const char *)data, size);
    int status;
    check_answer(bytes, size);
    if (proxy_read_answer(bytes, size, &status) == PROXY_OPEN && status / 100 != 2)
        abort();
    return 0;
}
