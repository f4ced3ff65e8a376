/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operations. */
#include <string.h>

#include "op/op.h"

const struct operation operations[] = {
    {.name = "generate", .schema = "generate.schema.json", .flags = OP_WRITES_FILES, .plan = generate_plan},
    {.name = "inspect", .schema = "inspect.schema.json", .flags = OP_NETWORK, .plan = inspect_plan},
    {.name = "import", .schema = "import.schema.json", .flags = OP_NETWORK | OP_WRITES_MANAGER, .plan = import_plan},
    {.name = "register",
     .schema = "register.schema.json",
     .flags = OP_NETWORK | OP_WRITES_MANAGER,
     .plan = register_plan},
    {.name = "verify", .schema = "verify.schema.json", .flags = OP_NETWORK, .plan = verify_plan},
};

const size_t operation_count = sizeof operations / sizeof *operations;

const struct operation *operation_find(const char *name) {
    for (size_t i = 0; i < operation_count; i++)
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    return NULL;
}
