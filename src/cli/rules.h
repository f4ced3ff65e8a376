/* SPDX-License-Identifier: Apache-2.0 */
/* Rules between members that the schema cannot say; checked with it, before anything is touched. */
#ifndef CLI_RULES_H
#define CLI_RULES_H

#include <jansson.h>

#include "base/error.h"
#include "op/op.h"

/* Adds a finding for each broken rule of a request that the schema accepts. */
void rules_check(const struct operation *operation, const json_t *request, struct problems *findings);

#endif
