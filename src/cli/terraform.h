/* SPDX-License-Identifier: Apache-2.0 */
/* Terraform's external data source protocol: a flat object of strings in, a flat object of strings out. */
#ifndef CLI_TERRAFORM_H
#define CLI_TERRAFORM_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "op/op.h"

/* Replaces the query by the request in its `request` member: malformed-request or invalid-request if that is not there.
 * Sets `on_drift` of a verify that does not say it to "report". */
bool terraform_unwrap(json_t **document, struct error *err) NODISCARD;

/* Refuses an operation that would write, unless it is a dry run: usage. */
bool terraform_gate(const struct operation *operation, const json_t *request, struct error *err) NODISCARD;

/* The flat answer for a result object; equal for equal worlds (no times, no counts). Caller owns. */
json_t *terraform_flatten(const json_t *result);

#endif
