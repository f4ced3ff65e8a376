/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of json/pointer. */
#include "json/pointer.h"

#include "unit.h"

START_TEST(test_builds_and_cuts) {
    auto_buf struct buf pointer;
    buf_init(&pointer, 0);
    ck_assert_uint_eq(pointer_add(&pointer, "manager"), 0);
    size_t before = pointer_add(&pointer, "a/b~c");
    ck_assert_uint_eq(pointer_add_index(&pointer, 12), before + 8);
    ck_assert_str_eq(buf_text(&pointer), "/manager/a~1b~0c/12");
    pointer_cut(&pointer, before);
    ck_assert_str_eq(buf_text(&pointer), "/manager");
    pointer_cut(&pointer, 100);
    ck_assert_str_eq(buf_text(&pointer), "/manager");
    pointer_cut(&pointer, 0);
    pointer_add(&pointer, "");
    ck_assert_str_eq(buf_text(&pointer), "/");
}
END_TEST

START_TEST(test_cut_of_an_empty_pointer) {
    auto_buf struct buf pointer;
    buf_init(&pointer, 0);
    pointer_cut(&pointer, 0);
    ck_assert_str_eq(buf_text(&pointer), "");
}
END_TEST

static const struct {
    const char *pointer;
    int value; /* -1: none */
} rows[] = {
    /* RFC 6901 section 5 */
    {"/foo/0", 10},
    {"/foo/1", 11},
    {"/", 0},
    {"/a~1b", 1},
    {"/c%d", 2},
    {"/m~0n", 8},
    {"/ ", 7},
    {"/~01", 9},
    {"/foo/2", -1},
    {"/foo/-", -1},
    {"/foo/01", -1},
    {"/foo/00", -1},
    {"/foo/", -1},
    {"/foo/1x", -1},
    {"foo", -1},
    {"/foo/0/0", -1},
    {"/m~2n", -1},
    {"/m~", -1},
    {"/foo/99999999999999999999", -1},
    {"/none/x", -1},
};

START_TEST(test_follows) {
    json_t *root = unit_json("{'foo': [10, 11], '': 0, 'a/b': 1, 'c%d': 2, ' ': 7, 'm~n': 8, '~1': 9}");
    json_t *found = pointer_follow(root, rows[_i].pointer);
    ck_assert_msg(found == NULL ? rows[_i].value == -1 : json_integer_value(found) == rows[_i].value, "%s",
                  rows[_i].pointer);
    ck_assert_ptr_eq(pointer_follow(root, ""), root);
    json_decref(root);
}
END_TEST

static bool follow_starved(void *context) {
    return pointer_follow(context, "/a/b") != NULL;
}

START_TEST(test_without_memory) {
    json_t *root = unit_json("{'a': {'b': 1}}");
    unit_starve(follow_starved, root, true);
    json_decref(root);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_test(tests, test_builds_and_cuts);
    tcase_add_test(tests, test_cut_of_an_empty_pointer);
    tcase_add_loop_test(tests, test_follows, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(tests, test_without_memory);
}

int main(void) {
    return unit_run_tests("pointer", add);
}
