/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of json/get. */
#include "json/get.h"

#include "unit.h"
#include "json/read.h"

START_TEST(test_members_by_type) {
    json_t *object = unit_json("{'t': 'x', 'i': 7, 'r': 1.5, 'b': true, 'n': null, 'o': {'k': 1}, 'a': [1]}");
    ck_assert_str_eq(get_text(object, "t", "-"), "x");
    ck_assert_str_eq(get_text(object, "i", "-"), "-");
    ck_assert_str_eq(get_text(object, "absent", "-"), "-");
    ck_assert_int_eq(get_integer(object, "i", -1), 7);
    ck_assert_int_eq(get_integer(object, "r", -1), -1);
    ck_assert_int_eq(get_integer(object, "absent", -1), -1);
    ck_assert(get_flag(object, "b", false));
    ck_assert(get_flag(object, "t", true));
    ck_assert(!get_flag(object, "n", false));
    ck_assert_ptr_nonnull(get_object(object, "o"));
    ck_assert_ptr_null(get_object(object, "a"));
    ck_assert_ptr_nonnull(get_array(object, "a"));
    ck_assert_ptr_null(get_array(object, "o"));
    ck_assert_ptr_null(get_array(object, "n"));
    ck_assert_ptr_nonnull(get_any(object, "b"));
    ck_assert_ptr_null(get_any(object, "n"));
    ck_assert_ptr_null(get_any(object, "absent"));
    json_decref(object);
}
END_TEST

START_TEST(test_what_is_no_object) {
    json_t *array = unit_json("[1]");
    ck_assert_str_eq(get_text(NULL, "x", "-"), "-");
    ck_assert_ptr_null(get_object(array, "x"));
    ck_assert_ptr_null(get_any(NULL, "x"));
    ck_assert_int_eq(get_integer(array, "x", 3), 3);
    json_decref(array);
}
END_TEST

START_TEST(test_puts) {
    json_t *object = json_object();
    put_text(object, "t", "x");
    put_text(object, "none", NULL);
    put_integer(object, "i", -7);
    put_flag(object, "b", false);
    put_null(object, "n");
    json_t *array = json_array();
    push_text(array, "a");
    push_take(array, json_integer(1));
    push_take(array, NULL);
    put_take(object, "a", array);
    put_take(object, "gone", NULL);
    unit_assert_json(object, "{'t': 'x', 'none': null, 'i': -7, 'b': false, 'n': null, 'a': ['a', 1], 'gone': null}");
    json_decref(object);
}
END_TEST

START_TEST(test_texts_that_are_no_utf8) {
    json_t *object = json_object();
    put_text(object, "t", "M\xFCnchen");
    ck_assert_str_eq(get_text(object, "t", "-"), "M?nchen");
    put_text(object, "t", "M\xC3\xBCnchen");
    ck_assert_str_eq(get_text(object, "t", "-"), "M\xC3\xBCnchen");
    json_decref(object);
}
END_TEST

static bool build(void *context) {
    (void)context;
    auto_json json_t *object = json_object();
    json_t *array = json_array();
    push_text(array, "\xFF");
    push_text(array, "two");
    put_take(object, "a", array);
    put_text(object, "t", "x");
    put_integer(object, "i", 1);
    return get_any(object, "i") != NULL && json_array_size(get_array(object, "a")) == 2;
}

START_TEST(test_without_memory) {
    json_library_init();
    ck_assert(unit_starve(build, NULL, false) > 0 || mem_count() == 0);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_test(tests, test_members_by_type);
    tcase_add_test(tests, test_what_is_no_object);
    tcase_add_test(tests, test_puts);
    tcase_add_test(tests, test_texts_that_are_no_utf8);
    tcase_add_test(tests, test_without_memory);
}

int main(void) {
    return unit_run_tests("get", add);
}
