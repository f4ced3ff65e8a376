/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of json/problem. */
#include "json/problem.h"

#include "unit.h"
#include "json/get.h"
#include "json/read.h"

START_TEST(test_problem_without_place) {
    auto_problems struct problems list = {0};
    problems_add(&list, ERROR_INSECURE, "found %d", 1);
    json_t *array = json_from_problems(&list);
    json_t *item = json_array_get(array, 0);
    ck_assert_uint_eq(json_array_size(array), 1);
    ck_assert_str_eq(get_text(item, "code", ""), "insecure");
    ck_assert_str_eq(get_text(item, "severity", ""), "warning");
    ck_assert_str_eq(get_text(item, "title", ""), error_info(ERROR_INSECURE)->title);
    ck_assert_str_eq(get_text(item, "detail", ""), "found 1");
    ck_assert_str_eq(get_text(item, "remedy", ""), error_info(ERROR_INSECURE)->remedy);
    ck_assert_uint_eq(json_object_size(item), 5);
    json_decref(array);
}
END_TEST

START_TEST(test_problem_with_place) {
    auto_problems struct problems list = {0};
    struct problem *item = problems_add(&list, ERROR_INVALID_VALUE, "x");
    problem_set_pointer(item, "/a");
    problem_set_endpoint(item, "h:1");
    json_t *object = json_from_problem(item);
    ck_assert_str_eq(get_text(object, "pointer", ""), "/a");
    ck_assert_str_eq(get_text(object, "endpoint", ""), "h:1");
    json_decref(object);
}
END_TEST

START_TEST(test_no_error_is_null) {
    struct error err = {0};
    json_t *value = json_from_error(&err);
    ck_assert(json_is_null(value));
    json_decref(value);
}
END_TEST

START_TEST(test_plain_error) {
    auto_error struct error err = {0};
    (void)error_set(&err, ERROR_INTERNAL, "broken");
    json_t *object = json_from_error(&err);
    unit_assert_json(json_object_get(object, "retryable"), "false");
    unit_assert_json(json_object_get(object, "step"), "null");
    unit_assert_json(json_object_get(object, "upstream"), "null");
    unit_assert_json(json_object_get(object, "rollback"), "null");
    unit_assert_json(json_object_get(object, "errors"), "[]");
    unit_assert_json(json_object_get(object, "context"), "{}");
    json_decref(object);
}
END_TEST

static void fill(struct error *err) {
    (void)error_set(err, ERROR_OUT_OF_MEMORY, "no memory");
    (void)error_set_step(err, "import");
    err->has_upstream = true;
    err->upstream.url = mem_strdup("https://h/api");
    err->upstream.http_status = 503;
    err->upstream.error_code = -1;
    error_add_text(err, "reason", "why");
    error_add_number(err, "line", 3);
    error_add_text(err, "presented.subject", "CN=x");
    error_add_text(err, "presented.not_after", NULL);
    error_add_number(err, "presented.more.depth", 2);
    problems_add(&err->errors, ERROR_UNKNOWN_MEMBER, "y");
}

START_TEST(test_full_error) {
    auto_error struct error err = {0};
    fill(&err);
    json_t *object = json_from_error(&err);
    unit_assert_json(json_object_get(object, "retryable"), "true");
    unit_assert_json(json_object_get(object, "step"), "'import'");
    unit_assert_json(json_object_get(object, "upstream"),
                     "{'url': 'https://h/api', 'http_status': 503, 'error_code': null, "
                     "'module_name': null, 'error_message': null}");
    unit_assert_json(json_object_get(object, "context"),
                     "{'reason': 'why', 'line': 3, 'presented': {'subject': 'CN=x', "
                     "'not_after': null, 'more': {'depth': 2}}}");
    ck_assert_uint_eq(json_array_size(json_object_get(object, "errors")), 1);
    json_decref(object);
    err.upstream.error_code = 2005;
    object = json_from_error(&err);
    unit_assert_json(json_object_get(get_object(object, "upstream"), "error_code"), "2005");
    json_decref(object);
}
END_TEST

static bool write_error(void *context) {
    (void)context;
    auto_error struct error err = {0};
    fill(&err);
    auto_json json_t *object = json_from_error(&err);
    return get_object(object, "context") != NULL;
}

START_TEST(test_without_memory) {
    json_library_init();
    unit_starve(write_error, NULL, false);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_test(tests, test_problem_without_place);
    tcase_add_test(tests, test_problem_with_place);
    tcase_add_test(tests, test_no_error_is_null);
    tcase_add_test(tests, test_plain_error);
    tcase_add_test(tests, test_full_error);
    tcase_add_test(tests, test_without_memory);
}

int main(void) {
    return unit_run_tests("problem", add);
}
