/* SPDX-License-Identifier: Apache-2.0 */
/* --render: which stored texts are shown, and what is said of the others. */
#include "cli/render.h"

#include "folder_fixture.h"
#include "json/read.h"

static const char stored[] = "{\"api_version\":\"nsxcert/v1\",\"operation\":\"import\",\"ok\":true,\"changed\":false,"
                             "\"steps\":[],\"result\":null,\"warnings\":[],\"error\":null}";

static bool show(const char *text, int view, struct buf *out, struct error *err) {
    const struct flags flags = {.mode = MODE_RENDER, .view = view, .render_file = "result.json"};
    if (text != NULL)
        folder_write("result.json", text);
    return render(&flags, false, out, err);
}

START_TEST(test_a_result_is_shown) {
    auto_error struct error err = {0};
    auto_buf struct buf text, markdown, metrics;
    buf_init(&text, 0);
    buf_init(&markdown, 0);
    buf_init(&metrics, 0);
    ck_assert(show(stored, VIEW_TEXT, &text, &err));
    ck_assert(show(NULL, VIEW_MARKDOWN, &markdown, &err));
    ck_assert(show(NULL, VIEW_PROMETHEUS, &metrics, &err));
    ck_assert_ptr_nonnull(strstr(buf_text(&text), "import"));
    ck_assert_ptr_nonnull(strstr(buf_text(&markdown), "import"));
    ck_assert_str_ne(buf_text(&text), buf_text(&markdown));
    ck_assert_ptr_nonnull(strstr(buf_text(&metrics), "nsxcert_last_run_success{operation=\"import\""));
}
END_TEST

static const struct {
    const char *text; /* NULL: no file */
    enum error_code code;
    const char *words;
} refused[] = {
    {NULL, ERROR_REQUEST_UNAVAILABLE, "result.json"},
    {"{\"api_version\":", ERROR_MALFORMED_REQUEST, "the stored result: line 1, column"},
    {"[]", ERROR_USAGE, "no result of nsxcert"},
    {"{\"api_version\":\"nsxcert/v1\"}", ERROR_USAGE, "no result of nsxcert"},
};

START_TEST(test_what_is_no_result_is_refused) {
    auto_error struct error err = {0};
    auto_buf struct buf out;
    buf_init(&out, 0);
    ck_assert(!show(refused[_i].text, VIEW_TEXT, &out, &err));
    ck_assert_int_eq(err.code, refused[_i].code);
    ck_assert_msg(strstr(err.problem.detail, refused[_i].words) != NULL, "%s", err.problem.detail);
    ck_assert_uint_eq(out.length, 0);
}
END_TEST

static void add(TCase *tests) {
    json_library_init();
    tcase_add_checked_fixture(tests, folder_setup, folder_teardown);
    tcase_add_test(tests, test_a_result_is_shown);
    tcase_add_loop_test(tests, test_what_is_no_result_is_refused, 0, sizeof refused / sizeof refused[0]);
}

int main(void) {
    return unit_run_tests("render", add);
}
