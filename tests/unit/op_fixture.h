/* SPDX-License-Identifier: Apache-2.0 */
/* A run of an operation from a text, for the unit tests of the op room; defaults of the schema are not filled in. */
#ifndef TEST_OP_FIXTURE_H
#define TEST_OP_FIXTURE_H

#include "op/op.h"
#include "op/run.h"
#include "unit.h"
#include "x509/library.h"
#include "json/get.h"

static inline void op_setup(void) {
    library_init();
    (void)atexit(OPENSSL_cleanup);
}

/* `parameters` with single quotes for double ones. */
static inline struct run op_run(const char *operation, bool dry_run, const char *parameters) {
    struct run run;
    json_t *members = unit_json(parameters);
    json_t *request = json_pack("{s:b, s:i, s:o}", "dry_run", dry_run, "deadline_seconds", 60, "parameters", members);
    ck_assert(run_init(&run, operation_find(operation), request, json_incref(members)));
    return run;
}

static inline void auto_run_cleanup(struct run *run) {
    run_done(run);
}
#define auto_run AUTO(run)

#endif
