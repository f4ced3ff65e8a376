/* SPDX-License-Identifier: Apache-2.0 */
/* Results on a terminal. */
#include "cli/layout.h"
#include "cli/view.h"
#include "cli_fixture.h"
#include "view_samples.h"

static char *show(const char *sample, bool color) {
    auto_json json_t *result = json_of(sample);
    struct buf out;
    buf_init(&out, 0);
    view_text(result, color, &out);
    return buf_take(&out);
}

static void set_locale(const char *all, const char *ctype, const char *lang) {
    setenv("LC_ALL", all, 1);
    setenv("LC_CTYPE", ctype, 1);
    setenv("LANG", lang, 1);
}

START_TEST(test_an_import_tells_steps_diff_result_and_warning) {
    set_locale("", "", "C.UTF-8");
    auto_text char *text = show(sample_import, false);
    ck_has(text, "✓ import: ok, changed\n");
    ck_has(text, "target           192.0.2.10\n");
    ck_has(text, "  ✓ import done at 192.0.2.10:443: not in the trust store\n");
    ck_has(text, "  – validate skipped: NSX before 3.0\n");
    ck_has(text, "before: none\n");
    ck_has(text, "after: display_name vip-9f86, SAN DNS:nsx.example.com, IP:192.0.2.10\n");
    ck_has(text, "certificate id   5f1c\n");
    ck_has(text, "fingerprint      " SAMPLE_FINGERPRINT "\n");
    ck_has(text, "! The display name will not survive the renewal (literal-display-name)\n");
    ck_has(text, "at: /parameters/display_name\n");
    ck_has(text, "do: Put {fingerprint} into it.\n");
    ck_lacks(text, "\033");
}
END_TEST

START_TEST(test_a_failure_tells_the_managers_words_and_all_findings) {
    auto_text char *text = show(sample_refused, false);
    ck_has(text, "import: failed, nothing changed\n");
    ck_has(text, "The manager refused the call (manager-refused)\n");
    ck_has(text, "the import was refused\n");
    ck_has(text, "do: Act on its words.\n");
    ck_has(text, "step: import\n");
    ck_has(text, "manager says: HTTP 400, error 2000 of internal-framework: Certificate\n        chain is bad\n");
    ck_has(text, "/api/v1/trust-management/certificates?action=import");
    ck_has(text, "line: 3\n");
    ck_has(text, "presented.subject: CN=factory\n");
    ck_has(text, "A value is not allowed here (invalid-value)\n");
    ck_has(text, "at: /parameters/display_name\n");
    ck_has(text, "The same request may succeed later.\n");
    ck_has(text, "Rolling back\n");
    ck_has(text, "cleared\n");
    ck_has(text, "Not known yet\n  /result/certificate_id\n");
}
END_TEST

START_TEST(test_a_dry_run_of_which_nothing_is_known_shows_no_empty_result) {
    auto_text char *text = show("{'operation':'import','ok':true,'changed':false,'dry_run':true,"
                                "'result':{'certificate_id':null,'display_name':null}}",
                                false);
    ck_has(text, "import: ok, dry run: would change nothing\n");
    ck_lacks(text, "Result");
}
END_TEST

START_TEST(test_a_request_says_what_to_do_until_it_is_issued) {
    auto_text char *waiting = show("{'operation':'generate','ok':true,'changed':true,"
                                   "'result':{'issued':false,'paths':{'certificate_path':'nsx.crt'}}}",
                                   false);
    ck_has(waiting, "Next step\n  Have a CA sign the request.");
    ck_has(waiting, "into nsx.crt;");
    auto_text char *issued = show("{'operation':'generate','ok':true,'changed':false,'result':{'issued':true}}", false);
    ck_lacks(issued, "Next step");
}
END_TEST

START_TEST(test_a_call_sent_elsewhere_says_where) {
    auto_text char *text = show("{'operation':'register','ok':true,'changed':true,'result':{'endpoints':["
                                "{'address':'192.0.2.11','role':'node','call':'a','via':'192.0.2.11'},"
                                "{'address':'192.0.2.10','role':'vip','call':'b','via':'192.0.2.11'}]}}",
                                false);
    ck_has(text, "node  -             a\n");
    ck_has(text, "vip   -             b (by way of 192.0.2.11)\n");
}
END_TEST

START_TEST(test_verify_has_a_row_for_each_endpoint) {
    set_locale("", "", "C.UTF-8");
    auto_text char *text = show(sample_drifted, false);
    ck_has(text, "✗ verify: failed, drifted, nothing changed\n");
    ck_has(text, "  ✓ 192.0.2.10  vip   in_sync  9f86d081884c7d65  2030-10-01T00:00:00Z  \n");
    ck_has(text, "  ✗ 192.0.2.11  node  drifted  -                 -                     fingerprint, chain\n");
    ck_has(text, "  ! 192.0.2.12  node  unknown  -                 -                     unreachable\n");
    ck_lacks(text, "Next step");
}
END_TEST

START_TEST(test_the_next_step_follows_a_self_signed_certificate_in_sync) {
    auto_text char *text = show(sample_in_sync, false);
    ck_has(text, "\"NSX Manager CA Cert\" field");
    ck_has(text, "\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    auto_text char *ca_signed = show(sample_ca_signed, false);
    ck_lacks(ca_signed, "NSX Manager CA Cert");
}
END_TEST

START_TEST(test_colors_come_only_when_asked_for) {
    auto_text char *text = show(sample_drifted, true);
    ck_has(text, "\033[31m");
    ck_has(text, "\033[32m");
    ck_has(text, "\033[0m");
}
END_TEST

START_TEST(test_the_locale_decides_about_the_signs) {
    set_locale("C", "C.UTF-8", "C.UTF-8");
    auto_text char *plain = show(sample_import, false);
    ck_has(plain, "+ import: ok");
    ck_lacks(plain, "✓");
    set_locale("", "de_DE.utf8", "C");
    auto_text char *fine = show(sample_import, false);
    ck_has(fine, "✓ import: ok");
    set_locale("", "", "");
    ck_assert(!layout_utf8());
}
END_TEST

/* A stored result may come from anywhere: it must not steer the terminal or forge lines. */
START_TEST(test_texts_of_the_result_are_made_harmless) {
    auto_text char *text = show(
        SAMPLE_HEAD(
            "'import'", "true",
            "false") "'steps':[{'name':'a\\u001b[2J','outcome':'done','changed':false,'reasons':['x\\u202ey\\u200b\\u0085z','one\\r\\nFORGED']}],"
                     "'diff':[{'what':'w\\u0007','before':null,'after':{'path':'p\\u2066q'}}],'unknown':['\\u001b'],"
                     "'result':{'certificate_id':'c\\u009bd','display_name':'a\\nFORGED'},'warnings':[],'error':null," SAMPLE_TAIL,
        false);
    ck_lacks(text, "\033");
    ck_lacks(text, "\a");
    ck_lacks(text, "\r");
    ck_lacks(text, "\xc2\x9b");
    ck_lacks(text, "\xc2\x85");
    ck_lacks(text, "\xe2\x80\xae");
    ck_lacks(text, "\xe2\x81\xa6");
    ck_lacks(text, "\nFORGED");
    ck_has(text, "a?[2J done: x?y??z, one FORGED\n");
}
END_TEST

START_TEST(test_any_object_is_shown_without_harm) {
    static const char *const samples[] = {
        "{}",
        "[]",
        "null",
        "{'steps':{}, 'diff':'x', 'warnings':[1,null,[]], 'error':[], 'result':[], 'operation':7}",
        "{'operation':'verify','result':{'endpoints':[1,{}],'api':{'nodes':[1,{}]},'reported':[0,{}],'certificate':[]}}",
        "{'operation':'inspect','result':{'certificates':[1,{}],'findings':[1,{}],'chain':1}}",
        "{'operation':'register','result':{'endpoints':[1,{'settled_after_ms':'x'}]}}",
        "{'operation':'generate','result':{'paths':1,'key':{'bits':'x'},'san':{'dns':[1]}}}",
        "{'operation':'of-tomorrow','result':{'new':1},'steps':[{'name':'a','outcome':'of-tomorrow'}]}"};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        auto_text char *text = show(samples[i], false);
        ck_assert_ptr_nonnull(text);
        ck_assert_uint_gt(strlen(text), 0);
    }
}
END_TEST

/* One wide cell must not widen all rows: that would be memory by the square of the input. */
START_TEST(test_a_wide_cell_does_not_widen_the_table) {
    struct buf sample;
    buf_init(&sample, 0);
    buf_add_text(&sample, "{'operation':'verify','result':{'endpoints':[{'address':'");
    for (int i = 0; i < 20000; i++)
        buf_add_text(&sample, "a");
    buf_add_text(&sample, "'}");
    for (int i = 0; i < 2000; i++)
        buf_add_text(&sample, ",{}");
    buf_add_text(&sample, "]}}");
    auto_text char *text = show(buf_text(&sample), false);
    ck_assert_uint_lt(strlen(text), 400000);
    buf_done(&sample);
}
END_TEST

START_TEST(test_long_texts_are_wrapped_at_spaces) {
    struct buf out;
    buf_init(&out, 0);
    layout_wrap(&out, 0, 2, "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456 end äöü");
    ck_assert_str_eq(buf_text(&out),
                     "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456 end\n  äöü\n");
    buf_done(&out);
    ck_assert_uint_eq(layout_width("äöü"), 3);
}
END_TEST

START_TEST(test_bytes_that_are_no_utf8_are_replaced) {
    struct buf out;
    buf_init(&out, 0);
    layout_add_clean(&out, "a\xff\xc3.\xe2\x82");
    ck_assert_str_eq(buf_text(&out), "a??.??");
    buf_done(&out);
}
END_TEST

static void fill(TCase *tests) {
    tcase_add_test(tests, test_an_import_tells_steps_diff_result_and_warning);
    tcase_add_test(tests, test_a_failure_tells_the_managers_words_and_all_findings);
    tcase_add_test(tests, test_a_dry_run_of_which_nothing_is_known_shows_no_empty_result);
    tcase_add_test(tests, test_a_request_says_what_to_do_until_it_is_issued);
    tcase_add_test(tests, test_a_call_sent_elsewhere_says_where);
    tcase_add_test(tests, test_verify_has_a_row_for_each_endpoint);
    tcase_add_test(tests, test_the_next_step_follows_a_self_signed_certificate_in_sync);
    tcase_add_test(tests, test_colors_come_only_when_asked_for);
    tcase_add_test(tests, test_the_locale_decides_about_the_signs);
    tcase_add_test(tests, test_texts_of_the_result_are_made_harmless);
    tcase_add_test(tests, test_any_object_is_shown_without_harm);
    tcase_add_test(tests, test_a_wide_cell_does_not_widen_the_table);
    tcase_add_test(tests, test_long_texts_are_wrapped_at_spaces);
    tcase_add_test(tests, test_bytes_that_are_no_utf8_are_replaced);
}

int main(void) {
    return run_case("view_text", fill);
}
