/* SPDX-License-Identifier: Apache-2.0 */
/* One run of one operation: the request it came with, the time it has, and the result it fills. */
#ifndef OP_RUN_H
#define OP_RUN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"
#include "op/op.h"
#include "op/steps.h"

struct run {
    const struct operation *operation;
    const json_t *request;    /* valid, defaults filled; owned */
    const json_t *parameters; /* its member of that name; borrowed */
    const json_t *given; /* parameters as they came, before defaults: only for "did the user say it" (shallow); owned */
    bool dry_run;
    struct deadline deadline;
    struct steps steps;
    json_t *result;  /* object; what the contract calls `result` */
    json_t *unknown; /* array of JSON Pointers into the result object that only the run can know */
    struct problems warnings;
    char *target_address; /* NULL where no manager is talked to */
    char *target_cluster_id;
    char *target_nsx_version;
    const char *trusted_by; /* static, or NULL */
    void *state;            /* the operation's own, freed by state_free */
    void (*state_free)(void *state);
};

/* Takes over `request`; result and unknown are empty. False when memory ran out. */
bool run_init(struct run *run, const struct operation *operation, json_t *request, json_t *given) NODISCARD;
void run_done(struct run *run);

/* In a dry run adds a JSON Pointer ("/result/certificate_id") to `unknown`, once. */
void run_add_unknown(struct run *run, const char *pointer);

#endif
