/* SPDX-License-Identifier: Apache-2.0 */
/* A result as a markdown summary for the page of a pipeline. */
#include <string.h>

#include "base/mem.h"
#include "cli/layout.h"
#include "cli/view.h"
#include "cli/view_common.h"

/* True for what makes markup only where a value begins: lists ("-", "+", "1."), rules and underlines of headings. */
static bool begins_block(const char *text, const char *at) {
    if (*at == '.')
        return at > text && strspn(text, "0123456789") == (size_t)(at - text) && (at[1] == ' ' || at[1] == '\0');
    return at == text && strchr("-+=", *at) != NULL;
}

/* Two ways in which bare text becomes a link. */
static bool begins_link(const char *text, const char *at) {
    return (*at == ':' && at[1] == '/') || (*at == '.' && at - text >= 3 && strncmp(at - 3, "www", 3) == 0);
}

/* A character reference never is markup, neither in markdown nor in HTML (CommonMark 0.31, section 2.5). */
static void add_escaped(struct buf *out, const char *text, bool may_begin_block) {
    for (const char *at = text; *at != '\0'; at++) {
        if (strchr("\\`*_{}[]#|~$@<>&", *at) != NULL || (may_begin_block && begins_block(text, at)) ||
            begins_link(text, at))
            buf_printf(out, "&#%d;", *at);
        else
            buf_add(out, at, 1);
    }
}

static void add_line(struct buf *out, const char *text, bool may_begin_block) {
    auto_buf struct buf clean;
    buf_init(&clean, 0);
    layout_add_clean(&clean, text);
    const char *line = buf_text(&clean);
    add_escaped(out, line + strspn(line, " "), may_begin_block);
}

static void add_value(struct buf *out, const char *text) {
    add_line(out, text, true);
}

static void markdown_headline(struct view *view, enum view_mark mark, const char *text) {
    buf_printf(view->out, "## %s ", view_mark_sign(mark, true));
    add_value(view->out, text);
    buf_add(view->out, "\n\n", 2);
}

static void markdown_section(struct view *view, const char *title) {
    buf_add_text(view->out, "\n### ");
    add_value(view->out, title);
    buf_add(view->out, "\n\n", 2);
}

static void markdown_fact(struct view *view, const char *label, const char *value) {
    buf_printf(view->out, "- **%s:** ", label);
    add_value(view->out, value);
    buf_add(view->out, "\n", 1);
}

static void markdown_item(struct view *view, enum view_mark mark, const char *text) {
    /* A sign that could be markup in this place (=, !, –) is none after the list's own mark. */
    buf_printf(view->out, "- %s%s", view_mark_sign(mark, true), mark == MARK_NONE ? "" : " ");
    add_value(view->out, text);
    buf_add(view->out, "\n", 1);
}

static void markdown_detail(struct view *view, const char *label, const char *value) {
    buf_add_text(view->out, "  - ");
    if (label != NULL) {
        add_value(view->out, label);
        buf_add(view->out, ": ", 2);
    }
    add_value(view->out, value);
    buf_add(view->out, "\n", 1);
}

static void markdown_table(struct view *view, const struct view_table *table) {
    if (table->count == 0)
        return;
    buf_add_text(view->out, "\n| |");
    for (size_t column = 0; column < table->columns; column++)
        buf_printf(view->out, " %s |", table->headers[column]);
    buf_add_text(view->out, "\n| --- |");
    for (size_t column = 0; column < table->columns; column++)
        buf_add_text(view->out, " --- |");
    for (size_t i = 0; i < table->count; i++) {
        const struct view_row *row = &table->rows[i];
        buf_printf(view->out, "\n| %s |", view_mark_sign(row->mark, true));
        for (size_t column = 0; column < table->columns; column++) {
            buf_add(view->out, " ", 1);
            add_line(view->out, row->cells[column] == NULL ? "-" : row->cells[column], false);
            buf_add(view->out, " |", 2);
        }
    }
    buf_add(view->out, "\n", 1);
}

static void markdown_paragraph(struct view *view, const char *text) {
    add_value(view->out, text);
    buf_add(view->out, "\n", 1);
}

/* HTML's own block: unlike a fence, no line of the content can end it once it is escaped. */
static void markdown_block(struct view *view, const char *text) {
    buf_add_text(view->out, "\n<pre>");
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        auto_text char *line = mem_strndup(text, length);
        if (line == NULL)
            return;
        add_line(view->out, line, false);
        buf_add(view->out, "\n", 1);
        text += length + (text[length] == '\n');
    }
    buf_add_text(view->out, "</pre>\n");
}

static const struct view_sink markdown_sink = {
    .headline = markdown_headline,
    .section = markdown_section,
    .fact = markdown_fact,
    .item = markdown_item,
    .detail = markdown_detail,
    .table = markdown_table,
    .paragraph = markdown_paragraph,
    .block = markdown_block,
};

void view_markdown(const json_t *result, struct buf *out) {
    struct view view = {.sink = &markdown_sink, .out = out, .utf8 = true};
    view_show(&view, result);
}
