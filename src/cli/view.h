/* SPDX-License-Identifier: Apache-2.0 */
/* Views of a result object for people and monitoring: made from the stored JSON alone, so that a run need not be
 * repeated to be shown.
 */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

/* Plain text; `color`: with ANSI colours. Any result of any v1 version is shown, failures too; unknown members are
 * ignored. */
void view_text(const json_t *result, bool color, struct buf *out);

/* A markdown summary for a pipeline's page. */
void view_markdown(const json_t *result, struct buf *out);

/* Metrics for Prometheus' textfile collector: the same result makes the same bytes, whenever it is shown. */
void view_prometheus(const json_t *result, struct buf *out);

#endif
