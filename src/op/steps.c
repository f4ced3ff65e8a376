/* SPDX-License-Identifier: Apache-2.0 */
/* The ordered list of what an operation will do, and the one runner that does it. */
#include "op/steps.h"

#include <stdarg.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/mem.h"
#include "op/run.h"
#include "json/get.h"

static steps_observer *observer;

static const char *const outcome_names[] = {
    [STEP_PENDING] = "skipped", [STEP_DONE] = "done",       [STEP_UNCHANGED] = "unchanged", [STEP_PLANNED] = "planned",
    [STEP_FAILED] = "failed",   [STEP_SKIPPED] = "skipped", [STEP_UNDONE] = "undone",
};

const char *step_outcome_name(enum step_outcome outcome) {
    return outcome_names[outcome];
}

static struct step *append(struct steps *steps, const char *name, step_act *act, enum step_outcome outcome) {
    if (steps->count == steps->capacity) {
        size_t capacity = steps->capacity == 0 ? 8 : steps->capacity * 2;
        struct step *items = mem_realloc(steps->items, capacity * sizeof *items);
        if (items == NULL)
            return NULL;
        steps->items = items;
        steps->capacity = capacity;
    }
    struct step *step = &steps->items[steps->count++];
    *step = (struct step){.name = name, .reasons = json_array(), .act = act, .outcome = outcome};
    return step;
}

struct step *steps_add(struct steps *steps, const char *name, step_act *act) {
    return append(steps, name, act, STEP_PENDING);
}

struct step *steps_add_unchanged(struct steps *steps, const char *name, const char *reason) {
    struct step *step = append(steps, name, NULL, STEP_UNCHANGED);
    step_add_reason(step, "%s", reason);
    return step;
}

struct step *steps_add_skipped(struct steps *steps, const char *name, const char *reason) {
    struct step *step = append(steps, name, NULL, STEP_SKIPPED);
    step_add_reason(step, "%s", reason);
    return step;
}

void step_add_reason(struct step *step, const char *format, ...) {
    if (step == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    auto_text char *text = mem_vprintf(format, arguments);
    va_end(arguments);
    if (text != NULL)
        push_text(step->reasons, text);
}

void step_set_diff(struct step *step, const char *what, json_t *before, json_t *after) {
    if (step == NULL) {
        json_decref(before);
        json_decref(after);
        return;
    }
    json_decref(step->before);
    json_decref(step->after);
    step->what = what;
    step->before = before;
    step->after = after;
}

void step_set_endpoint(struct step *step, const char *endpoint) {
    if (step == NULL)
        return;
    mem_free(step->endpoint);
    step->endpoint = mem_strdup(endpoint);
}

void steps_observe(steps_observer *new_observer) {
    observer = new_observer;
}

static void observe(const struct run *run, size_t index) {
    if (observer != NULL)
        observer(run, index);
}

/* What forbids to begin another step. */
static bool may_begin(const struct run *run, struct error *err) {
    if (interrupt_signal() != 0)
        return error_set(err, ERROR_INTERRUPTED, "signal %d came before the work was done", interrupt_signal());
    if (mem_exhausted())
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory is left; nothing more was begun");
    if (deadline_passed(run->deadline))
        return error_set(err, ERROR_DEADLINE, "deadline_seconds passed before the work was done");
    return true;
}

static bool do_step(struct run *run, size_t index, struct error *err) {
    struct step *step = &run->steps.items[index];
    observe(run, index);
    bool changes = !step->read_only;
    bool ok = may_begin(run, err) && step->act(run, step, err);
    step = &run->steps.items[index];
    if (ok && step->outcome == STEP_PENDING) {
        step->outcome = STEP_DONE;
        step->changed = step->changed || changes;
    } else if (!ok && step->outcome != STEP_UNDONE) {
        step->outcome = STEP_FAILED;
    }
    if (!ok && err->step == NULL)
        error_set_step(err, step->name);
    observe(run, index);
    return ok;
}

bool steps_run(struct run *run, struct error *err) {
    bool ok = true;
    bool planned = false;
    for (size_t i = 0; i < run->steps.count; i++) {
        struct step *step = &run->steps.items[i];
        if (step->outcome != STEP_PENDING)
            continue;
        if (!ok) {
            step->outcome = STEP_SKIPPED;
        } else if (run->dry_run && (planned || !step->read_only)) {
            planned = true;
            step->outcome = STEP_PLANNED;
            step->changed = !step->read_only;
        } else {
            ok = do_step(run, i, err);
        }
    }
    return ok;
}

bool steps_any_changed(const struct steps *steps) {
    for (size_t i = 0; i < steps->count; i++)
        if (steps->items[i].changed)
            return true;
    return false;
}

void steps_done(struct steps *steps) {
    for (size_t i = 0; i < steps->count; i++) {
        struct step *step = &steps->items[i];
        mem_free(step->endpoint);
        json_decref(step->reasons);
        json_decref(step->before);
        json_decref(step->after);
    }
    mem_free(steps->items);
    *steps = (struct steps){0};
}
