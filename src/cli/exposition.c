/* SPDX-License-Identifier: Apache-2.0 */
/* Samples in the text format of Prometheus. */
#include "cli/exposition.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/layout.h"

void exposition_label(struct buf *labels, const char *name, const char *value) {
    if (value == NULL || *value == '\0')
        return;
    auto_buf struct buf clean;
    buf_init(&clean, 0);
    layout_add_clean(&clean, value);
    labels->failed = labels->failed || clean.failed;
    buf_printf(labels, "%s%s=\"", labels->length == 0 ? "" : ",", name);
    for (const char *at = buf_text(&clean); *at != '\0'; at++) {
        if (*at == '\\' || *at == '"')
            buf_add(labels, "\\", 1);
        buf_add(labels, at, 1);
    }
    buf_add(labels, "\"", 1);
}

static bool grow(struct exposition *exposition) {
    if (exposition->count < exposition->capacity)
        return true;
    size_t capacity = exposition->capacity == 0 ? 64 : exposition->capacity * 2;
    struct exposition_sample *samples = mem_realloc(exposition->samples, capacity * sizeof *samples);
    if (samples == NULL)
        return false;
    exposition->samples = samples;
    exposition->capacity = capacity;
    return true;
}

void exposition_add(struct exposition *exposition, size_t metric, const char *labels, long long thousandths) {
    char *copy = labels == NULL ? NULL : mem_strdup(labels);
    if (copy == NULL || !grow(exposition)) {
        mem_free(copy);
        exposition->failed = true;
        return;
    }
    exposition->samples[exposition->count++] =
        (struct exposition_sample){.metric = metric, .labels = copy, .thousandths = thousandths};
}

long long exposition_whole(long long number) {
    if (number > LLONG_MAX / 1000)
        return LLONG_MAX / 1000 * 1000;
    return number < LLONG_MIN / 1000 ? LLONG_MIN / 1000 * 1000 : number * 1000;
}

static int compare(const void *left, const void *right) {
    const struct exposition_sample *a = left, *b = right;
    if (a->metric != b->metric)
        return a->metric < b->metric ? -1 : 1;
    return strcmp(a->labels, b->labels);
}

static long long merged(enum exposition_merge merge, long long a, long long b) {
    switch (merge) {
    case MERGE_LEAST: return a < b ? a : b;
    case MERGE_MOST: return a > b ? a : b;
    case MERGE_SUM: break;
    }
    return a + b;
}

static void print_sample(const char *name, const char *labels, long long thousandths, struct buf *out) {
    unsigned long long size =
        thousandths < 0 ? 0ULL - (unsigned long long)thousandths : (unsigned long long)thousandths;
    buf_add_text(out, name);
    if (*labels != '\0')
        buf_printf(out, "{%s}", labels);
    buf_printf(out, " %s%llu", thousandths < 0 ? "-" : "", size / 1000);
    if (size % 1000 != 0)
        buf_printf(out, ".%03llu", size % 1000);
    buf_add(out, "\n", 1);
}

void exposition_print(struct exposition *exposition, struct buf *out) {
    struct exposition_sample *samples = exposition->samples;
    if (exposition->count > 0)
        qsort(samples, exposition->count, sizeof *samples, compare);
    for (size_t i = 0; i < exposition->count; i++) {
        const struct exposition_metric *metric = &exposition->metrics[samples[i].metric];
        if (i == 0 || samples[i].metric != samples[i - 1].metric)
            buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", metric->name, metric->help, metric->name);
        long long value = samples[i].thousandths;
        for (; i + 1 < exposition->count && compare(&samples[i], &samples[i + 1]) == 0; i++)
            value = merged(metric->merge, value, samples[i + 1].thousandths);
        print_sample(metric->name, samples[i].labels, value, out);
    }
    out->failed = out->failed || exposition->failed;
}

void exposition_done(struct exposition *exposition) {
    for (size_t i = 0; i < exposition->count; i++)
        mem_free(exposition->samples[i].labels);
    mem_free(exposition->samples);
    *exposition = (struct exposition){0};
}
