/* SPDX-License-Identifier: Apache-2.0 */
/* Rules between members that the schema cannot say; checked with it, before anything is touched. */
#ifndef CLI_RULES_H
#define CLI_RULES_H

#include <jansson.h>

#include "base/error.h"
#include "op/op.h"

/* Adds a finding for each broken rule of a request to those of the schema, up to SCHEMA_FINDINGS_MAX in all. A rule
 * that rests on a member with a finding already, or of another type, is not applied: what it would tell may be wrong.
 */
void rules_check(const struct operation *operation, const json_t *request, struct problems *findings);

#endif
