/* SPDX-License-Identifier: Apache-2.0 */
/* A result as metrics: what a run says about itself, its certificate and each endpoint. */
#include <string.h>

#include "base/clock.h"
#include "cli/exposition.h"
#include "cli/view.h"
#include "json/get.h"

enum metric {
    API_STATUS,
    CERTIFICATE_INFO,
    CERTIFICATE_NOT_AFTER,
    CERTIFICATE_NOT_BEFORE,
    ENDPOINT_CERTIFICATE_NOT_AFTER,
    ENDPOINT_CHECK,
    ENDPOINT_REACHABLE,
    ENDPOINT_SETTLE_DURATION,
    ENDPOINT_STATUS,
    FINDINGS,
    LAST_RUN_CHANGED,
    LAST_RUN_DURATION,
    LAST_RUN_HTTP_REQUESTS,
    LAST_RUN_INFO,
    LAST_RUN_SUCCESS,
    LAST_RUN_TLS_CONNECTIONS,
    LAST_RUN_WARNINGS,
    RENEWAL_DUE,
    RENEWAL,
    STATUS,
};

static const struct exposition_metric metrics[] = {
    [API_STATUS] = {"nsxcert_api_status", "Whether what the API says is in use is what is served (1: this status).",
                    MERGE_MOST},
    [CERTIFICATE_INFO] = {"nsxcert_certificate_info", "The certificate that the run was about.", MERGE_MOST},
    [CERTIFICATE_NOT_AFTER] = {"nsxcert_certificate_not_after_timestamp_seconds",
                               "End of validity of the certificate that the run was about, in Unix time.", MERGE_LEAST},
    [CERTIFICATE_NOT_BEFORE] = {"nsxcert_certificate_not_before_timestamp_seconds",
                                "Begin of validity of the certificate that the run was about, in Unix time.",
                                MERGE_LEAST},
    [ENDPOINT_CERTIFICATE_NOT_AFTER] = {"nsxcert_endpoint_certificate_not_after_timestamp_seconds",
                                        "End of validity of the certificate that the endpoint serves, in Unix time.",
                                        MERGE_LEAST},
    [ENDPOINT_CHECK] = {"nsxcert_endpoint_check", "Whether a check of the served certificate holds (1) or not (0).",
                        MERGE_LEAST},
    [ENDPOINT_REACHABLE] = {"nsxcert_endpoint_reachable", "Whether a TLS handshake with the endpoint was completed.",
                            MERGE_LEAST},
    [ENDPOINT_SETTLE_DURATION] = {"nsxcert_endpoint_settle_duration_seconds",
                                  "Time from the accepted call until the endpoint served the certificate.", MERGE_MOST},
    [ENDPOINT_STATUS] = {"nsxcert_endpoint_status", "What was found at the endpoint (1: this status).", MERGE_MOST},
    [FINDINGS] = {"nsxcert_findings", "Lint findings about the certificate.", MERGE_SUM},
    [LAST_RUN_CHANGED] = {"nsxcert_last_run_changed", "Whether the last run changed something, or if dry, would.",
                          MERGE_MOST},
    [LAST_RUN_DURATION] = {"nsxcert_last_run_duration_seconds", "How long the last run took.", MERGE_MOST},
    [LAST_RUN_HTTP_REQUESTS] = {"nsxcert_last_run_http_requests", "API requests that the last run sent.", MERGE_MOST},
    [LAST_RUN_INFO] = {"nsxcert_last_run_info", "Facts of the last run; error_code only if it failed.", MERGE_MOST},
    [LAST_RUN_SUCCESS] = {"nsxcert_last_run_success", "Whether the last run succeeded.", MERGE_LEAST},
    [LAST_RUN_TLS_CONNECTIONS] = {"nsxcert_last_run_tls_connections", "TLS handshakes that the last run made.",
                                  MERGE_MOST},
    [LAST_RUN_WARNINGS] = {"nsxcert_last_run_warnings", "Warnings of the last run.", MERGE_SUM},
    [RENEWAL_DUE] = {"nsxcert_renewal_due", "Whether the renewal of the certificate is due.", MERGE_MOST},
    [RENEWAL] = {"nsxcert_renewal_timestamp_seconds", "When the renewal of the certificate is due, in Unix time.",
                 MERGE_LEAST},
    [STATUS] = {"nsxcert_status", "What was found at all endpoints together (1: this status).", MERGE_MOST},
};

/* The samples so far and the labels that all of them have. */
struct sheet {
    struct exposition samples;
    struct buf common;
};

/* A list of labels that begins with the common ones; the caller ends it. */
static void begin_labels(const struct sheet *sheet, struct buf *ret) {
    buf_init(ret, 0);
    buf_add_text(ret, buf_text(&sheet->common));
}

static void add(struct sheet *sheet, enum metric metric, const struct buf *labels, long long thousandths) {
    bool lost = labels->failed || sheet->common.failed;
    exposition_add(&sheet->samples, metric, lost ? NULL : buf_text(labels), thousandths);
}

static void add_flag(struct sheet *sheet, enum metric metric, const struct buf *labels, const json_t *flag) {
    if (json_is_boolean(flag))
        add(sheet, metric, labels, json_is_true(flag) ? 1000 : 0);
}

/* Milliseconds are thousandths already. */
static void add_integer(struct sheet *sheet, enum metric metric, const struct buf *labels, const json_t *integer,
                        bool in_thousandths) {
    if (json_is_integer(integer)) {
        long long number = json_integer_value(integer);
        add(sheet, metric, labels, in_thousandths ? number : exposition_whole(number));
    }
}

static void add_time(struct sheet *sheet, enum metric metric, const struct buf *labels, const char *text) {
    time_t moment;
    if (text != NULL && clock_parse(text, &moment))
        add(sheet, metric, labels, exposition_whole(moment));
}

/* One sample with `name` and `value` as one more label. */
static void add_labelled(struct sheet *sheet, enum metric metric, const struct buf *labels, const char *name,
                         const char *value, long long thousandths) {
    auto_buf struct buf more;
    buf_init(&more, 0);
    buf_add_text(&more, buf_text(labels));
    exposition_label(&more, name, value);
    more.failed = more.failed || labels->failed;
    add(sheet, metric, &more, thousandths);
}

/* All statuses are told, one of them as 1: a change then needs no series that was not there before. */
static void add_status(struct sheet *sheet, enum metric metric, const struct buf *labels, const char *status) {
    static const char *const statuses[] = {"drifted", "in_sync", "unknown"};
    for (size_t i = 0; status != NULL && i < sizeof statuses / sizeof *statuses; i++)
        add_labelled(sheet, metric, labels, "status", statuses[i], strcmp(status, statuses[i]) == 0 ? 1000 : 0);
}

static void add_last_run(struct sheet *sheet, const json_t *result) {
    const json_t *meta = get_object(result, "meta");
    const json_t *target = get_object(result, "target");
    auto_buf struct buf labels;
    begin_labels(sheet, &labels);
    add(sheet, LAST_RUN_SUCCESS, &labels, get_flag(result, "ok", false) ? 1000 : 0);
    add_flag(sheet, LAST_RUN_CHANGED, &labels, json_object_get(result, "changed"));
    add_integer(sheet, LAST_RUN_DURATION, &labels, json_object_get(meta, "duration_ms"), true);
    add_integer(sheet, LAST_RUN_HTTP_REQUESTS, &labels, json_object_get(meta, "http_requests"), false);
    add_integer(sheet, LAST_RUN_TLS_CONNECTIONS, &labels, json_object_get(meta, "tls_connections"), false);
    exposition_label(&labels, "error_code", get_text(get_object(result, "error"), "code", NULL));
    exposition_label(&labels, "version", get_text(meta, "version", NULL));
    exposition_label(&labels, "trusted_by", get_text(meta, "trusted_by", NULL));
    exposition_label(&labels, "nsx_version", get_text(target, "nsx_version", NULL));
    exposition_label(&labels, "cluster_id", get_text(target, "cluster_id", NULL));
    add(sheet, LAST_RUN_INFO, &labels, 1000);
}

static void add_warnings(struct sheet *sheet, const json_t *warnings) {
    size_t index;
    json_t *warning;
    json_array_foreach(warnings, index, warning) {
        auto_buf struct buf labels;
        begin_labels(sheet, &labels);
        add_labelled(sheet, LAST_RUN_WARNINGS, &labels, "code", get_text(warning, "code", NULL), 1000);
    }
}

static void add_findings(struct sheet *sheet, const json_t *findings) {
    size_t index;
    json_t *finding;
    json_array_foreach(findings, index, finding) {
        auto_buf struct buf labels;
        begin_labels(sheet, &labels);
        exposition_label(&labels, "code", get_text(finding, "code", NULL));
        add_labelled(sheet, FINDINGS, &labels, "severity", get_text(finding, "severity", NULL), 1000);
    }
}

/* Where the facts of the run's certificate stand: a member of verify's result, the leaf of inspect's, else the result
 * itself. */
static const json_t *find_certificate(const json_t *own) {
    const json_t *leaf = json_array_get(get_array(own, "certificates"), 0);
    if (leaf != NULL)
        return leaf;
    return json_object_get(own, "certificate") == NULL ? own : get_object(own, "certificate");
}

static void add_certificate(struct sheet *sheet, const json_t *own) {
    const json_t *certificate = find_certificate(own);
    const char *fingerprint = get_text(certificate, "fingerprint_sha256", NULL);
    auto_buf struct buf labels;
    begin_labels(sheet, &labels);
    add_time(sheet, CERTIFICATE_NOT_AFTER, &labels, get_text(certificate, "not_after", NULL));
    add_time(sheet, CERTIFICATE_NOT_BEFORE, &labels, get_text(certificate, "not_before", NULL));
    add_flag(sheet, RENEWAL_DUE, &labels, json_object_get(own, "renewal_due"));
    add_time(sheet, RENEWAL, &labels, get_text(own, "renewal_at", NULL));
    if (fingerprint != NULL) {
        exposition_label(&labels, "fingerprint_sha256", fingerprint);
        exposition_label(&labels, "subject", get_text(certificate, "subject", NULL));
        exposition_label(&labels, "issuer", get_text(certificate, "issuer", NULL));
        exposition_label(&labels, "serial", get_text(certificate, "serial", NULL));
        exposition_label(&labels, "certificate_id",
                         get_text(certificate, "certificate_id", get_text(own, "certificate_id", NULL)));
        exposition_label(&labels, "display_name", get_text(certificate, "display_name", NULL));
        add(sheet, CERTIFICATE_INFO, &labels, 1000);
    }
}

static void add_checks(struct sheet *sheet, const struct buf *labels, const json_t *checks) {
    const char *name;
    json_t *check;
    json_object_foreach((json_t *)checks, name, check) {
        if (json_is_boolean(check))
            add_labelled(sheet, ENDPOINT_CHECK, labels, "check", name, json_is_true(check) ? 1000 : 0);
    }
}

static void add_endpoints(struct sheet *sheet, const json_t *endpoints) {
    size_t index;
    json_t *endpoint;
    json_array_foreach(endpoints, index, endpoint) {
        const json_t *leaf = get_object(get_object(endpoint, "presented"), "leaf");
        auto_buf struct buf labels;
        begin_labels(sheet, &labels);
        exposition_label(&labels, "address", get_text(endpoint, "address", NULL));
        exposition_label(&labels, "role", get_text(endpoint, "role", NULL));
        add_status(sheet, ENDPOINT_STATUS, &labels, get_text(endpoint, "status", NULL));
        add_flag(sheet, ENDPOINT_REACHABLE, &labels, json_object_get(endpoint, "reachable"));
        add_time(sheet, ENDPOINT_CERTIFICATE_NOT_AFTER, &labels, get_text(leaf, "not_after", NULL));
        add_integer(sheet, ENDPOINT_SETTLE_DURATION, &labels, json_object_get(endpoint, "settled_after_ms"), true);
        add_checks(sheet, &labels, get_object(endpoint, "checks"));
    }
}

/* What tells one run's series from another's. A request_id that stays the same does so for the runs without target. */
static void begin_sheet(struct sheet *sheet, const json_t *result) {
    const char *inspected = get_text(get_object(result, "result"), "endpoint", NULL);
    *sheet = (struct sheet){.samples = {.metrics = metrics}};
    buf_init(&sheet->common, 0);
    exposition_label(&sheet->common, "operation", get_text(result, "operation", NULL));
    exposition_label(&sheet->common, "target", get_text(get_object(result, "target"), "address", inspected));
    exposition_label(&sheet->common, "request_id", get_text(result, "request_id", NULL));
    exposition_label(&sheet->common, "dry_run", get_flag(result, "dry_run", false) ? "true" : "false");
}

void view_prometheus(const json_t *result, struct buf *out) {
    const json_t *own = get_object(result, "result");
    struct sheet sheet;
    begin_sheet(&sheet, result);
    auto_buf struct buf labels;
    begin_labels(&sheet, &labels);
    add_last_run(&sheet, result);
    add_warnings(&sheet, get_array(result, "warnings"));
    add_certificate(&sheet, own);
    add_findings(&sheet, get_array(own, "findings"));
    add_status(&sheet, STATUS, &labels, get_text(own, "status", NULL));
    add_status(&sheet, API_STATUS, &labels, get_text(get_object(own, "api"), "status", NULL));
    add_endpoints(&sheet, get_array(own, "endpoints"));
    exposition_print(&sheet.samples, out);
    exposition_done(&sheet.samples);
    buf_done(&sheet.common);
}
