/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of json/near_miss. */
#include "json/near_miss.h"

#include <string.h>

#include "unit.h"

static const char *const members[] = {"address", "pin_sha256", "password", "validity_days", "ca", "dns", "ip", "kind"};

static const char *find(const char *word) {
    return near_miss_find(word, members, sizeof members / sizeof members[0]);
}

static const struct {
    const char *word, *meant;
} rows[] = {
    {"adress", "address"},
    {"addresss", "address"},
    {"addrses", "address"},
    {"ADDRESS", "address"},
    {"pin-sha256", "pin_sha256"},
    {"pinSha256", "pin_sha256"},
    {"pasword", "password"},
    {"passwd", "password"},
    {"validity", "validity_days"},
    {"val", "validity_days"},
    {"dms", "dns"},
    {"knid", "kind"},
    {"ac", "ca"},
    {"xy", NULL},
    {"pi", "ip"},
    {"", NULL},
    {"host", NULL},
    {"word", NULL},
    {"certificate", NULL},
};

START_TEST(test_finds_what_was_meant) {
    const char *found = find(rows[_i].word);
    if (rows[_i].meant == NULL)
        ck_assert_msg(found == NULL, "%s: %s", rows[_i].word, found);
    else
        ck_assert_pstr_eq(found, rows[_i].meant);
}
END_TEST

START_TEST(test_prefers_the_closest) {
    static const char *const close[] = {"nodes", "node", "mode"};
    ck_assert_str_eq(near_miss_find("mode_", close, 3), "mode");
    ck_assert_str_eq(near_miss_find("nods", close, 3), "nodes");
}
END_TEST

START_TEST(test_long_words_are_left_alone) {
    char word[200];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    const char *const same[] = {word};
    ck_assert_ptr_null(near_miss_find(word, members, 2));
    ck_assert_ptr_null(near_miss_find("aaa", same, 1));
    ck_assert_ptr_null(near_miss_find("aaa", NULL, 0));
    word[64] = '\0';
    ck_assert_ptr_nonnull(near_miss_find(word, same, 1));
}
END_TEST

static void add(TCase *tests) {
    tcase_add_loop_test(tests, test_finds_what_was_meant, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(tests, test_prefers_the_closest);
    tcase_add_test(tests, test_long_words_are_left_alone);
}

int main(void) {
    return unit_run_tests("near_miss", add);
}
