/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of all requests as one document. */
#ifndef CLI_DISCOVER_SCHEMA_H
#define CLI_DISCOVER_SCHEMA_H

#include <jansson.h>

#include "base/error.h"

/* A oneOf over the requests of all operations (each is the definition OPERATION_request), with every definition they
 * reach. The caller owns it. NULL with code internal when two files give one name to different definitions. */
json_t *discover_schema_all(struct error *err) NODISCARD;

#endif
