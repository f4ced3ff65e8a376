/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP/1.1 answer as it comes in: keeps what is asked for, bounds it, and knows whether it is whole. */
#ifndef NET_ANSWER_H
#define NET_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "net/http.h"

enum { ANSWER_HEAD_BYTES_MAX = 64 * 1024, ANSWER_LINES_MAX = 256, ANSWER_INTERIM_MAX = 8 };

enum answer_part { ANSWER_STATUS_LINE, ANSWER_INTERIM, ANSWER_FIELDS, ANSWER_BODY };

struct answer {
    struct http_response *response; /* filled as it comes; borrowed */
    size_t body_limit;
    enum answer_part part; /* what is expected next */
    size_t head_bytes;
    size_t lines;
    size_t interim;
    bool chunked;
    long long content_length; /* -1: not told */
    bool too_large;           /* the body exceeds body_limit */
    const char *fault;        /* static: why it is no valid answer, NULL so far */
};

void answer_init(struct answer *answer, struct http_response *response, size_t body_limit);

/* Takes one line of the head (or of the trailer) with its line end. False: read no further. */
bool answer_add_line(struct answer *answer, const char *line, size_t length);

/* Takes bytes of the body, chunk marks removed. False: read no further. */
bool answer_add_body(struct answer *answer, const char *bytes, size_t length);

/* True if what came is a whole answer; else `fault` says what is missing. A body that only the end of the connection
 * ends is whole if TLS itself was ended in order (`closed`: close_notify came): anyone in between can cut a connection.
 */
bool answer_finish(struct answer *answer, bool closed);

#endif
