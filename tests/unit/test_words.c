/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of nsx/words. */
#include "nsx/words.h"

#include <string.h>

#include "base/secret.h"
#include "unit.h"

#define LINE "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
#define KEY_BEGIN "-----BEGIN PRIVATE KEY-----"
#define KEY_END "-----END PRIVATE KEY-----"

static const struct {
    const char *said, *kept;
} rows[] = {
    {"no such certificate", "no such certificate"},
    {"", ""},
    {"bad key: " KEY_BEGIN "\n" LINE "\n" KEY_END ".", "bad key: ***."},
    {"bad key: " KEY_BEGIN "\\n" LINE "\\n" KEY_END ", sorry", "bad key: ***, sorry"},
    {"bad key: " KEY_BEGIN "\n" LINE, "bad key: ***"},
    {"half: MIIOther\n" KEY_END ", half: " KEY_BEGIN "\nMIIOther", "***, half: ***"},
    {"two: " KEY_BEGIN LINE KEY_END " and " KEY_BEGIN LINE KEY_END, "two: *** and ***"},
    {"the key is " LINE "=", "the key is ***="},
    {"{\"private_key\":\"" LINE "\\n" LINE "\"}", "{\"private_key\":\"***\\n***\"}"},
    {"user admin, password correct horse!", "user admin, password ***!"},
    {"pins stay pins", "pins stay pins"},
    {"-----BEGIN CERTIFICATE-----\nMII", "-----BEGIN CERTIFICATE-----\nMII"},
};

START_TEST(what_a_manager_repeats_is_hidden) {
    auto_secret struct secret *key =
        secret_new(KEY_BEGIN "\n" LINE "\n" KEY_END "\n", strlen(KEY_BEGIN LINE KEY_END) + 3, false);
    auto_secret struct secret *password = secret_new("correct horse", 13, false);
    auto_secret struct secret *pin = secret_new("pin", 3, false); /* too short to be told from words */
    ck_assert(key != NULL && password != NULL && pin != NULL);
    auto_text char *words = words_of(rows[_i].said);
    ck_assert_str_eq(words, rows[_i].kept);
}
END_TEST

START_TEST(a_secret_that_is_gone_is_none_any_more) {
    struct secret *first = secret_new("first secret", 12, false);
    struct secret *second = secret_new("second secret", 13, false);
    secret_free(second);
    auto_text char *words = words_of("first secret, second secret");
    ck_assert_str_eq(words, "***, second secret");
    secret_free(first);
    auto_text char *again = words_of("first secret");
    ck_assert_str_eq(again, "first secret");
    ck_assert_ptr_null(words_of(NULL));
}
END_TEST

START_TEST(long_words_are_cut_between_characters) {
    auto_text char *said = mem_calloc(3001, 1);
    for (size_t i = 0; i < 3000; i += 3)
        memcpy(said + i, "€", 3);
    auto_text char *words = words_of(said);
    ck_assert_uint_eq(strlen(words), 999);
    memmove(said + 1, said, 2999);
    *said = 'x';
    auto_text char *shifted = words_of(said);
    ck_assert_uint_eq(strlen(shifted), 1000);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_loop_test(tests, what_a_manager_repeats_is_hidden, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tests, a_secret_that_is_gone_is_none_any_more);
    tcase_add_test(tests, long_words_are_cut_between_characters);
}

int main(void) {
    return unit_run_tests("words", add);
}
