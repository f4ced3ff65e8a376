/* SPDX-License-Identifier: Apache-2.0 */
/* The one result object of a run and the exit code that goes with it. */
#include "cli/result.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/http.h"
#include "json/get.h"
#include "json/problem.h"

static json_t *target_new(const struct run *run) {
    if (run == NULL || run->target_address == NULL)
        return NULL;
    json_t *target = json_object();
    put_text(target, "address", run->target_address);
    put_text(target, "cluster_id", run->target_cluster_id);
    put_text(target, "nsx_version", run->target_nsx_version);
    return target;
}

static json_t *step_new(const struct step *step) {
    json_t *object = json_object();
    put_text(object, "name", step->name);
    if (step->endpoint != NULL)
        put_text(object, "endpoint", step->endpoint);
    put_text(object, "outcome", step_outcome_name(step->outcome));
    put_flag(object, "changed", step->changed);
    put_take(object, "reasons", json_deep_copy(step->reasons));
    return object;
}

/* A step's diff is told when it changed something, or in a dry run would. */
static json_t *diff_new(const struct step *step) {
    if (step->what == NULL || !step->changed)
        return NULL;
    json_t *object = json_object();
    put_text(object, "what", step->what);
    put_take(object, "before", json_deep_copy(step->before));
    put_take(object, "after", json_deep_copy(step->after));
    return object;
}

static void put_steps(json_t *result, const struct run *run) {
    json_t *steps = json_array();
    json_t *diff = json_array();
    for (size_t i = 0; run != NULL && i < run->steps.count; i++) {
        push_take(steps, step_new(&run->steps.items[i]));
        push_take(diff, diff_new(&run->steps.items[i]));
    }
    put_take(result, "steps", steps);
    put_take(result, "diff", diff);
}

static json_t *meta_new(const struct run *run, int64_t started_ms) {
    struct http_totals totals = http_totals();
    json_t *meta = json_object();
    put_text(meta, "version", NSXCERT_VERSION);
    put_integer(meta, "duration_ms", clock_monotonic_ms() - started_ms);
    put_integer(meta, "http_requests", (long long)totals.requests);
    put_integer(meta, "tls_connections", (long long)totals.connections);
    put_text(meta, "trusted_by", run == NULL ? NULL : run->trusted_by);
    return meta;
}

/* An operation that failed before it knew anything has no result. */
static json_t *own_result(const struct run *run) {
    if (run == NULL || json_object_size(run->result) == 0)
        return NULL;
    return json_incref(run->result);
}

json_t *result_new(const struct request *request, const struct run *run, const struct error *err, int64_t started_ms) {
    json_t *result = json_object();
    put_text(result, "api_version", "nsxcert/v1");
    put_text(result, "operation", request->operation == NULL ? NULL : request->operation->name);
    put_text(result, "request_id", request->request_id);
    put_flag(result, "dry_run", request->dry_run);
    put_flag(result, "ok", err->code == ERROR_NONE);
    put_flag(result, "changed", run != NULL && steps_any_changed(&run->steps));
    put_take(result, "target", target_new(run));
    put_steps(result, run);
    put_take(result, "unknown", run == NULL ? json_array() : json_incref(run->unknown));
    put_take(result, "result", own_result(run));
    struct problems none = {0};
    put_take(result, "warnings", json_from_problems(run == NULL ? &none : &run->warnings));
    put_take(result, "error", json_from_error(err));
    put_take(result, "meta", meta_new(run, started_ms));
    if (mem_exhausted() && err->code != ERROR_OUT_OF_MEMORY) {
        /* Members may be missing without a trace: a result that cannot be trusted is none. */
        json_decref(result);
        return NULL;
    }
    return result;
}

int result_exit_code(const struct run *run, const struct error *err, bool detailed) {
    if (err->code != ERROR_NONE)
        return (int)error_info(err->code)->exit_code;
    return detailed && run != NULL && steps_any_changed(&run->steps) ? EXIT_CHANGED : EXIT_DONE;
}

static void print_clean(const char *prefix, const char *text, const char *suffix) {
    fputs(prefix, stderr);
    for (const char *c = text; *c != '\0'; c++)
        fputc((unsigned char)*c < ' ' || *c == 127 ? '?' : *c, stderr);
    fputs(suffix, stderr);
}

void result_print_error(const struct request *request, const struct error *err) {
    char prefix[64];
    char suffix[64];
    snprintf(prefix, sizeof prefix, "nsxcert: %s: ", request->operation == NULL ? "-" : request->operation->name);
    snprintf(suffix, sizeof suffix, " (%s)\n", err->problem.code);
    print_clean(prefix, err->problem.detail == NULL ? err->problem.title : err->problem.detail, suffix);
    if (err->problem.remedy != NULL && *err->problem.remedy != '\0')
        print_clean("nsxcert: remedy: ", err->problem.remedy, "\n");
}
