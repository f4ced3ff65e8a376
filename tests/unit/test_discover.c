/* SPDX-License-Identifier: Apache-2.0 */
/* What the program tells about itself. */
#include "cli/discover.h"
#include "cli/layout.h"
#include "cli_fixture.h"
#include "op/op.h"
#include "x509/lint.h"
#include "json/get.h"
#include "json/schema.h"

static char *tell(enum cli_mode mode, const char *subject) {
    struct flags flags = {.mode = mode, .subject = subject};
    auto_error struct error err = {0};
    struct buf out;
    buf_init(&out, 0);
    ck_assert_msg(discover(&flags, &out, &err), "%s", err.problem.detail);
    return buf_take(&out);
}

static json_t *tell_json(enum cli_mode mode, const char *subject) {
    auto_text char *text = tell(mode, subject);
    ck_assert_int_eq(text[strlen(text) - 1], '\n');
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(value);
    return value;
}

static void refuse(enum cli_mode mode, const char *subject, const char *detail, const char *remedy) {
    struct flags flags = {.mode = mode, .subject = subject};
    auto_error struct error err = {0};
    auto_buf struct buf out;
    buf_init(&out, 0);
    ck_assert(!discover(&flags, &out, &err));
    ck_assert_int_eq(err.code, ERROR_USAGE);
    ck_has(err.problem.detail, detail);
    ck_has(err.problem.remedy, remedy);
    ck_assert_uint_eq(out.length, 0);
}

static void check_width(const char *text) {
    for (const char *at = text; *at != '\0';) {
        size_t length = strcspn(at, "\n");
        auto_text char *line = mem_strndup(at, length);
        ck_assert_msg(layout_width(line) <= LAYOUT_WIDTH, "too wide: %s", line);
        at += length + (at[length] == '\n');
    }
}

START_TEST(test_help_tells_operations_flags_and_exit_codes) {
    auto_text char *text = tell(MODE_HELP, NULL);
    for (size_t i = 0; i < operation_count; i++)
        ck_has(text, operations[i].name);
    ck_has(text, "Put the certificate and its key into the manager's trust store\n");
    ck_has(text, "--request-file FILE");
    ck_has(text, "\n  75  ");
    ck_has(text, "--explain CODE");
    ck_has(text, "man nsxcert");
}
END_TEST

START_TEST(test_version_begins_with_the_own_one) {
    auto_text char *text = tell(MODE_VERSION, NULL);
    ck_assert_int_eq(strncmp(text, "nsxcert " NSXCERT_VERSION "\n", strlen("nsxcert " NSXCERT_VERSION "\n")), 0);
    ck_has(text, "OpenSSL 3.");
    ck_has(text, "jansson 2.");
    ck_has(text, "libcurl ");
}
END_TEST

START_TEST(test_the_schema_of_each_operation_accepts_its_examples) {
    for (size_t i = 0; i < operation_count; i++) {
        auto_error struct error err = {0};
        auto_json json_t *document = tell_json(MODE_SCHEMA, operations[i].name);
        auto_schema struct schema *schema = schema_compile(document, &err);
        ck_assert_msg(schema != NULL, "%s", err.problem.detail);
        auto_json json_t *example = tell_json(MODE_EXAMPLE, operations[i].name);
        auto_problems struct problems findings = {0};
        ck_assert(schema_check(schema, example, &findings));
        ck_assert_str_eq(get_text(example, "operation", ""), operations[i].name);
    }
}
END_TEST

START_TEST(test_the_schema_of_all_chooses_by_operation) {
    auto_error struct error err = {0};
    auto_json json_t *document = tell_json(MODE_SCHEMA, NULL);
    ck_assert_uint_eq(json_array_size(get_array(document, "oneOf")), operation_count);
    auto_schema struct schema *schema = schema_compile(document, &err);
    ck_assert_msg(schema != NULL, "%s", err.problem.detail);
    for (size_t i = 0; i < operation_count; i++) {
        auto_json json_t *example = tell_json(MODE_EXAMPLE, operations[i].name);
        auto_problems struct problems good = {0};
        ck_assert(schema_check(schema, example, &good));
        put_text(example, "no_such_member", "x");
        auto_problems struct problems bad = {0};
        ck_assert(!schema_check(schema, example, &bad));
    }
}
END_TEST

START_TEST(test_capabilities_have_the_members_of_the_contract) {
    auto_json json_t *object = tell_json(MODE_CAPABILITIES, NULL);
    ck_assert_str_eq(get_text(object, "version", ""), NSXCERT_VERSION);
    ck_assert_str_eq(json_string_value(json_array_get(get_array(object, "api_versions"), 0)), "nsxcert/v1");
    ck_assert_ptr_nonnull(get_text(get_object(object, "libraries"), "openssl", NULL));
    json_t *list = get_array(object, "operations");
    ck_assert_uint_eq(json_array_size(list), operation_count);
    const json_t *generate = json_array_get(list, 0);
    ck_assert_str_eq(get_text(generate, "name", ""), "generate");
    ck_assert(!get_flag(generate, "reads", true) && get_flag(generate, "writes_files", false));
    ck_assert(!get_flag(generate, "writes_manager", true));
    for (size_t i = 0; i < operation_count; i++)
        ck_assert_uint_gt(strlen(get_text(json_array_get(list, i), "summary", "")), 10);
}
END_TEST

START_TEST(test_every_code_and_rule_is_explained) {
    for (int i = ERROR_NONE + 1; i < ERROR_CODE_COUNT; i++) {
        const struct error_info *info = error_info((enum error_code)i);
        auto_text char *text = tell(MODE_EXPLAIN, info->name);
        ck_assert_int_eq(strncmp(text, info->name, strlen(info->name)), 0);
        ck_has(text, "\nWhy it happens\n  ");
        ck_has(text, "\nWhat to do\n  ");
        check_width(text);
    }
    for (size_t i = 0; i < lint_rule_count(); i++) {
        auto_text char *text = tell(MODE_EXPLAIN, lint_rule(i)->name);
        /* key-mismatch is both: the error is told, the finding says the same. */
        ck_has(text, error_code_from_name(lint_rule(i)->name) == ERROR_NONE ? "finding, " : "error, ");
        check_width(text);
    }
    auto_text char *drifted = tell(MODE_EXPLAIN, "drifted");
    ck_has(drifted, "drifted (error, exit code 3)\n  What is served is not what was asked for\n");
}
END_TEST

START_TEST(test_unknown_names_get_a_suggestion) {
    refuse(MODE_SCHEMA, "imprt", "did you mean import?", "generate, inspect, import, register, verify");
    refuse(MODE_SCHEMA, "zzzzzzz", "no operation is called zzzzzzz", "verify");
    refuse(MODE_EXAMPLE, "veryfy", "did you mean verify?", "verify");
    refuse(MODE_EXPLAIN, "driftet", "did you mean drifted?", "code");
    refuse(MODE_EXPLAIN, "zzzzzzz", "no code is called zzzzzzz", "code");
}
END_TEST

static void fill(TCase *tests) {
    tcase_add_test(tests, test_help_tells_operations_flags_and_exit_codes);
    tcase_add_test(tests, test_version_begins_with_the_own_one);
    tcase_add_test(tests, test_the_schema_of_each_operation_accepts_its_examples);
    tcase_add_test(tests, test_the_schema_of_all_chooses_by_operation);
    tcase_add_test(tests, test_capabilities_have_the_members_of_the_contract);
    tcase_add_test(tests, test_every_code_and_rule_is_explained);
    tcase_add_test(tests, test_unknown_names_get_a_suggestion);
}

int main(void) {
    return run_case("discover", fill);
}
