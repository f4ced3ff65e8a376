/* SPDX-License-Identifier: Apache-2.0 */
/* From the bytes of a way in to a valid request with its defaults filled. */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "cli/flags.h"
#include "op/op.h"

/* What is known of a request, also of one that was refused: the result echoes it. */
struct request {
    const struct operation *operation; /* NULL: not known */
    json_t *document;                  /* the whole request; NULL: not readable */
    json_t *given;                     /* `parameters` before defaults were filled (shallow) */
    char *request_id;
    bool dry_run;
    bool output_refused; /* --output names a file of the request: nothing may be written there */
};

/* Reads, parses and checks the request that `flags` point to: request-unavailable, malformed-request, invalid-request
 * (all findings in err->errors), literal-secret, usage (a terminal on stdin). */
bool request_read(const struct flags *flags, struct request *ret_request, struct error *err) NODISCARD;
void request_done(struct request *request);

#endif
