/* SPDX-License-Identifier: Apache-2.0 */
/* Steps on stderr while they happen. */
#include "cli/progress.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/layout.h"
#include "op/run.h"
#include "op/steps.h"
#include "json/get.h"

static bool line_is_live;

static void add_name(struct buf *line, const struct run *run, const struct step *step) {
    layout_add_clean(line, run->operation->name);
    buf_add_text(line, ": ");
    layout_add_clean(line, step->name);
    if (step->endpoint != NULL) {
        buf_add_text(line, " at ");
        layout_add_clean(line, step->endpoint);
    }
}

static void add_end(struct buf *line, const struct run *run, const struct step *step) {
    add_name(line, run, step);
    buf_printf(line, ": %s", step_outcome_name(step->outcome));
    const char *reason = json_string_value(json_array_get(step->reasons, 0));
    if (reason != NULL) {
        buf_add_text(line, " (");
        layout_add_clean(line, reason);
        buf_add_text(line, ")");
    }
}

static void on_step_plain(const struct run *run, size_t index) {
    const struct step *step = &run->steps.items[index];
    if (step->outcome == STEP_PENDING)
        return;
    auto_buf struct buf line;
    buf_init(&line, 0);
    add_end(&line, run, step);
    fprintf(stderr, "nsxcert: %s\n", buf_text(&line));
}

static void clear_line(void) {
    if (line_is_live)
        fputs("\r\033[K", stderr);
    line_is_live = false;
}

static void on_step_live(const struct run *run, size_t index) {
    const struct step *step = &run->steps.items[index];
    clear_line();
    if (step->outcome != STEP_PENDING) {
        on_step_plain(run, index);
        return;
    }
    auto_buf struct buf line;
    buf_init(&line, 0);
    add_name(&line, run, step);
    /* A line that wraps could not be cleared. */
    if (layout_width(buf_text(&line)) < LAYOUT_WIDTH - 16) {
        fprintf(stderr, "nsxcert: %s ...", buf_text(&line));
        fflush(stderr);
        line_is_live = true;
    }
}

static bool can_move_cursor(void) {
    const char *term = getenv("TERM");
    return term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

void progress_start(enum cli_progress progress) {
    if (progress == PROGRESS_PLAIN)
        steps_observe(on_step_plain);
    else if (progress == PROGRESS_AUTO && isatty(STDERR_FILENO))
        steps_observe(can_move_cursor() ? on_step_live : on_step_plain);
    else
        steps_observe(NULL);
}

void progress_stop(void) {
    steps_observe(NULL);
    clear_line();
}
