/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of nsx/calls: the call of each version, and falling back. */
#include "nsx/calls.h"

#include "manager_stub.h"

#define CERTIFICATES "/api/v1/trust-management/certificates"

static void ask(struct manager *manager, enum call_id id, bool expected, const char *expected_name) {
    const struct call_arguments arguments = {.certificate_id = "c 1", .node_id = "n/1"};
    struct manager_answer answer;
    auto_error struct error err = {0};
    const char *name = NULL;
    ck_assert(call_do(manager, manager_peer(manager), id, &arguments, &answer, &name, &err) == expected);
    ck_assert_str_eq(name, expected_name);
    json_decref(answer.body);
}

START_TEST(test_call_by_version) {
    STUB(manager, 3, 1,
         {.asked = "POST /api/v1/cluster/api-certificate?action=set_cluster_certificate&certificate_id=c%201",
          .status = 200},
         {.asked = "POST /api/v1/node/services/http?action=apply_certificate&certificate_id=c%201", .status = 202},
         {.asked = "POST /api/v1/cluster/n%2F1/node/services/http?action=apply_certificate&certificate_id=c%201",
          .status = 202},
         {.asked = "GET " CERTIFICATES "/c%201?action=validate", .status = 200, .body = "{}"});
    ask(manager, CALL_APPLY_CLUSTER, true, "cluster/api-certificate?action=set_cluster_certificate");
    ask(manager, CALL_APPLY_NODE, true, "node/services/http?action=apply_certificate");
    ask(manager, CALL_APPLY_NODE_THROUGH, true, "cluster/NODE-ID/node/services/http?action=apply_certificate");
    ask(manager, CALL_VALIDATE, true, "certificates/ID?action=validate");
    stub_done(manager);
}
END_TEST

START_TEST(test_newer_call) {
    STUB(manager, 10, 0,
         {.asked = "POST " CERTIFICATES "/c%201?action=apply_certificate&service_type=MGMT_CLUSTER", .status = 200},
         {.asked = "POST " CERTIFICATES "/c%201?action=apply_certificate&service_type=API&node_id=n%2F1",
          .status = 200});
    ask(manager, CALL_APPLY_CLUSTER, true, "certificates/ID?action=apply_certificate&service_type=MGMT_CLUSTER");
    ask(manager, CALL_APPLY_NODE, true, "certificates/ID?action=apply_certificate&service_type=API");
    stub_done(manager);
}
END_TEST

static const struct {
    int status;
    long long code;
    const char *words;
    bool falls_back;
} refusals[] = {
    {405, 0, NULL, true},
    {404, 0, NULL, true},
    {404, 289, "The requested URL was not found", true},
    {400, 0, "Unknown action: apply_certificate", true},
    {404, 202, "no such certificate", false},
    {404, 600, "no such certificate", false},
    {400, 0, "this action failed: chain incomplete", false},
    {400, 2076, "Certificate chain validation failed", false},
    {409, 0, "another replacement", false},
    {500, 0, NULL, false},
};

START_TEST(test_fallback) {
    struct stub_call script[] = {
        {.asked = "POST " CERTIFICATES "/c%201?action=apply_certificate&service_type=MGMT_CLUSTER",
         .status = refusals[_i].status,
         .error_code = refusals[_i].code,
         .words = refusals[_i].words},
        {.asked = "POST /api/v1/cluster/api-certificate?action=set_cluster_certificate&certificate_id=c%201",
         .status = 200}};
    bool falls = refusals[_i].falls_back;
    struct manager *manager = stub_manager(4, 1, script, falls ? 2 : 1);
    ask(manager, CALL_APPLY_CLUSTER, falls,
        falls ? "cluster/api-certificate?action=set_cluster_certificate"
              : "certificates/ID?action=apply_certificate&service_type=MGMT_CLUSTER");
    ck_assert(problems_have(&stub_warnings, "call-fallback") == falls);
    stub_done(manager);
}
END_TEST

START_TEST(test_falls_back_once) {
    STUB(manager, 4, 1, {.asked = "GET " CERTIFICATES "/c%201?action=validate&usage=SERVER", .status = 405},
         {.asked = "GET " CERTIFICATES "/c%201?action=validate", .status = 405});
    ask(manager, CALL_VALIDATE, false, "certificates/ID?action=validate");
    stub_done(manager);
}
END_TEST

START_TEST(test_missing_call) {
    ck_assert(!call_exists(CALL_VALIDATE, (struct lint_version){2, 5, 9}));
    ck_assert(call_exists(CALL_VALIDATE, (struct lint_version){3, 0, 0}));
    struct manager *manager = stub_manager(2, 5, NULL, 0);
    struct manager_answer answer;
    auto_error struct error err = {0};
    ck_assert(!call_do(manager, manager_peer(manager), CALL_VALIDATE, NULL, &answer, NULL, &err));
    ck_assert_int_eq(err.code, ERROR_UNSUPPORTED_VERSION);
    ck_assert_int_eq(answer.outcome, CALL_FAILED);
    stub_done(manager);
}
END_TEST

static const char *const no_objects[] = {"[1]", "'text'", "null", NULL};

START_TEST(test_fetch_wants_an_object) {
    const struct stub_call script[] = {{.asked = "GET /api/v1/cluster", .status = 200, .body = no_objects[_i]}};
    struct manager *manager = stub_manager(4, 1, script, 1);
    auto_error struct error err = {0};
    ck_assert_ptr_null(call_fetch(manager, manager_peer(manager), CALL_CLUSTER, NULL, &err));
    ck_assert_int_eq(err.code, ERROR_UNEXPECTED_ANSWER);
    stub_done(manager);
}
END_TEST

static const struct {
    const char *body;
    enum error_code code;
    int major;
} versions[] = {
    {"{'product_version': '4.1.0.2.0.217', 'node_version': '3.0.0'}", ERROR_NONE, 4},
    {"{'node_version': '2.4'}", ERROR_NONE, 2},
    {"{'node_version': '10.0.0.0.1.2.3.4'}", ERROR_NONE, 10},
    {"{'node_version': '2.3.9.0'}", ERROR_UNSUPPORTED_VERSION, 0},
    {"{'node_version': 'unknown'}", ERROR_UNEXPECTED_ANSWER, 0},
    {"{'node_version': 4}", ERROR_UNEXPECTED_ANSWER, 0},
    {"{}", ERROR_UNEXPECTED_ANSWER, 0},
};

START_TEST(test_version) {
    const struct stub_call script[] = {{.asked = "GET /api/v1/node/version", .status = 200, .body = versions[_i].body}};
    struct manager *manager = stub_manager(0, 0, script, 1);
    manager->main.has_version = false;
    auto_error struct error err = {0};
    struct lint_version version = {0};
    bool ok = versions[_i].code == ERROR_NONE;
    ck_assert(peer_version(manager, manager_peer(manager), &version, &err) == ok);
    ck_assert_int_eq(err.code, versions[_i].code);
    ck_assert_int_eq(version.major, versions[_i].major);
    if (ok) /* asked once */
        ck_assert(peer_version(manager, manager_peer(manager), &version, &err));
    stub_done(manager);
}
END_TEST

static void add_tests(TCase *tests) {
    tcase_add_test(tests, test_call_by_version);
    tcase_add_test(tests, test_newer_call);
    tcase_add_loop_test(tests, test_fallback, 0, sizeof refusals / sizeof *refusals);
    tcase_add_test(tests, test_falls_back_once);
    tcase_add_test(tests, test_missing_call);
    tcase_add_loop_test(tests, test_fetch_wants_an_object, 0, sizeof no_objects / sizeof *no_objects);
    tcase_add_loop_test(tests, test_version, 0, sizeof versions / sizeof *versions);
}

int main(void) {
    json_object_seed(1);
    return unit_run_tests("calls", add_tests);
}
