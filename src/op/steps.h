/* SPDX-License-Identifier: Apache-2.0 */
/* The ordered list of what an operation will do, and the one runner that does it. */
#ifndef OP_STEPS_H
#define OP_STEPS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"

struct run;
struct step;

enum step_outcome { STEP_PENDING, STEP_DONE, STEP_UNCHANGED, STEP_PLANNED, STEP_FAILED, STEP_SKIPPED, STEP_UNDONE };

/* Does the step and proves it. May refine step->changed (true if anything outside is different, also on failure),
 * step->outcome (STEP_UNCHANGED, STEP_UNDONE, STEP_SKIPPED; else the runner sets DONE or FAILED), reasons and the diff
 * values. */
typedef bool step_act(struct run *run, struct step *step, struct error *err);

struct step {
    const char *name; /* static, a kebab-case word of the schema */
    char *endpoint;   /* host[:port] the step is about, or NULL; owned */
    json_t *reasons;  /* array of strings */
    const char *what; /* diff entry; NULL: none */
    json_t *before;   /* its values: object or NULL (null) */
    json_t *after;
    step_act *act;  /* NULL: nothing to do */
    bool read_only; /* act only looks: it runs in a dry run too, unless an earlier step is planned */
    bool changed;
    enum step_outcome outcome;
};

struct steps {
    struct step *items;
    size_t count;
    size_t capacity;
};

/* Appends a step that has something to do. NULL when memory ran out (mem_exhausted() then stops the runner). The
 * pointer is valid until the next add. */
struct step *steps_add(struct steps *steps, const char *name, step_act *act);

/* Appends a step that is already as it should be (outcome unchanged), with one reason. */
struct step *steps_add_unchanged(struct steps *steps, const char *name, const char *reason);

/* Appends a step that is left out (outcome skipped), with one reason. */
struct step *steps_add_skipped(struct steps *steps, const char *name, const char *reason);

/* Add to a step; all take a NULL step. step_set_diff takes over before and after. */
void step_add_reason(struct step *step, const char *format, ...) PRINTF_LIKE(2, 3);
void step_set_diff(struct step *step, const char *what, json_t *before, json_t *after);
void step_set_endpoint(struct step *step, const char *endpoint);

/* Does the pending steps in order. A dry run marks them planned (changed = true unless read_only) and runs read_only
 * ones only before the first planned one. Stops at the first failure; the rest becomes skipped. Before each step it
 * checks the deadline, signals and memory. Progress goes to the observer. */
bool steps_run(struct run *run, struct error *err) NODISCARD;

/* Called when a step begins (outcome STEP_PENDING) and ends; NULL: nobody. */
typedef void steps_observer(const struct run *run, size_t index);
void steps_observe(steps_observer *observer);

const char *step_outcome_name(enum step_outcome outcome);
bool steps_any_changed(const struct steps *steps);
void steps_done(struct steps *steps);

#endif
