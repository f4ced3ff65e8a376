/* SPDX-License-Identifier: Apache-2.0 */
/* Samples in the text format of Prometheus (exposition format 0.0.4), as node_exporter's textfile collector reads it:
 * gauges without timestamps, sorted, so that the same samples in any order make the same bytes. */
#ifndef CLI_EXPOSITION_H
#define CLI_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* What becomes of two samples with the same labels: a series may be told once only. */
enum exposition_merge { MERGE_LEAST, MERGE_MOST, MERGE_SUM };

struct exposition_metric {
    const char *name; /* with its unit */
    const char *help; /* constant: the collector refuses one name with two texts */
    enum exposition_merge merge;
};

struct exposition_sample {
    size_t metric;
    char *labels; /* owned */
    long long thousandths;
};

struct exposition {
    const struct exposition_metric *metrics; /* sorted by name */
    struct exposition_sample *samples;
    size_t count;
    size_t capacity;
    bool failed; /* out of memory */
};

/* Appends `name="value"` to a list of labels. NULL and "" are left out: to Prometheus an empty label is none. The value
 * is cleaned as in layout.h and escaped. */
void exposition_label(struct buf *labels, const char *name, const char *value);

/* Adds a sample in thousandths of its unit; `labels` is copied, NULL means out of memory. */
void exposition_add(struct exposition *exposition, size_t metric, const char *labels, long long thousandths);

/* A whole number as thousandths, at most what fits. */
long long exposition_whole(long long number);

/* Sorts, merges and prints what was added; out->failed when memory ran out. */
void exposition_print(struct exposition *exposition, struct buf *out);

void exposition_done(struct exposition *exposition);

static inline void auto_exposition_cleanup(struct exposition *exposition) {
    exposition_done(exposition);
}
#define auto_exposition AUTO(exposition)

#endif
