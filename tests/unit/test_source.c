/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/source. */
#include "op/source.h"

#include "folder_fixture.h"

static const struct {
    const char *source, *text;
    enum error_code public_code, secret_code;
} rows[] = {
    {"'in place'", "in place", ERROR_NONE, ERROR_NONE},
    {"{'file': 'full'}", "from a file", ERROR_NONE, ERROR_NONE},
    {"{'env': 'UNIT_FULL'}", "from a variable", ERROR_NONE, ERROR_NONE},
    {"{'file': 'missing'}", NULL, ERROR_SOURCE_UNAVAILABLE, ERROR_SECRET_UNAVAILABLE},
    {"{'file': '.'}", NULL, ERROR_SOURCE_UNAVAILABLE, ERROR_SECRET_UNAVAILABLE},
    {"{'env': 'UNIT_UNSET'}", NULL, ERROR_SOURCE_UNAVAILABLE, ERROR_SECRET_UNAVAILABLE},
    {"{'env': 'UNIT_EMPTY'}", NULL, ERROR_SOURCE_UNAVAILABLE, ERROR_SECRET_UNAVAILABLE},
};

static void prepare(void) {
    folder_write("full", "from a file");
    folder_write("empty", "");
    folder_write("newline", "\n");
    setenv("UNIT_FULL", "from a variable", 1);
    setenv("UNIT_EMPTY", "", 1);
}

START_TEST(test_public) {
    auto_error struct error err = {0};
    auto_buf struct buf text;
    buf_init(&text, 0);
    prepare();
    json_t *source = unit_json(rows[_i].source);
    ck_assert(source_read(source, "/parameters/x", &text, &err) == (rows[_i].text != NULL));
    ck_assert_int_eq(err.code, rows[_i].public_code);
    ck_assert_str_eq(rows[_i].text != NULL ? buf_text(&text) : err.problem.pointer,
                     rows[_i].text != NULL ? rows[_i].text : "/parameters/x");
    json_decref(source);
}
END_TEST

START_TEST(test_secret) {
    auto_error struct error err = {0};
    prepare();
    json_t *source = unit_json(rows[_i].source);
    auto_secret struct secret *secret = source_read_secret(source, "/parameters/x", &err);
    ck_assert_int_eq(err.code, rows[_i].secret_code);
    ck_assert((secret != NULL) == (rows[_i].text != NULL));
    ck_assert_str_eq(secret != NULL ? secret_reveal(secret) : err.problem.pointer,
                     secret != NULL ? rows[_i].text : "/parameters/x");
    json_decref(source);
    secret_forget_environment();
}
END_TEST

START_TEST(test_an_empty_secret_is_none) {
    static const char *const sources[] = {"''", "'\\n'", "{'file': 'empty'}", "{'file': 'newline'}"};
    prepare();
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        auto_error struct error err = {0};
        json_t *source = unit_json(sources[i]);
        ck_assert_ptr_null(source_read_secret(source, "/x", &err));
        ck_assert_int_eq(err.code, ERROR_SECRET_UNAVAILABLE);
        json_decref(source);
    }
}
END_TEST

START_TEST(test_one_variable_with_certificate_and_key) {
    auto_error struct error err = {0};
    auto_buf struct buf text;
    buf_init(&text, 0);
    prepare();
    json_t *source = unit_json("{'env': 'UNIT_FULL'}");
    auto_secret struct secret *secret = source_read_secret(source, "/x", &err);
    ck_assert_ptr_nonnull(secret);
    ck_assert_ptr_null(getenv("UNIT_FULL"));
    ck_assert(source_read(source, "/y", &text, &err));
    ck_assert_str_eq(buf_text(&text), "from a variable");
    json_decref(source);
    secret_forget_environment();
}
END_TEST

START_TEST(test_not_yet) {
    prepare();
    json_t *missing = unit_json("{'file': 'missing'}");
    json_t *there = unit_json("{'file': 'empty'}");
    json_t *text = unit_json("'missing'");
    ck_assert(source_is_not_yet(missing) && !source_is_not_yet(there) && !source_is_not_yet(text));
    struct run run = {.dry_run = true};
    ck_assert(source_comes_later(&run, missing, "/parameters/certificate"));
    ck_assert(!source_comes_later(&run, there, "") && !source_comes_later(&run, NULL, ""));
    ck_assert_uint_eq(run.warnings.count, 1);
    ck_assert_str_eq(run.warnings.items[0].code, "source-not-yet");
    ck_assert_str_eq(run.warnings.items[0].pointer, "/parameters/certificate");
    run.dry_run = false;
    ck_assert(!source_comes_later(&run, missing, ""));
    problems_done(&run.warnings);
    ck_assert_str_eq(source_path(missing), "missing");
    ck_assert_ptr_null(source_path(text));
    json_decref(missing);
    json_decref(there);
    json_decref(text);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_checked_fixture(tests, folder_setup, folder_teardown);
    tcase_add_loop_test(tests, test_public, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_loop_test(tests, test_secret, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tests, test_an_empty_secret_is_none);
    tcase_add_test(tests, test_one_variable_with_certificate_and_key);
    tcase_add_test(tests, test_not_yet);
}

int main(void) {
    return unit_run_tests("source", add);
}
