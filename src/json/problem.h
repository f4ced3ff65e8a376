/* SPDX-License-Identifier: Apache-2.0 */
/* Problems and errors as JSON, in the one shape of the contract. */
#ifndef JSON_PROBLEM_H
#define JSON_PROBLEM_H

#include <jansson.h>

#include "base/error.h"

/* {code, severity, title, detail, remedy, pointer?, endpoint?} */
json_t *json_from_problem(const struct problem *problem);

/* An array of them. */
json_t *json_from_problems(const struct problems *problems);

/* The same shape with retryable, step, upstream, rollback, errors, context; JSON null for ERROR_NONE. */
json_t *json_from_error(const struct error *err);

#endif
