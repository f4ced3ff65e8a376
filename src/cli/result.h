/* SPDX-License-Identifier: Apache-2.0 */
/* The one result object of a run and the exit code that goes with it. */
#ifndef CLI_RESULT_H
#define CLI_RESULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "cli/request.h"
#include "op/run.h"

/* The object of the contract. `run` may be NULL (the request was refused). Caller owns; NULL when memory ran out. */
json_t *result_new(const struct request *request, const struct run *run, const struct error *err, int64_t started_ms);

/* Exit code of the run: `detailed` turns a changed success into 2. */
int result_exit_code(const struct run *run, const struct error *err, bool detailed);

/* The lines of stderr for a failure: "nsxcert: <operation>: <detail> (<code>)" and the remedy; control characters are
 * shown as '?'. */
void result_print_error(const struct request *request, const struct error *err);

#endif
