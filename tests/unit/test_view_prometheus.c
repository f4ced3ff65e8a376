/* SPDX-License-Identifier: Apache-2.0 */
/* Results as metrics: which facts become which series. */
#include "cli/view.h"
#include "cli_fixture.h"
#include "unit.h"
#include "view_samples.h"

static char *show(const char *sample) {
    auto_json json_t *result = json_of(sample);
    struct buf out;
    buf_init(&out, 0);
    view_prometheus(result, &out);
    return buf_take(&out);
}

#define IMPORT "{operation=\"import\",target=\"192.0.2.10\",request_id=\"change-4711\",dry_run=\"false\""
#define VERIFY "{operation=\"verify\",target=\"192.0.2.10\",request_id=\"change-4711\",dry_run=\"false\""

START_TEST(test_a_run_tells_how_it_went) {
    auto_text char *text = show(sample_import);
    ck_has(text, "\nnsxcert_last_run_success" IMPORT "} 1\n");
    ck_has(text, "\nnsxcert_last_run_changed" IMPORT "} 1\n");
    ck_has(text, "\nnsxcert_last_run_duration_seconds" IMPORT "} 0.005\n");
    ck_has(text, "\nnsxcert_last_run_http_requests" IMPORT "} 4\n");
    ck_has(text, "\nnsxcert_last_run_tls_connections" IMPORT "} 1\n");
    ck_has(text, "\nnsxcert_last_run_warnings" IMPORT ",code=\"literal-display-name\"} 1\n");
    ck_has(text, "\nnsxcert_last_run_info" IMPORT ",version=\"1.0.0\",trusted_by=\"pin\",nsx_version=\"2.4.0\"} 1\n");
    ck_has(text, "\nnsxcert_certificate_info" IMPORT ",fingerprint_sha256=\"" SAMPLE_FINGERPRINT
                 "\",certificate_id=\"5f1c\",display_name=\"vip-9f86\"} 1\n");
    ck_lacks(text, "error_code=");
    ck_lacks(text, "nsxcert_status");
}
END_TEST

START_TEST(test_a_failure_tells_its_code) {
    auto_text char *text = show(sample_refused);
    ck_has(text, "\nnsxcert_last_run_success" IMPORT "} 0\n");
    ck_has(text, "\nnsxcert_last_run_info" IMPORT ",error_code=\"manager-refused\",version=");
}
END_TEST

START_TEST(test_verify_tells_each_endpoint) {
    auto_text char *text = show(sample_drifted);
    ck_has(text, "\nnsxcert_status" VERIFY ",status=\"drifted\"} 1\n");
    ck_has(text, "\nnsxcert_status" VERIFY ",status=\"in_sync\"} 0\n");
    ck_has(text, "\nnsxcert_status" VERIFY ",status=\"unknown\"} 0\n");
    ck_has(text, "\nnsxcert_renewal_due" VERIFY "} 0\n");
    ck_has(text, "\nnsxcert_renewal_timestamp_seconds" VERIFY "} 1906502400\n");
    ck_has(text, "\nnsxcert_certificate_not_after_timestamp_seconds" VERIFY "} 1917043200\n");
    ck_has(text, "\nnsxcert_endpoint_certificate_not_after_timestamp_seconds" VERIFY
                 ",address=\"192.0.2.10\",role=\"vip\"} 1917043200\n");
    ck_has(text, "\nnsxcert_endpoint_status" VERIFY ",address=\"192.0.2.11\",role=\"node\",status=\"drifted\"} 1\n");
    ck_has(text, "\nnsxcert_endpoint_status" VERIFY ",address=\"192.0.2.12\",role=\"node\",status=\"unknown\"} 1\n");
    ck_has(text, "\nnsxcert_endpoint_reachable" VERIFY ",address=\"192.0.2.12\",role=\"node\"} 0\n");
    ck_has(text, "\nnsxcert_endpoint_check" VERIFY ",address=\"192.0.2.11\",role=\"node\",check=\"chain\"} 0\n");
    ck_has(text, "\nnsxcert_endpoint_check" VERIFY ",address=\"192.0.2.11\",role=\"node\",check=\"validity\"} 1\n");
    ck_lacks(text, "check=\"common_name\""); /* null: not judged */
    ck_lacks(text, "nsxcert_api_status");
}
END_TEST

static const struct {
    const char *result, *line;
} certificates[] = {
    {"{'operation':'generate','dry_run':true,'result':{'not_before':'2026-01-01T00:00:00Z','renewal_due':true}}",
     "\nnsxcert_certificate_not_before_timestamp_seconds{operation=\"generate\",dry_run=\"true\"} 1767225600\n"},
    {"{'operation':'generate','dry_run':true,'result':{'renewal_due':true}}",
     "\nnsxcert_renewal_due{operation=\"generate\",dry_run=\"true\"} 1\n"},
    {"{'operation':'inspect','result':{'endpoint':'192.0.2.11','certificates':[{'not_after':'1969-12-31T23:59:59Z'},{}]}}",
     "\nnsxcert_certificate_not_after_timestamp_seconds{operation=\"inspect\",target=\"192.0.2.11\",dry_run=\"false\"} "
     "-1\n"},
    {"{'operation':'inspect','result':{'findings':[{'code':'a','severity':'error'},{'code':'a','severity':'error'}]}}",
     "\nnsxcert_findings{operation=\"inspect\",dry_run=\"false\",code=\"a\",severity=\"error\"} 2\n"},
    {"{'operation':'register','result':{'endpoints':[{'address':'a','role':'vip','settled_after_ms':1290}]}}",
     "\nnsxcert_endpoint_settle_duration_seconds{operation=\"register\",dry_run=\"false\",address=\"a\",role=\"vip\"} "
     "1.290\n"},
    {"{'operation':'verify','result':{'api':{'status':'unknown'}}}",
     "\nnsxcert_api_status{operation=\"verify\",dry_run=\"false\",status=\"unknown\"} 1\n"},
    {"{'operation':null,'ok':false}", "\nnsxcert_last_run_success{dry_run=\"false\"} 0\n"},
};

START_TEST(test_facts_of_other_operations) {
    auto_text char *text = show(certificates[_i].result);
    ck_has(text, certificates[_i].line);
}
END_TEST

/* One endpoint asked for under two names: the worse of the two is told. */
START_TEST(test_an_address_told_twice) {
    auto_text char *text = show("{'operation':'verify','result':{'endpoints':["
                                "{'address':'a','status':'in_sync','reachable':true,'checks':{'name':true},"
                                "'presented':{'leaf':{'not_after':'2030-01-01T00:00:00Z'}}},"
                                "{'address':'a','status':'drifted','reachable':false,'checks':{'name':false},"
                                "'presented':{'leaf':{'not_after':'2026-01-01T00:00:00Z'}}}]}}");
#define A "{operation=\"verify\",dry_run=\"false\",address=\"a\""
    ck_has(text, "\nnsxcert_endpoint_status" A ",status=\"drifted\"} 1\n");
    ck_has(text, "\nnsxcert_endpoint_reachable" A "} 0\n");
    ck_has(text, "\nnsxcert_endpoint_check" A ",check=\"name\"} 0\n");
    ck_has(text, "\nnsxcert_endpoint_certificate_not_after_timestamp_seconds" A "} 1767225600\n");
}
END_TEST

/* What a later version may put there, or somebody else. */
START_TEST(test_other_types_are_left_out) {
    auto_text char *text =
        show("{'operation':7,'ok':'yes','changed':1,'target':[],'meta':{'duration_ms':'5'},'warnings':{},"
             "'result':{'status':true,'renewal_due':'no','renewal_at':'soon','certificate':{'not_after':5},"
             "'endpoints':[3,{'status':'new'}]}}");
    ck_has(text, "\nnsxcert_last_run_success{dry_run=\"false\"} 0\n");
    ck_has(text, "\nnsxcert_endpoint_status{dry_run=\"false\",status=\"drifted\"} 0\n");
    ck_lacks(text, "duration");
    ck_lacks(text, "renewal");
    ck_lacks(text, "not_after");
    ck_lacks(text, "nsxcert_status");
}
END_TEST

/* A text with anything lost would be taken for good news. */
static bool show_once(void *context) {
    struct buf out;
    buf_init(&out, 0);
    view_prometheus(context, &out);
    bool whole = !out.failed;
    buf_done(&out);
    return whole;
}

START_TEST(test_nothing_is_lost_without_notice) {
    auto_json json_t *result = json_of(sample_drifted);
    (void)unit_starve(show_once, result, true);
}
END_TEST

static void fill(TCase *tests) {
    tcase_add_test(tests, test_a_run_tells_how_it_went);
    tcase_add_test(tests, test_a_failure_tells_its_code);
    tcase_add_test(tests, test_verify_tells_each_endpoint);
    tcase_add_loop_test(tests, test_facts_of_other_operations, 0, sizeof certificates / sizeof *certificates);
    tcase_add_test(tests, test_an_address_told_twice);
    tcase_add_test(tests, test_other_types_are_left_out);
    tcase_add_test(tests, test_nothing_is_lost_without_notice);
}

int main(void) {
    return run_case("view_prometheus", fill);
}
