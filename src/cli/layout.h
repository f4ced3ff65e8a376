/* SPDX-License-Identifier: Apache-2.0 */
/* Lines for a terminal: harmless text, and text wrapped to the width of a page. */
#ifndef CLI_LAYOUT_H
#define CLI_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { LAYOUT_WIDTH = 78 };

/* Appends UTF-8 text on one line: line breaks and tabs become spaces; other control characters, invisible and
 * direction-changing ones (Unicode TR 36) and bytes that are no UTF-8 become '?'. */
void layout_add_clean(struct buf *out, const char *text);

/* How many characters (code points) the text has. */
size_t layout_width(const char *text);

/* Appends `text`, cleaned and broken at spaces so that lines stay within LAYOUT_WIDTH, and a newline. `column`
 * characters already stand on the line; the following lines begin with `indent` spaces. A word longer than a line is
 * left whole. */
void layout_wrap(struct buf *out, size_t column, size_t indent, const char *text);

/* Appends spaces. */
void layout_pad(struct buf *out, size_t count);

/* True if the environment (LC_ALL, else LC_CTYPE, else LANG) names UTF-8. */
bool layout_utf8(void);

#endif
