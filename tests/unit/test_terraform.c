/* SPDX-License-Identifier: Apache-2.0 */
/* Terraform's protocol: the query, the gate and the flat answer. */
#include "cli/terraform.h"
#include "cli_fixture.h"
#include "op/op.h"
#include "view_samples.h"
#include "json/get.h"

static json_t *unwrap(const char *query) {
    json_t *document = json_of(query);
    auto_error struct error err = {0};
    ck_assert_msg(terraform_unwrap(&document, &err), "%s: %s", query, err.problem.detail);
    return document;
}

static void refuse(const char *query, enum error_code code, const char *finding, const char *pointer) {
    json_t *document = json_of(query);
    json_t *before = document;
    auto_error struct error err = {0};
    ck_assert_msg(!terraform_unwrap(&document, &err), "%s was accepted", query);
    ck_assert_ptr_eq(document, before);
    ck_assert_int_eq(err.code, code);
    if (finding != NULL) {
        ck_assert_uint_ge(err.errors.count, 1);
        ck_assert_str_eq(err.errors.items[0].code, finding);
    }
    if (pointer != NULL)
        ck_assert_str_eq(err.problem.pointer, pointer);
    json_decref(document);
}

START_TEST(test_the_request_takes_the_querys_place) {
    auto_json json_t *request =
        unwrap("{'request':'{\\u0022operation\\u0022:\\u0022inspect\\u0022,\\u0022parameters\\u0022:{}}'}");
    ck_assert_str_eq(get_text(request, "operation", ""), "inspect");
    ck_assert_ptr_null(get_any(get_object(request, "parameters"), "on_drift"));
}
END_TEST

START_TEST(test_a_drift_never_stops_a_plan_unless_asked) {
    auto_json json_t *silent =
        unwrap("{'request':'{\\u0022operation\\u0022:\\u0022verify\\u0022,\\u0022parameters\\u0022:{}}'}");
    ck_assert_str_eq(get_text(get_object(silent, "parameters"), "on_drift", ""), "report");
    auto_json json_t *said = unwrap(
        "{'request':'{\\u0022operation\\u0022:\\u0022verify\\u0022,\\u0022parameters\\u0022:{\\u0022on_drift\\u0022:\\u0022fail\\u0022}}'}");
    ck_assert_str_eq(get_text(get_object(said, "parameters"), "on_drift", ""), "fail");
}
END_TEST

START_TEST(test_wrong_queries_are_refused) {
    refuse("{}", ERROR_INVALID_REQUEST, "missing-member", "/request");
    refuse("[]", ERROR_INVALID_REQUEST, NULL, NULL);
    refuse("{'request':{}}", ERROR_INVALID_REQUEST, "invalid-value", "/request");
    refuse("{'request':'{}','a/b':'c'}", ERROR_INVALID_REQUEST, "unknown-member", "/a~1b");
    refuse("{'request':'{'}", ERROR_MALFORMED_REQUEST, NULL, "/request");
    refuse("{'request':'{} x'}", ERROR_MALFORMED_REQUEST, NULL, "/request");
    refuse("{'request':''}", ERROR_MALFORMED_REQUEST, NULL, "/request");
}
END_TEST

START_TEST(test_all_mistakes_of_a_query_are_told) {
    auto_json json_t *document = json_of("{'reqest':'x','other':1}");
    auto_error struct error err = {0};
    ck_assert(!terraform_unwrap(&document, &err));
    ck_assert_uint_eq(err.errors.count, 3);
    ck_has(err.errors.items[0].detail, "did you mean");
}
END_TEST

START_TEST(test_only_reading_and_dry_runs_pass) {
    static const struct operation reads = {.name = "verify", .flags = OP_NETWORK};
    static const struct operation files = {.name = "generate", .flags = OP_WRITES_FILES};
    static const struct operation manager = {.name = "import", .flags = OP_NETWORK | OP_WRITES_MANAGER};
    auto_json json_t *real = json_of("{'dry_run':false}");
    auto_json json_t *dry = json_of("{'dry_run':true}");
    auto_error struct error err = {0};
    ck_assert(terraform_gate(&reads, real, &err));
    ck_assert(terraform_gate(&files, dry, &err));
    ck_assert(terraform_gate(&manager, dry, &err));
    ck_assert(!terraform_gate(&files, real, &err));
    ck_assert_int_eq(err.code, ERROR_USAGE);
    ck_has(err.problem.remedy, "dry_run");
    ck_assert(!terraform_gate(&manager, real, &err));
}
END_TEST

static json_t *flatten(const char *sample) {
    auto_json json_t *result = json_of(sample);
    auto_json json_t *before = json_deep_copy(result);
    json_t *flat = terraform_flatten(result);
    ck_assert(json_equal(result, before));
    ck_assert_uint_eq(json_object_size(flat), 11);
    const char *name;
    json_t *value;
    json_object_foreach(flat, name, value) ck_assert_msg(json_is_string(value), "%s is no string", name);
    return flat;
}

static void expect(const json_t *flat, const char *name, const char *value) {
    ck_assert_msg(strcmp(get_text(flat, name, "?"), value) == 0, "%s is %s, not %s", name, get_text(flat, name, "?"),
                  value);
}

START_TEST(test_verify_is_flat) {
    auto_json json_t *flat = flatten(sample_in_sync);
    expect(flat, "status", "in_sync");
    expect(flat, "changed", "false");
    expect(flat, "renewal_due", "false");
    expect(flat, "certificate_id", "");
    expect(flat, "display_name", "");
    expect(flat, "fingerprint_sha256", SAMPLE_FINGERPRINT);
    expect(flat, "not_after", "2030-10-01T00:00:00Z");
    ck_has(get_text(flat, "certificate_pem", ""), "-----BEGIN CERTIFICATE-----\n");
    expect(flat, "warnings", "");
    expect(flat, "reason", "");
    auto_json json_t *drifted = flatten(sample_drifted);
    expect(drifted, "status", "drifted");
    expect(drifted, "reason", "drifted");
}
END_TEST

START_TEST(test_a_planned_change_is_a_drift) {
    auto_json json_t *planned = flatten(sample_import);
    expect(planned, "status", "drifted");
    expect(planned, "changed", "true");
    expect(planned, "certificate_id", "5f1c");
    expect(planned, "renewal_due", "");
    auto_json json_t *nothing = flatten("{'operation':'import','ok':true,'changed':false,'result':{}}");
    expect(nothing, "status", "in_sync");
    auto_json json_t *failed =
        flatten("{'operation':'import','ok':false,'changed':false,'result':null,'error':{'code':'unreachable'}}");
    expect(failed, "status", "unknown");
    expect(failed, "reason", "unreachable");
}
END_TEST

START_TEST(test_a_finding_of_inspect_is_a_drift) {
    auto_json json_t *bad =
        flatten("{'operation':'inspect','ok':true,'changed':false,'result':{'certificates':[{'fingerprint_sha256':'aa',"
                "'not_after':'2030-01-01T00:00:00Z'},{'fingerprint_sha256':'bb'}],'findings':[{'severity':'error'}]}}");
    expect(bad, "status", "drifted");
    expect(bad, "fingerprint_sha256", "aa");
    expect(bad, "not_after", "2030-01-01T00:00:00Z");
    auto_json json_t *good = flatten(
        "{'operation':'inspect','ok':true,'changed':false,'result':{'certificates':[],'findings':[{'severity':'warning'}]}}");
    expect(good, "status", "in_sync");
}
END_TEST

START_TEST(test_warnings_are_sorted_and_told_once) {
    auto_json json_t *flat =
        flatten("{'operation':'verify','ok':true,'result':{'status':'unknown','reason':'unreachable'},"
                "'warnings':[{'code':'nodes-differ'},{'code':'api-not-read'},{'code':'nodes-differ'},{}]}");
    expect(flat, "warnings", ",api-not-read,nodes-differ");
    expect(flat, "reason", "unreachable");
}
END_TEST

/* Two looks at one world: other durations, counts, words and order of members. */
START_TEST(test_equal_worlds_give_equal_bytes) {
    auto_json json_t *one = flatten(
        "{'operation':'verify','ok':true,'warnings':[{'code':'a','detail':'after 3 ms'}],'result':{'status':'in_sync',"
        "'b':[{'settled_after_ms':4,'x':1}]},'meta':{'duration_ms':3,'http_requests':1}}");
    auto_json json_t *two = flatten(
        "{'meta':{'duration_ms':9,'http_requests':7},'result':{'b':[{'x':1,'settled_after_ms':5}],'status':'in_sync'},"
        "'warnings':[{'detail':'after 4 ms','code':'a'}],'ok':true,'operation':'verify'}");
    expect(one, "result_json", get_text(two, "result_json", ""));
    expect(
        one, "result_json",
        "{\"ok\":true,\"operation\":\"verify\",\"result\":{\"b\":[{\"x\":1}],\"status\":\"in_sync\"},\"warnings\":[{\"code\":\"a\"}]}");
}
END_TEST

static void fill(TCase *tests) {
    tcase_add_test(tests, test_the_request_takes_the_querys_place);
    tcase_add_test(tests, test_a_drift_never_stops_a_plan_unless_asked);
    tcase_add_test(tests, test_wrong_queries_are_refused);
    tcase_add_test(tests, test_all_mistakes_of_a_query_are_told);
    tcase_add_test(tests, test_only_reading_and_dry_runs_pass);
    tcase_add_test(tests, test_verify_is_flat);
    tcase_add_test(tests, test_a_planned_change_is_a_drift);
    tcase_add_test(tests, test_a_finding_of_inspect_is_a_drift);
    tcase_add_test(tests, test_warnings_are_sorted_and_told_once);
    tcase_add_test(tests, test_equal_worlds_give_equal_bytes);
}

int main(void) {
    return run_case("terraform", fill);
}
