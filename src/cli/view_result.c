/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a view that differs by operation: what it found or made. */
#include <string.h>

#include "base/mem.h"
#include "cli/view_common.h"
#include "json/get.h"

enum { FINGERPRINT_START = 16 };

/* The first digits of a fingerprint: enough to compare by eye. */
static void short_cell(struct view_row *row, size_t column, const char *fingerprint) {
    if (row != NULL && fingerprint != NULL)
        row->cells[column] = mem_printf("%.*s", FINGERPRINT_START, fingerprint);
}

static void show_san(struct view *view, const json_t *holder) {
    auto_buf struct buf text;
    buf_init(&text, 0);
    view_join_san(&text, get_object(holder, "san"));
    view_fact(view, "SAN", text.length == 0 ? NULL : buf_text(&text));
}

static void show_key(struct view *view, const json_t *key) {
    const char *curve = get_text(key, "curve", NULL);
    auto_text char *text = key == NULL
                               ? NULL
                               : mem_printf("%s %lld%s%s", get_text(key, "type", "?"), get_integer(key, "bits", 0),
                                            curve == NULL ? "" : " ", curve == NULL ? "" : curve);
    view_fact(view, "key", text);
}

static void show_validity(struct view *view, const json_t *holder) {
    view_fact(view, "valid from", get_text(holder, "not_before", NULL));
    view_fact(view, "valid until", get_text(holder, "not_after", NULL));
}

static void show_identity(struct view *view, const json_t *holder) {
    view_fact(view, "subject", get_text(holder, "subject", NULL));
    view_fact(view, "issuer", get_text(holder, "issuer", NULL));
    show_san(view, holder);
    show_validity(view, holder);
    show_key(view, get_object(holder, "key"));
    view_fact(view, "serial", get_text(holder, "serial", NULL));
    view_fact(view, "fingerprint", get_text(holder, "fingerprint_sha256", NULL));
    view_fact(view, "public key", get_text(holder, "public_key_sha256", NULL));
}

static void show_generate(struct view *view, const json_t *result) {
    const json_t *paths = get_object(result, "paths");
    view_fact(view, "certificate", get_text(paths, "certificate_path", NULL));
    view_fact(view, "key file", get_text(paths, "key_path", NULL));
    view_fact(view, "request", get_text(paths, "request_path", NULL));
    show_identity(view, result);
    view_flag(view, "issued", json_object_get(result, "issued"));
    view_flag(view, "renewal due", json_object_get(result, "renewal_due"));
}

/* An extension's usages: an array, or an object that holds one. */
static void show_usages(struct view *view, const char *label, const json_t *usages) {
    if (json_is_object(usages))
        usages = get_array(usages, "values") != NULL ? get_array(usages, "values") : get_array(usages, "usages");
    auto_buf struct buf text;
    buf_init(&text, 0);
    view_join(&text, usages);
    view_fact(view, label, text.length == 0 ? NULL : buf_text(&text));
}

static void show_certificate(struct view *view, const json_t *certificate) {
    show_identity(view, certificate);
    view_fact(view, "signature", get_text(certificate, "signature_algorithm", NULL));
    show_usages(view, "key usage", get_any(certificate, "key_usage"));
    show_usages(view, "extended usage", get_any(certificate, "extended_key_usage"));
    view_flag(view, "CA", json_object_get(get_object(certificate, "basic_constraints"), "ca"));
    view_flag(view, "self-signed", json_object_get(certificate, "self_signed"));
    show_usages(view, "CRL", get_any(certificate, "crl_distribution_points"));
}

static void show_inspect(struct view *view, const json_t *result) {
    view_fact(view, "endpoint", get_text(result, "endpoint", NULL));
    view_fact(view, "TLS", get_text(result, "tls_version", NULL));
    view_fact(view, "judged for NSX", get_text(result, "nsx_version", NULL));
    view_flag(view, "key matches", json_object_get(result, "key_matches"));
    view_flag(view, "chain in order", json_object_get(get_object(result, "chain"), "in_order"));
    view_flag(view, "chain complete", json_object_get(get_object(result, "chain"), "complete"));
    size_t index;
    json_t *certificate;
    json_array_foreach(get_array(result, "certificates"), index, certificate) {
        view->sink->section(view, index == 0 ? "Leaf" : "Issuer");
        show_certificate(view, certificate);
    }
    view->sink->section(view, "Findings");
    if (json_array_size(get_array(result, "findings")) == 0)
        view->sink->item(view, MARK_GOOD, "none");
    view_problems(view, get_array(result, "findings"));
}

static void show_import(struct view *view, const json_t *result) {
    view_fact(view, "certificate id", get_text(result, "certificate_id", NULL));
    view_fact(view, "display name", get_text(result, "display_name", NULL));
    view_fact(view, "fingerprint", get_text(result, "fingerprint_sha256", NULL));
}

/* The call, and where it was sent if that is not the endpoint itself. */
static void call_cell(struct view_row *row, size_t column, const json_t *endpoint) {
    const char *call = get_text(endpoint, "call", NULL);
    const char *via = get_text(endpoint, "via", NULL);
    bool elsewhere = call != NULL && via != NULL && strcmp(via, get_text(endpoint, "address", "")) != 0;
    auto_text char *text = elsewhere ? mem_printf("%s (by way of %s)", call, via) : mem_strdup(call);
    view_cell(row, column, text);
}

static void show_register(struct view *view, const json_t *result) {
    static const char *const headers[] = {"Endpoint", "Role", "Served after", "Call"};
    view_fact(view, "certificate id", get_text(result, "certificate_id", NULL));
    view_fact(view, "previous id", get_text(result, "previous_certificate_id", NULL));
    view_fact(view, "call", get_text(result, "call", NULL));
    struct view_table table = {.headers = headers, .columns = sizeof headers / sizeof *headers};
    size_t index;
    json_t *endpoint;
    json_array_foreach(get_array(result, "endpoints"), index, endpoint) {
        const json_t *settled = get_any(endpoint, "settled_after_ms");
        struct view_row *row = view_table_add(&table, settled == NULL ? MARK_LEFT_OUT : MARK_GOOD);
        view_cell(row, 0, get_text(endpoint, "address", NULL));
        view_cell(row, 1, get_text(endpoint, "role", NULL));
        call_cell(row, 3, endpoint);
        auto_text char *time = settled == NULL ? NULL : mem_printf("%lld ms", (long long)json_integer_value(settled));
        view_cell(row, 2, time);
    }
    view->sink->table(view, &table);
    view_table_done(&table);
}

/* Names of the checks that do not hold; else why it could not be looked at. */
static void failed_checks(struct buf *out, const json_t *endpoint) {
    const char *name;
    json_t *value;
    json_object_foreach(get_object(endpoint, "checks"), name, value) {
        if (json_is_false(value))
            buf_printf(out, "%s%s", out->length == 0 ? "" : ", ", name);
    }
    const char *reason = get_text(endpoint, "reason", NULL);
    if (reason != NULL)
        buf_printf(out, "%s%s", out->length == 0 ? "" : ", ", reason);
    else if (out->length == 0 && !get_flag(endpoint, "reachable", true))
        buf_add_text(out, "unreachable");
}

static void show_endpoints(struct view *view, const json_t *endpoints) {
    static const char *const headers[] = {"Endpoint",    "Role",        "Status",
                                          "Fingerprint", "Valid until", "What does not hold"};
    struct view_table table = {.headers = headers, .columns = sizeof headers / sizeof *headers};
    size_t index;
    json_t *endpoint;
    json_array_foreach(endpoints, index, endpoint) {
        const json_t *leaf = get_object(get_object(endpoint, "presented"), "leaf");
        struct view_row *row = view_table_add(&table, view_status_mark(get_text(endpoint, "status", "")));
        view_cell(row, 0, get_text(endpoint, "address", NULL));
        view_cell(row, 1, get_text(endpoint, "role", NULL));
        view_cell(row, 2, get_text(endpoint, "status", NULL));
        short_cell(row, 3, get_text(leaf, "fingerprint_sha256", NULL));
        view_cell(row, 4, get_text(leaf, "not_after", NULL));
        auto_buf struct buf failed;
        buf_init(&failed, 0);
        failed_checks(&failed, endpoint);
        view_cell(row, 5, buf_text(&failed));
    }
    view->sink->table(view, &table);
    view_table_done(&table);
}

static enum view_mark match_mark(const json_t *use) {
    const json_t *matches = json_object_get(use, "matches");
    return json_is_true(matches) ? MARK_GOOD : json_is_false(matches) ? MARK_BAD : MARK_WARNING;
}

static void add_use(struct view_table *table, const char *role, const json_t *use) {
    if (use == NULL)
        return;
    enum view_mark mark = match_mark(use);
    struct view_row *row = view_table_add(table, mark);
    view_cell(row, 0, get_text(use, "address", NULL));
    view_cell(row, 1, role);
    view_cell(row, 2, get_text(use, "certificate_id", NULL));
    short_cell(row, 3, get_text(use, "fingerprint_sha256", NULL));
    view_cell(row, 4, mark == MARK_GOOD ? "yes" : mark == MARK_BAD ? "no" : NULL);
}

static void show_api(struct view *view, const json_t *api) {
    static const char *const headers[] = {"Address", "Role", "Certificate id", "Fingerprint", "Is served"};
    if (api == NULL)
        return;
    view->sink->section(view, "What the API says");
    view_fact(view, "status", get_text(api, "status", NULL));
    view_fact(view, "reason", get_text(api, "reason", NULL));
    struct view_table table = {.headers = headers, .columns = sizeof headers / sizeof *headers};
    add_use(&table, "cluster", get_object(api, "cluster"));
    size_t index;
    json_t *node;
    json_array_foreach(get_array(api, "nodes"), index, node)
        add_use(&table, "node", json_is_object(node) ? node : NULL);
    view->sink->table(view, &table);
    view_table_done(&table);
}

static void show_reported(struct view *view, const json_t *reported) {
    static const char *const headers[] = {"Captured at", "Service", "Status", "Fingerprint"};
    if (json_array_size(reported) == 0)
        return;
    view->sink->section(view, "What the console said");
    struct view_table table = {.headers = headers, .columns = sizeof headers / sizeof *headers};
    size_t index;
    json_t *entry;
    json_array_foreach(reported, index, entry) {
        struct view_row *row = view_table_add(&table, view_status_mark(get_text(entry, "status", "")));
        view_cell(row, 0, get_text(entry, "endpoint", NULL));
        view_cell(row, 1, get_text(entry, "service", NULL));
        view_cell(row, 2, get_text(entry, "status", NULL));
        short_cell(row, 3, get_text(entry, "fingerprint_sha256", NULL));
    }
    view->sink->table(view, &table);
    view_table_done(&table);
}

static void show_verify(struct view *view, const json_t *result) {
    const json_t *certificate = get_object(result, "certificate");
    view_fact(view, "status", get_text(result, "status", NULL));
    view_fact(view, "reason", get_text(result, "reason", NULL));
    show_import(view, certificate);
    show_validity(view, certificate);
    view_fact(view, "renew at", get_text(result, "renewal_at", NULL));
    view_flag(view, "renewal due", json_object_get(result, "renewal_due"));
    show_endpoints(view, get_array(result, "endpoints"));
    show_api(view, get_object(result, "api"));
    show_reported(view, get_array(result, "reported"));
}

static const struct {
    const char *operation;
    void (*show)(struct view *view, const json_t *result);
} parts[] = {
    {"generate", show_generate}, {"inspect", show_inspect}, {"import", show_import},
    {"register", show_register}, {"verify", show_verify},
};

void view_result(struct view *view, const char *operation, const json_t *result) {
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcmp(parts[i].operation, operation) == 0) {
            view->sink->section(view, "Result");
            parts[i].show(view, result);
        }
    }
}

/* True when an endpoint presents this leaf and it is its own issuer. */
static bool is_self_signed(const json_t *endpoints, const char *fingerprint) {
    size_t index;
    json_t *endpoint;
    json_array_foreach(endpoints, index, endpoint) {
        const json_t *leaf = get_object(get_object(endpoint, "presented"), "leaf");
        const char *subject = get_text(leaf, "subject", "");
        if (strcmp(get_text(leaf, "fingerprint_sha256", ""), fingerprint) == 0 && *subject != '\0' &&
            strcmp(subject, get_text(leaf, "issuer", "")) == 0)
            return true;
    }
    return false;
}

/* A request for a certificate waits for its CA. */
static void next_step_of_generate(struct view *view, const json_t *result) {
    const char *path = get_text(get_object(result, "paths"), "certificate_path", NULL);
    if (!json_is_false(json_object_get(result, "issued")))
        return;
    auto_text char *text =
        mem_printf("Have a CA sign the request. Put the certificate it issues, and its chain, into %s; "
                   "then run the same request again.",
                   path == NULL ? "a file and name it as certificate_path" : path);
    if (text == NULL)
        return;
    view->sink->section(view, "Next step");
    view->sink->paragraph(view, text);
}

static void next_step_of_verify(struct view *view, const json_t *result) {
    const json_t *certificate = get_object(result, "certificate");
    const char *pem = get_text(certificate, "certificate_pem", NULL);
    if (pem == NULL || strcmp(get_text(result, "status", ""), "in_sync") != 0 ||
        !is_self_signed(get_array(result, "endpoints"), get_text(certificate, "fingerprint_sha256", "")))
        return;
    view->sink->section(view, "Next step");
    view->sink->paragraph(
        view, "Paste this certificate (the file at certificate_path of generate) into the tile's \"NSX Manager CA "
              "Cert\" field and leave \"Disable SSL certificate verification\" off.");
    view->sink->block(view, pem);
}

void view_next_step(struct view *view, const json_t *whole) {
    const char *operation = get_text(whole, "operation", "");
    const json_t *result = get_object(whole, "result");
    if (strcmp(operation, "generate") == 0)
        next_step_of_generate(view, result);
    else if (strcmp(operation, "verify") == 0)
        next_step_of_verify(view, result);
}
