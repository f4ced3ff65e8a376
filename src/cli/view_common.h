/* SPDX-License-Identifier: Apache-2.0 */
/* What a view of a result tells, in which order; how it looks is the sink's business, so all views have the same
 * content. */
#ifndef CLI_VIEW_COMMON_H
#define CLI_VIEW_COMMON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum view_mark {
    MARK_NONE,
    MARK_GOOD,
    MARK_SAME,
    MARK_BAD,
    MARK_LEFT_OUT,
    MARK_PLANNED,
    MARK_WARNING,
    MARK_INFO,
    MARK_COUNT
};

enum { VIEW_COLUMNS_MAX = 6 };

struct view_row {
    enum view_mark mark;
    char *cells[VIEW_COLUMNS_MAX]; /* owned; NULL is shown as unknown */
};

struct view_table {
    const char *const *headers; /* one for each column */
    size_t columns;
    struct view_row *rows;
    size_t count;
    size_t capacity;
};

struct view;

/* How a view looks. All texts come raw from the result: the sink makes them harmless for its medium. */
struct view_sink {
    void (*headline)(struct view *view, enum view_mark mark, const char *text);
    void (*section)(struct view *view, const char *title);
    void (*fact)(struct view *view, const char *label, const char *value);
    void (*item)(struct view *view, enum view_mark mark, const char *text);
    void (*detail)(struct view *view, const char *label, const char *value); /* beneath an item; label may be NULL */
    void (*table)(struct view *view, const struct view_table *table);
    void (*paragraph)(struct view *view, const char *text);
    void (*block)(struct view *view, const char *text); /* lines as they are: PEM */
};

struct view {
    const struct view_sink *sink;
    struct buf *out;
    bool color;
    bool utf8;
};

/* Shows a whole result. */
void view_show(struct view *view, const json_t *result);

/* The sign for a mark: one character of UTF-8, or ASCII. */
const char *view_mark_sign(enum view_mark mark, bool utf8);

/* For the parts of a result. Absent and null values are left out. */
void view_fact(struct view *view, const char *label, const char *value);
void view_flag(struct view *view, const char *label, const json_t *value);
void view_problems(struct view *view, const json_t *problems);
void view_problem_item(struct view *view, const json_t *problem);

/* A new row, or NULL without memory; view_cell() takes NULL and copies. */
struct view_row *view_table_add(struct view_table *table, enum view_mark mark);
void view_cell(struct view_row *row, size_t column, const char *text);
void view_table_done(struct view_table *table);

/* "a, b, c" of an array of strings; the caller owns the buffer. */
void view_join(struct buf *out, const json_t *texts);

/* {dns, ip} as "DNS:a, IP:b". */
void view_join_san(struct buf *out, const json_t *san);

/* The mark of a status (in_sync, drifted, unknown). */
enum view_mark view_status_mark(const char *status);

/* Shows result.result of an operation (view_result.c). */
void view_result(struct view *view, const char *operation, const json_t *result);

/* The next step of the procedure: after a good verify, or while a CA has not issued what generate asked for. */
void view_next_step(struct view *view, const json_t *whole);

#endif
