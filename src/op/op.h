/* SPDX-License-Identifier: Apache-2.0 */
/* What an operation is: a row of one table, from which help, capabilities, schema choice and gates follow. */
#ifndef OP_OP_H
#define OP_OP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct run;

enum operation_flag {
    OP_NETWORK = 1, /* talks to endpoints: libcurl and TLS are set up */
    OP_WRITES_FILES = 2,
    OP_WRITES_MANAGER = 4,
};

struct operation {
    const char *name;
    const char *schema; /* file of schema/; its title and description are the operation's texts */
    unsigned flags;
    /* Looks at the world and fills run->steps, run->result, warnings; never writes. Read-only looking that is the
     * operation's very product (verify) stands in a step marked read_only. */
    bool (*plan)(struct run *run, struct error *err);
};

extern const struct operation operations[];
extern const size_t operation_count;

/* The row of that name, or NULL. */
const struct operation *operation_find(const char *name);

bool generate_plan(struct run *run, struct error *err) NODISCARD;
bool inspect_plan(struct run *run, struct error *err) NODISCARD;
bool import_plan(struct run *run, struct error *err) NODISCARD;
bool register_plan(struct run *run, struct error *err) NODISCARD;
bool verify_plan(struct run *run, struct error *err) NODISCARD;

#endif
