/* SPDX-License-Identifier: Apache-2.0 */
/* Rules between members that the schema cannot say; checked with it, before anything is touched. */
#include "cli/rules.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "x509/name.h"
#include "json/get.h"
#include "json/schema.h"

/* One finding at a place is enough, and `errors` has an end. */
static bool may_add(const struct problems *findings, const char *pointer) {
    return findings->count < SCHEMA_FINDINGS_MAX && (pointer == NULL || !problems_point_at(findings, pointer));
}

static void add(struct problems *findings, enum error_code code, const char *pointer, const char *detail) {
    if (may_add(findings, pointer))
        problem_set_pointer(problems_add(findings, code, "%s", detail), pointer);
}

static bool has(const json_t *object, const char *name) {
    return get_any(object, name) != NULL;
}

/* An endpoint as text, or its `address`. */
/* The address of an endpoint that is none; NULL when all is well. */
static const char *bad_address(const json_t *endpoint) {
    const char *text = json_is_string(endpoint) ? json_string_value(endpoint) : get_text(endpoint, "address", NULL);
    char host[NAME_HOST_SIZE];
    int port;
    return text == NULL || name_split_endpoint(text, 443, host, &port) ? NULL : text;
}

static void check_endpoint(const json_t *endpoint, const char *pointer, struct problems *findings) {
    const char *text = bad_address(endpoint);
    if (text == NULL)
        return;
    auto_text char *place = mem_printf("%s%s", pointer, json_is_string(endpoint) ? "" : "/address");
    if (!may_add(findings, place))
        return;
    struct problem *item =
        problems_add(findings, ERROR_INVALID_VALUE,
                     "\"%s\" is no address: expected an IPv4 address, [IPv6] or a host name, with an "
                     "optional :port from 1 to 65535",
                     text);
    problem_set_pointer(item, place);
}

static void check_endpoints(const json_t *list, const char *pointer, struct problems *findings) {
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item) {
        if (bad_address(item) == NULL)
            continue;
        auto_text char *place = mem_printf("%s/%zu", pointer, index);
        if (place != NULL)
            check_endpoint(item, place, findings);
    }
}

static void check_manager(const json_t *request, struct problems *findings) {
    const json_t *manager = get_object(request, "manager");
    if (manager == NULL || problems_point_at(findings, "/manager"))
        return;
    check_endpoint(get_any(manager, "address"), "/manager/address", findings);
    check_endpoints(get_array(manager, "nodes"), "/manager/nodes", findings);
}

/* Each SAN entry and the like must be a name or address that a certificate can carry. */
static void check_names(const json_t *list, const char *pointer,
                        bool (*adder)(struct san *, const char *, struct error *), struct problems *findings) {
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item) {
        auto_san struct san scratch = {0};
        auto_error struct error cause = {0};
        if (!json_is_string(item) || adder(&scratch, json_string_value(item), &cause))
            continue;
        auto_text char *place = mem_printf("%s/%zu", pointer, index);
        add(findings, ERROR_INVALID_VALUE, place,
            cause.problem.detail == NULL ? "not a usable name" : cause.problem.detail);
    }
}

static void check_common_name(const json_t *parameters, struct problems *findings) {
    const char *name = get_text(parameters, "common_name", NULL);
    auto_san struct san scratch = {0};
    auto_error struct error cause = {0};
    if (name != NULL && !san_add_host(&scratch, name, &cause))
        add(findings, ERROR_INVALID_VALUE, "/parameters/common_name",
            cause.problem.detail == NULL ? "not a usable name" : cause.problem.detail);
}

static void check_time(const json_t *parameters, const char *name, const char *pointer, struct problems *findings) {
    const char *text = get_text(parameters, name, NULL);
    time_t moment;
    if (text != NULL && !clock_parse(text, &moment))
        add(findings, ERROR_INVALID_VALUE, pointer, "not a date-time of RFC 3339 in UTC, such as 2026-01-31T12:00:00Z");
}

static void check_paths_differ(const json_t *parameters, struct problems *findings) {
    static const char *const names[] = {"key_path", "certificate_path", "request_path"};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < i; j++) {
            const char *a = get_text(parameters, names[i], NULL);
            const char *b = get_text(parameters, names[j], NULL);
            if (a == NULL || b == NULL || strcmp(a, b) != 0)
                continue;
            auto_text char *pointer = mem_printf("/parameters/%s", names[i]);
            auto_text char *detail = mem_printf("the same file as %s", names[j]);
            add(findings, ERROR_INVALID_VALUE, pointer, detail == NULL ? "the same file twice" : detail);
        }
}

static void check_kind(const json_t *parameters, struct problems *findings) {
    const char *kind = get_text(parameters, "kind", "self_signed");
    if (problems_point_at(findings, "/parameters/kind"))
        return;
    bool is_request = strcmp(kind, "request") == 0;
    if (is_request && !has(parameters, "request_path"))
        add(findings, ERROR_MISSING_MEMBER, "/parameters/request_path", "`kind: request` needs `request_path`");
    if (!is_request && has(parameters, "request_path"))
        add(findings, ERROR_INVALID_VALUE, "/parameters/request_path", "only `kind: request` writes a request");
    if (strcmp(kind, "ca_signed") != 0 && has(parameters, "issuer"))
        add(findings, ERROR_INVALID_VALUE, "/parameters/issuer", "only `kind: ca_signed` has an issuer");
}

static void check_window(const json_t *parameters, struct problems *findings) {
    long long window = get_integer(parameters, "renew_before_days", -1);
    if (problems_point_at(findings, "/parameters/validity_days"))
        return;
    if (window >= get_integer(parameters, "validity_days", 365))
        add(findings, ERROR_RENEWAL_WINDOW_TOO_LONG, "/parameters/renew_before_days",
            "not shorter than `validity_days`: every run would renew the certificate");
}

static void check_generate(const json_t *parameters, struct problems *findings) {
    check_kind(parameters, findings);
    check_window(parameters, findings);
    check_common_name(parameters, findings);
    const json_t *san = get_object(parameters, "san");
    check_names(get_array(san, "dns"), "/parameters/san/dns", san_add_dns, findings);
    check_names(get_array(san, "ip"), "/parameters/san/ip", san_add_ip, findings);
    check_time(parameters, "issued_after", "/parameters/issued_after", findings);
    check_paths_differ(parameters, findings);
}

static void check_inspect(const json_t *parameters, struct problems *findings) {
    check_endpoint(get_any(parameters, "endpoint"), "/parameters/endpoint", findings);
    check_names(get_array(parameters, "addresses"), "/parameters/addresses", san_add_host, findings);
    if (has(parameters, "endpoint") && has(parameters, "private_key"))
        add(findings, ERROR_INVALID_VALUE, "/parameters/private_key", "a key is compared with `certificate` only");
}

static void check_reference(const json_t *parameters, const char *name, struct problems *findings) {
    const json_t *endpoint = get_any(get_object(parameters, name), "endpoint");
    auto_text char *pointer = mem_printf("/parameters/%s/endpoint", name);
    if (endpoint != NULL && pointer != NULL)
        check_endpoint(endpoint, pointer, findings);
}

static void check_verify(const json_t *request, const json_t *parameters, struct problems *findings) {
    check_reference(parameters, "expected", findings);
    check_endpoints(get_array(parameters, "endpoints"), "/parameters/endpoints", findings);
    size_t index;
    json_t *item;
    json_array_foreach(get_array(parameters, "reported"), index, item) {
        auto_text char *pointer = mem_printf("/parameters/reported/%zu/endpoint", index);
        if (pointer != NULL)
            check_endpoint(get_any(item, "endpoint"), pointer, findings);
    }
    if (has(get_object(parameters, "expected"), "certificate_id") && !has(get_object(request, "manager"), "auth") &&
        !problems_point_at(findings, "/manager"))
        add(findings, ERROR_MISSING_MEMBER, "/manager/auth",
            "`expected: {certificate_id}` is looked up in the manager");
}

void rules_check(const struct operation *operation, const json_t *request, struct problems *findings) {
    const json_t *parameters = get_object(request, "parameters");
    check_manager(request, findings);
    if (strcmp(operation->name, "generate") == 0)
        check_generate(parameters, findings);
    else if (strcmp(operation->name, "inspect") == 0)
        check_inspect(parameters, findings);
    else if (strcmp(operation->name, "register") == 0)
        check_reference(parameters, "certificate", findings);
    else if (strcmp(operation->name, "verify") == 0)
        check_verify(request, parameters, findings);
}
