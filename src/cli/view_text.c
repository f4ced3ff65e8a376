/* SPDX-License-Identifier: Apache-2.0 */
/* A result for a terminal. */
#include <string.h>

#include "base/mem.h"
#include "cli/layout.h"
#include "cli/view.h"
#include "cli/view_common.h"

enum { LABEL_WIDTH = 16, CELL_PAD_MAX = 48, DETAIL_INDENT = 6 };

static const char *const colors[MARK_COUNT] = {
    [MARK_GOOD] = "\033[32m",    [MARK_BAD] = "\033[31m",  [MARK_PLANNED] = "\033[36m",
    [MARK_WARNING] = "\033[33m", [MARK_INFO] = "\033[36m",
};

static void paint(struct view *view, const char *color) {
    if (view->color && color != NULL)
        buf_add_text(view->out, color);
}

static void add_sign(struct view *view, enum view_mark mark) {
    paint(view, colors[mark]);
    buf_add_text(view->out, mark == MARK_NONE ? " " : view_mark_sign(mark, view->utf8));
    paint(view, colors[mark] == NULL ? NULL : "\033[0m");
    buf_add(view->out, " ", 1);
}

static void text_headline(struct view *view, enum view_mark mark, const char *text) {
    add_sign(view, mark);
    paint(view, "\033[1m");
    layout_add_clean(view->out, text);
    paint(view, "\033[0m");
    buf_add(view->out, "\n", 1);
}

static void text_section(struct view *view, const char *title) {
    buf_add(view->out, "\n", 1);
    paint(view, "\033[1m");
    layout_add_clean(view->out, title);
    paint(view, "\033[0m");
    buf_add(view->out, "\n", 1);
}

static void text_fact(struct view *view, const char *label, const char *value) {
    buf_printf(view->out, "  %-*s ", LABEL_WIDTH, label);
    layout_wrap(view->out, LABEL_WIDTH + 3, LABEL_WIDTH + 3, value);
}

static void text_item(struct view *view, enum view_mark mark, const char *text) {
    layout_pad(view->out, 2);
    add_sign(view, mark);
    layout_wrap(view->out, 4, 4, text);
}

static void text_detail(struct view *view, const char *label, const char *value) {
    layout_pad(view->out, DETAIL_INDENT);
    size_t column = DETAIL_INDENT;
    if (label != NULL) {
        layout_add_clean(view->out, label);
        buf_add(view->out, ": ", 2);
        column += layout_width(label) + 2;
    }
    layout_wrap(view->out, column, DETAIL_INDENT + 2, value);
}

static const char *cell_text(const struct view_row *row, size_t column) {
    return row->cells[column] == NULL ? "-" : row->cells[column];
}

/* A hostile cell must not make every row as wide as itself. */
static size_t column_width(const struct view_table *table, size_t column) {
    size_t widest = layout_width(table->headers[column]);
    for (size_t i = 0; i < table->count; i++) {
        size_t width = layout_width(cell_text(&table->rows[i], column));
        if (width > widest && width <= CELL_PAD_MAX)
            widest = width;
    }
    return widest;
}

static void add_cell(struct view *view, const char *text, size_t width, bool last) {
    layout_add_clean(view->out, text);
    size_t wide = layout_width(text);
    if (!last)
        layout_pad(view->out, (wide < width ? width - wide : 0) + 2);
}

static void text_table(struct view *view, const struct view_table *table) {
    if (table->count == 0)
        return;
    size_t widths[VIEW_COLUMNS_MAX];
    for (size_t column = 0; column < table->columns; column++)
        widths[column] = column_width(table, column);
    buf_add(view->out, "\n", 1);
    layout_pad(view->out, 4);
    for (size_t column = 0; column < table->columns; column++)
        add_cell(view, table->headers[column], widths[column], column + 1 == table->columns);
    buf_add(view->out, "\n", 1);
    for (size_t i = 0; i < table->count; i++) {
        layout_pad(view->out, 2);
        add_sign(view, table->rows[i].mark);
        for (size_t column = 0; column < table->columns; column++)
            add_cell(view, cell_text(&table->rows[i], column), widths[column], column + 1 == table->columns);
        buf_add(view->out, "\n", 1);
    }
}

static void text_paragraph(struct view *view, const char *text) {
    layout_pad(view->out, 2);
    layout_wrap(view->out, 2, 2, text);
}

/* Lines keep their breaks, so that they can be copied; nothing else of them is trusted. */
static void text_block(struct view *view, const char *text) {
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        auto_text char *line = mem_strndup(text, length);
        if (line == NULL)
            return;
        layout_add_clean(view->out, line);
        buf_add(view->out, "\n", 1);
        text += length + (text[length] == '\n');
    }
}

static const struct view_sink text_sink = {
    .headline = text_headline,
    .section = text_section,
    .fact = text_fact,
    .item = text_item,
    .detail = text_detail,
    .table = text_table,
    .paragraph = text_paragraph,
    .block = text_block,
};

void view_text(const json_t *result, bool color, struct buf *out) {
    struct view view = {.sink = &text_sink, .out = out, .color = color, .utf8 = layout_utf8()};
    view_show(&view, result);
}
