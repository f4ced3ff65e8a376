/* SPDX-License-Identifier: Apache-2.0 */
/* What a view of a result tells, in which order; how it looks is the sink's business, so all views have the same
 * content. */
#include "cli/view_common.h"

#include <string.h>

#include "base/mem.h"
#include "json/get.h"

static const char *const signs_utf8[MARK_COUNT] = {"", "✓", "=", "✗", "–", "→", "!", "i"};
static const char *const signs_ascii[MARK_COUNT] = {"", "+", "=", "x", "-", ">", "!", "i"};

static const struct {
    const char *outcome;
    enum view_mark mark;
} outcomes[] = {
    {"done", MARK_GOOD},  {"unchanged", MARK_SAME},   {"planned", MARK_PLANNED},
    {"failed", MARK_BAD}, {"skipped", MARK_LEFT_OUT}, {"undone", MARK_WARNING},
};

const char *view_mark_sign(enum view_mark mark, bool utf8) {
    return utf8 ? signs_utf8[mark] : signs_ascii[mark];
}

static enum view_mark outcome_mark(const char *outcome) {
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if (strcmp(outcomes[i].outcome, outcome) == 0)
            return outcomes[i].mark;
    return MARK_INFO;
}

enum view_mark view_status_mark(const char *status) {
    if (strcmp(status, "in_sync") == 0)
        return MARK_GOOD;
    return strcmp(status, "drifted") == 0 ? MARK_BAD : MARK_WARNING;
}

void view_fact(struct view *view, const char *label, const char *value) {
    if (value != NULL)
        view->sink->fact(view, label, value);
}

void view_flag(struct view *view, const char *label, const json_t *value) {
    if (json_is_boolean(value))
        view->sink->fact(view, label, json_is_true(value) ? "yes" : "no");
}

static void view_detail(struct view *view, const char *label, const char *value) {
    if (value != NULL && *value != '\0')
        view->sink->detail(view, label, value);
}

void view_join(struct buf *out, const json_t *texts) {
    size_t index;
    json_t *text;
    json_array_foreach(texts, index, text) {
        if (json_is_string(text))
            buf_printf(out, "%s%s", out->length == 0 ? "" : ", ", json_string_value(text));
    }
}

void view_join_san(struct buf *out, const json_t *san) {
    static const char *const kinds[][2] = {{"dns", "DNS:"}, {"ip", "IP:"}};
    for (size_t kind = 0; kind < 2; kind++) {
        size_t index;
        json_t *name;
        json_array_foreach(get_array(san, kinds[kind][0]), index, name) {
            if (json_is_string(name))
                buf_printf(out, "%s%s%s", out->length == 0 ? "" : ", ", kinds[kind][1], json_string_value(name));
        }
    }
}

struct view_row *view_table_add(struct view_table *table, enum view_mark mark) {
    if (table->count == table->capacity) {
        size_t capacity = table->capacity == 0 ? 16 : table->capacity * 2;
        struct view_row *rows = mem_realloc(table->rows, capacity * sizeof *rows);
        if (rows == NULL)
            return NULL;
        table->rows = rows;
        table->capacity = capacity;
    }
    struct view_row *row = &table->rows[table->count++];
    *row = (struct view_row){.mark = mark};
    return row;
}

void view_cell(struct view_row *row, size_t column, const char *text) {
    if (row != NULL)
        row->cells[column] = mem_strdup(text);
}

void view_table_done(struct view_table *table) {
    for (size_t i = 0; i < table->count; i++)
        for (size_t column = 0; column < VIEW_COLUMNS_MAX; column++)
            mem_free(table->rows[i].cells[column]);
    mem_free(table->rows);
    *table = (struct view_table){0};
}

static const char *change_words(const json_t *result) {
    bool changed = get_flag(result, "changed", false);
    if (get_flag(result, "dry_run", false))
        return changed ? "dry run: would change" : "dry run: would change nothing";
    return changed ? "changed" : "nothing changed";
}

static void show_headline(struct view *view, const json_t *result) {
    bool ok = get_flag(result, "ok", false);
    const char *status = get_text(get_object(result, "result"), "status", NULL);
    enum view_mark mark = !ok ? MARK_BAD : status != NULL ? view_status_mark(status) : MARK_GOOD;
    auto_buf struct buf text;
    buf_init(&text, 0);
    buf_printf(&text, "%s: %s", get_text(result, "operation", "nsxcert"), ok ? "ok" : "failed");
    if (status != NULL)
        buf_printf(&text, ", %s", status);
    buf_printf(&text, ", %s", change_words(result));
    view->sink->headline(view, mark, buf_text(&text));
}

static void show_target(struct view *view, const json_t *result) {
    const json_t *target = get_object(result, "target");
    view_fact(view, "target", get_text(target, "address", NULL));
    view_fact(view, "NSX version", get_text(target, "nsx_version", NULL));
    view_fact(view, "cluster", get_text(target, "cluster_id", NULL));
    view_fact(view, "trusted by", get_text(get_object(result, "meta"), "trusted_by", NULL));
    view_fact(view, "request", get_text(result, "request_id", NULL));
}

static void show_steps(struct view *view, const char *title, const json_t *steps) {
    if (json_array_size(steps) == 0)
        return;
    view->sink->section(view, title);
    size_t index;
    json_t *step;
    json_array_foreach(steps, index, step) {
        const char *outcome = get_text(step, "outcome", "?");
        const char *endpoint = get_text(step, "endpoint", NULL);
        auto_buf struct buf text;
        buf_init(&text, 0);
        buf_printf(&text, "%s %s", get_text(step, "name", "?"), outcome);
        if (endpoint != NULL)
            buf_printf(&text, " at %s", endpoint);
        if (json_array_size(get_array(step, "reasons")) > 0) {
            auto_buf struct buf reasons;
            buf_init(&reasons, 0);
            view_join(&reasons, get_array(step, "reasons"));
            buf_printf(&text, ": %s", buf_text(&reasons));
        }
        view->sink->item(view, outcome_mark(outcome), buf_text(&text));
    }
}

static void show_side(struct view *view, const char *label, const json_t *side) {
    static const char *const names[] = {"display_name", "certificate_id", "fingerprint_sha256", "not_after", "path"};
    auto_buf struct buf text;
    buf_init(&text, 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = get_text(side, names[i], NULL);
        if (value != NULL)
            buf_printf(&text, "%s%s %s", text.length == 0 ? "" : ", ", names[i], value);
    }
    auto_buf struct buf san;
    buf_init(&san, 0);
    view_join_san(&san, get_object(side, "san"));
    if (san.length > 0)
        buf_printf(&text, "%sSAN %s", text.length == 0 ? "" : ", ", buf_text(&san));
    view->sink->detail(view, label, side == NULL ? "none" : text.length == 0 ? "not known yet" : buf_text(&text));
}

static void show_diff(struct view *view, const json_t *diff) {
    if (json_array_size(diff) == 0)
        return;
    view->sink->section(view, "Differences");
    size_t index;
    json_t *entry;
    json_array_foreach(diff, index, entry) {
        view->sink->item(view, MARK_NONE, get_text(entry, "what", "?"));
        show_side(view, "before", get_object(entry, "before"));
        show_side(view, "after", get_object(entry, "after"));
    }
}

static enum view_mark severity_mark(const char *severity) {
    if (strcmp(severity, "error") == 0)
        return MARK_BAD;
    return strcmp(severity, "warning") == 0 ? MARK_WARNING : MARK_INFO;
}

void view_problem_item(struct view *view, const json_t *problem) {
    auto_buf struct buf text;
    buf_init(&text, 0);
    buf_printf(&text, "%s (%s)", get_text(problem, "title", "?"), get_text(problem, "code", "?"));
    view->sink->item(view, severity_mark(get_text(problem, "severity", "error")), buf_text(&text));
    view_detail(view, NULL, get_text(problem, "detail", NULL));
    view_detail(view, "at", get_text(problem, "pointer", NULL));
    view_detail(view, "endpoint", get_text(problem, "endpoint", NULL));
    view_detail(view, "do", get_text(problem, "remedy", NULL));
}

void view_problems(struct view *view, const json_t *problems) {
    size_t index;
    json_t *problem;
    json_array_foreach(problems, index, problem) view_problem_item(view, problem);
}

static void show_upstream(struct view *view, const json_t *upstream) {
    if (upstream == NULL)
        return;
    auto_buf struct buf text;
    buf_init(&text, 0);
    long long number = get_integer(upstream, "error_code", -1);
    const char *module = get_text(upstream, "module_name", NULL);
    buf_printf(&text, "HTTP %lld", get_integer(upstream, "http_status", 0));
    if (number >= 0)
        buf_printf(&text, ", error %lld", number);
    if (module != NULL)
        buf_printf(&text, " of %s", module);
    const char *message = get_text(upstream, "error_message", NULL);
    if (message != NULL)
        buf_printf(&text, ": %s", message);
    view_detail(view, "manager says", buf_text(&text));
    view_detail(view, "call", get_text(upstream, "url", NULL));
}

/* Scalars of the context, those of its objects with a dotted label. */
static void show_context(struct view *view, const json_t *context, const char *prefix) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)context, name, value) {
        auto_text char *label = mem_printf("%s%s%s", prefix, *prefix == '\0' ? "" : ".", name);
        if (label == NULL)
            return;
        if (json_is_string(value)) {
            view_detail(view, label, json_string_value(value));
        } else if (json_is_integer(value)) {
            auto_text char *number = mem_printf("%lld", (long long)json_integer_value(value));
            view_detail(view, label, number);
        } else if (json_is_object(value) && *prefix == '\0') {
            show_context(view, value, label);
        }
    }
}

static void show_error(struct view *view, const json_t *error) {
    if (error == NULL)
        return;
    view->sink->section(view, "Error");
    view_problem_item(view, error);
    view_detail(view, "step", get_text(error, "step", NULL));
    show_upstream(view, get_object(error, "upstream"));
    show_context(view, get_object(error, "context"), "");
    if (get_flag(error, "retryable", false))
        view_detail(view, NULL, "The same request may succeed later.");
    if (json_array_size(get_array(error, "errors")) > 0) {
        view->sink->section(view, "Findings");
        view_problems(view, get_array(error, "errors"));
    }
    const json_t *rollback = get_object(error, "rollback");
    if (rollback != NULL) {
        view->sink->section(view, "Rolling back");
        view_fact(view, "outcome", get_text(rollback, "outcome", NULL));
        view_fact(view, "to", get_text(rollback, "to", NULL));
        show_steps(view, "Steps back", get_array(rollback, "steps"));
    }
}

static void show_unknown(struct view *view, const json_t *unknown) {
    if (json_array_size(unknown) == 0)
        return;
    auto_buf struct buf text;
    buf_init(&text, 0);
    view_join(&text, unknown);
    view->sink->section(view, "Not known yet");
    view->sink->paragraph(view, buf_text(&text));
}

/* False when nothing of it is known, as in a dry run before its files are there. */
static bool tells_something(const json_t *object) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value) {
        if (!json_is_null(value))
            return true;
    }
    return false;
}

void view_show(struct view *view, const json_t *result) {
    const char *operation = get_text(result, "operation", NULL);
    show_headline(view, result);
    show_target(view, result);
    show_error(view, get_object(result, "error"));
    show_steps(view, "Steps", get_array(result, "steps"));
    show_diff(view, get_array(result, "diff"));
    if (operation != NULL && tells_something(get_object(result, "result")))
        view_result(view, operation, get_object(result, "result"));
    if (json_array_size(get_array(result, "warnings")) > 0) {
        view->sink->section(view, "Warnings");
        view_problems(view, get_array(result, "warnings"));
    }
    show_unknown(view, get_array(result, "unknown"));
    view_next_step(view, result);
}
