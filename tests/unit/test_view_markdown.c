/* SPDX-License-Identifier: Apache-2.0 */
/* Results as the summary page of a pipeline. */
#include "cli/view.h"
#include "cli_fixture.h"
#include "view_samples.h"

static char *show(const char *sample) {
    auto_json json_t *result = json_of(sample);
    struct buf out;
    buf_init(&out, 0);
    view_markdown(result, &out);
    return buf_take(&out);
}

START_TEST(test_an_import_is_a_summary) {
    auto_text char *text = show(sample_import);
    ck_has(text, "## ✓ import: ok, changed\n");
    ck_has(text, "- **target:** 192.0.2.10\n");
    ck_has(text, "\n### Steps\n\n- ✓ import done at 192.0.2.10:443: not in the trust store\n");
    ck_has(text, "- **certificate id:** 5f1c\n");
    ck_has(text, "  - do: Put &#123;fingerprint&#125; into it.\n");
}
END_TEST

START_TEST(test_verify_is_a_table) {
    auto_text char *text = show(sample_drifted);
    ck_has(
        text,
        "\n| | Endpoint | Role | Status | Fingerprint | Valid until | What does not hold |\n| --- | --- | --- | --- | --- | "
        "--- | --- |\n| ✓ | 192.0.2.10 | vip | in&#95;sync | 9f86d081884c7d65 | 2030-10-01T00:00:00Z |  |\n");
    ck_has(text, "| ✗ | 192.0.2.11 | node | drifted | - | - | fingerprint, chain |\n");
}
END_TEST

START_TEST(test_the_next_step_holds_the_certificate) {
    auto_text char *text = show(sample_in_sync);
    ck_has(text, "### Next step");
    ck_has(text, "<pre>-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n</pre>\n");
}
END_TEST

START_TEST(test_a_failure_tells_the_managers_words) {
    auto_text char *text = show(sample_refused);
    ck_has(text, "## ✗ import: failed, nothing changed\n");
    ck_has(text, "manager says: HTTP 400, error 2000 of internal-framework: Certificate chain is bad\n");
    ck_has(text, "call: https&#58;//192.0.2.10/api");
}
END_TEST

/* Whatever stands in a name, it stays text: no markup, no row, no line of its own. */
START_TEST(test_values_cannot_break_out) {
    auto_text char *text = show(SAMPLE_HEAD(
        "'import'", "true",
        "false") "'steps':[],'diff':[],'unknown':[],'result':{'display_name':'a|b `c` <script>alert(1)</script>\\n# head\\n- x ![i](http://e) **b** ~~s~~ \\\\ @all &lt;'},"
                 "'warnings':[],'error':null," SAMPLE_TAIL);
    ck_has(text, "- **display name:** a&#124;b &#96;c&#96; &#60;script&#62;alert(1)&#60;/script&#62; &#35; head - x "
                 "!&#91;i&#93;(http&#58;//e) &#42;&#42;b&#42;&#42; &#126;&#126;s&#126;&#126; &#92; &#64;all "
                 "&#38;lt;\n");
    ck_lacks(text, "<script");
    ck_lacks(text, "\n# head");
}
END_TEST

START_TEST(test_values_begin_no_block) {
    auto_text char *text =
        show("{'operation':'import','warnings':[{'detail':'- a'},{'detail':'---'},{'detail':'1. b'},{'detail':'    c'},"
             "{'detail':'+ d'},{'detail':'192.0.2.11 e'},{'detail':'==='}]}");
    ck_has(text, "  - &#45; a\n");
    ck_has(text, "  - &#45;--\n");
    ck_has(text, "  - 1&#46; b\n");
    ck_has(text, "  - c\n");
    ck_has(text, "  - &#43; d\n");
    ck_has(text, "  - 192.0.2.11 e\n");
    ck_has(text, "  - &#61;==\n");
}
END_TEST

START_TEST(test_a_block_cannot_be_ended_from_inside) {
    auto_text char *text = show(
        "{'operation':'verify','ok':true,'result':{'status':'in_sync','certificate':{'fingerprint_sha256':'aa','certificate_pem':"
        "'a\\n```\\n</pre><img src=x>\\n'},'endpoints':[{'presented':{'leaf':{'fingerprint_sha256':'aa','subject':'s','issuer':'s'}}}]}}");
    ck_has(text, "<pre>a\n&#96;&#96;&#96;\n&#60;/pre&#62;&#60;img src=x&#62;\n</pre>\n");
}
END_TEST

START_TEST(test_cells_keep_to_their_columns) {
    auto_text char *text =
        show("{'operation':'verify','result':{'endpoints':[{'address':'a|b\\n| c |','status':'drifted'}]}}");
    ck_has(text, "\n| ✗ | a&#124;b &#124; c &#124; | - | drifted | - | - |  |\n");
}
END_TEST

static void fill(TCase *tests) {
    tcase_add_test(tests, test_an_import_is_a_summary);
    tcase_add_test(tests, test_verify_is_a_table);
    tcase_add_test(tests, test_the_next_step_holds_the_certificate);
    tcase_add_test(tests, test_a_failure_tells_the_managers_words);
    tcase_add_test(tests, test_values_cannot_break_out);
    tcase_add_test(tests, test_values_begin_no_block);
    tcase_add_test(tests, test_a_block_cannot_be_ended_from_inside);
    tcase_add_test(tests, test_cells_keep_to_their_columns);
}

int main(void) {
    return run_case("view_markdown", fill);
}
