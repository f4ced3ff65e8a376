/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of json/read and json/scan. */
#include "json/read.h"

#include <string.h>

#include "unit.h"

static const struct json_limits small = {.bytes = 200, .depth = 3, .values = 6, .token = 20};

#define NINES "999999999999999999999999999999"

/* What is refused, where and why. NUL bytes in the text are written as \1 (which nothing else uses). */
static const struct {
    const char *text;
    size_t line, column;
    const char *reason;
} refused[] = {
    {"", 1, 1, "the text ends too early"},
    {" \n ", 2, 2, "the text ends too early"},
    {"\xEF\xBB\xBF{}", 1, 1, "a byte order mark"},
    {"{} x", 1, 4, "bytes after the value"},
    {"1\1", 1, 2, "bytes after the value"},
    {"\1", 1, 1, "no JSON value begins here"},
    {"tru", 1, 1, "no JSON value begins here"},
    {"nul\n", 1, 1, "no JSON value begins here"},
    {"[1,\n  2,\n  x]", 3, 3, "no JSON value begins here"},
    {"[1,]", 1, 4, "no JSON value begins here"},
    {"[1 2]", 1, 4, "expected a comma or ] after an item"},
    {"[1", 1, 3, "the text ends too early"},
    {"[", 1, 2, "the text ends too early"},
    {"[1}", 1, 3, "expected a comma or ] after an item"},
    {"{'a':1]", 1, 7, "expected a comma or } after a member"},
    {"{'a':1", 1, 7, "the text ends too early"},
    {"{'a':1,}", 1, 8, "expected a member name in double quotes"},
    {"{a:1}", 1, 2, "expected a member name in double quotes"},
    {"{", 1, 2, "the text ends too early"},
    {"{'a' 1}", 1, 6, "expected a colon after the member name"},
    {"{'a'", 1, 5, "the text ends too early"},
    {"{'a':", 1, 6, "the text ends too early"},
    {"{'a':}", 1, 6, "no JSON value begins here"},
    {"{'a':1,'b", 1, 10, "the text ends too early"},
    {"'abc", 1, 5, "the text ends too early"},
    {"'a\nb'", 1, 3, "a control character in a string"},
    {"'a\1b'", 1, 3, "a NUL in a string"},
    {"'a\\u0000'", 1, 3, "a NUL in a string"},
    {"'a\\", 1, 4, "the text ends too early"},
    {"'\\x'", 1, 2, "an escape that JSON does not know"},
    {"'\\\1'", 1, 2, "an escape that JSON does not know"},
    {"'\\u12g4'", 1, 2, "an escape that is not \\u and four hex digits"},
    {"'\\u12", 1, 2, "an escape that is not \\u and four hex digits"},
    {"'\\ud800'", 1, 2, "half of a surrogate pair"},
    {"'\\udc00\\ud800'", 1, 2, "half of a surrogate pair"},
    {"'\\ud800\\u0041'", 1, 2, "half of a surrogate pair"},
    {"'\\ud800xxxxxx'", 1, 2, "half of a surrogate pair"},
    {"'\xC0\x80'", 1, 2, "invalid UTF-8"},
    {"'\xE0\x9F\xBF'", 1, 2, "invalid UTF-8"},
    {"'\xED\xA0\x80'", 1, 2, "invalid UTF-8"},
    {"'\xF0\x8F\xBF\xBF'", 1, 2, "invalid UTF-8"},
    {"'\xF4\x90\x80\x80'", 1, 2, "invalid UTF-8"},
    {"'\xF5\x80\x80\x80'", 1, 2, "invalid UTF-8"},
    {"'abcdefgh\xE2\x82'", 1, 10, "invalid UTF-8"},
    {"'\xE2\x82", 1, 2, "invalid UTF-8"},
    {"'\xF0\x9F\x98'", 1, 2, "invalid UTF-8"},
    {"'\x80'", 1, 2, "invalid UTF-8"},
    {"-", 1, 2, "the text ends too early"},
    {"-x", 1, 2, "a digit is missing in a number"},
    {"+1", 1, 1, "no JSON value begins here"},
    {"01", 1, 1, "a number with a leading zero"},
    {"[-00]", 1, 2, "a number with a leading zero"},
    {"1.", 1, 3, "the text ends too early"},
    {"[1.]", 1, 4, "a digit is missing in a number"},
    {"1e", 1, 3, "the text ends too early"},
    {"[1e+]", 1, 5, "a digit is missing in a number"},
    {".5", 1, 1, "no JSON value begins here"},
    {"[1,\n 1e999]", 2, 2, "a number is out of range"},
    {"[-1e999]", 1, 2, "a number is out of range"},
    {"{'a':\n9223372036854775808}", 2, 1, "a number is out of range"},
    {"[-9223372036854775809 , 1]", 1, 2, "a number is out of range"},
    {"[" NINES "]", 1, 2, "a string or number is too long"},
    {"{'" NINES "': 1}", 1, 2, "a string or number is too long"},
    {"{'a': 1,\n 'b': 2,\n 'a' : 3}", 3, 2, "a member name appears twice in one object"},
    {"{'a\\u0062': 1, 'ab': 3}", 1, 16, "a member name appears twice in one object"},
    {"[{'x': {'y':1,'y':2}}]", 1, 15, "a member name appears twice in one object"},
    {"[[[[]]]]", 1, 4, "nested too deeply"},
    {"[[[{'a':1}]]]", 1, 4, "nested too deeply"},
    {"[1,2,3,4,\n5, 6]", 2, 4, "too many values"},
};

/* The text as bytes: ' is ", \1 is NUL. */
static char *bytes_of(const char *text) {
    char *bytes = mem_strdup(text);
    for (size_t i = 0, length = strlen(text); i < length; i++)
        bytes[i] = text[i] == '\'' ? '"' : text[i] == '\1' ? '\0' : text[i];
    return bytes;
}

START_TEST(test_refuses_with_place_and_reason) {
    auto_text char *bytes = bytes_of(refused[_i].text);
    json_t *value = NULL;
    struct json_fault fault = {0};
    ck_assert_msg(!json_read(bytes, strlen(refused[_i].text), &small, &value, &fault), "accepted %s", refused[_i].text);
    ck_assert_ptr_null(value);
    ck_assert_msg(strcmp(fault.reason, refused[_i].reason) == 0 && fault.line == refused[_i].line &&
                      fault.column == refused[_i].column,
                  "%s: %zu:%zu %s", refused[_i].text, fault.line, fault.column, fault.reason);
}
END_TEST

static const char *const accepted[] = {
    "null",
    "true",
    " false ",
    "0",
    "-0",
    "-0.5e-2",
    "1E+2",
    "9223372036854775807",
    "-9223372036854775808",
    "1e-999",
    "''",
    "'abc'",
    "[]",
    "{}",
    "[ ]",
    "{ }",
    "[[[]]]",
    "[1,2,3,4,5]",
    "{'a':{'b':[1]}}",
    "\t\r\n{'a'\n:\t1 ,'b':2}\r",
    "'\\ud83d\\ude00\\n'",
    "'\xC2\x80\xDF\xBF'",
    "'\xE0\xA0\x80\xED\x9F\xBF\xEF\xBF\xBF'",
    "'\xF0\x90\x80\x80\xF4\x8F\xBF\xBF'",
    "'\x7F'",
    "'01234567\\/\\\\'",
    "[{'a':1},{'a':2}]",
    "'\\uD800\\uDC00'",
    "'\\uABCD\\uefff'",
    "'a\\'b\\\\'",
    "['\\\\\\'','\\'','\\\\',':\\\\\\\\']",
    "'\\b\\f\\n\\r\\t\\/\\''",
    "'\\u00e9\\u07FF'",
    "'\\u0800\\u0041'",
    "'\\uDBFF\\uDFFF z'",
    "{'\\u0061\\\\':1,'a':{'\\'':2},'':''}",
    "[1.5e3,-0.0,1e308,12345678901234567]",
};

START_TEST(test_reads) {
    auto_text char *bytes = bytes_of(accepted[_i]);
    size_t length = strlen(accepted[_i]);
    auto_json json_t *value = NULL;
    struct json_fault fault = {.reason = ""};
    ck_assert_msg(json_read(bytes, length, &small, &value, &fault), "%s: %zu:%zu %s", bytes, fault.line, fault.column,
                  fault.reason);
    json_error_t error;
    auto_json json_t *same = json_loadb(bytes, length, JSON_DECODE_ANY, &error);
    ck_assert(json_equal(value, same));
}
END_TEST

START_TEST(test_too_long_a_text) {
    struct json_limits limits = {.bytes = 5, .depth = 1, .values = 10};
    auto_json json_t *value = NULL;
    struct json_fault fault;
    ck_assert(!json_read("[1,\n2]", 6, &limits, &value, &fault));
    ck_assert_str_eq(fault.reason, "the text is too long");
    ck_assert_uint_eq(fault.line, 2);
    ck_assert_uint_eq(fault.column, 2);
    ck_assert(json_read("[1,2]", 5, &limits, &value, &fault));
}
END_TEST

START_TEST(test_token_without_bound) {
    struct json_limits limits = {.bytes = 1000, .depth = 1, .values = 10};
    char text[300];
    memset(text, 'x', sizeof text);
    text[0] = text[sizeof text - 1] = '"';
    auto_json json_t *value = NULL;
    struct json_fault fault;
    ck_assert(json_read(text, sizeof text, &limits, &value, &fault));
    ck_assert_uint_eq(json_string_length(value), sizeof text - 2);
}
END_TEST

/* The tree is built by recursion, so its depth is bounded whatever the limits say. */
START_TEST(test_depth_is_bounded_at_any_limit) {
    struct json_limits limits = {.bytes = 100000, .depth = 100000, .values = 100000};
    char text[3000];
    memset(text, '[', sizeof text);
    auto_json json_t *value = NULL;
    struct json_fault fault;
    ck_assert(!json_read(text, sizeof text, &limits, &value, &fault));
    ck_assert_str_eq(fault.reason, "nested too deeply");
    ck_assert_uint_eq(fault.column, 2001);
    memset(text + 2000, ']', 1000);
    ck_assert(!json_read(text, 3000, &limits, &value, &fault));
    ck_assert(json_read(text + 1000, 2000, &limits, &value, &fault));
}
END_TEST

/* Every place where the eight-byte stride can begin and end. */
START_TEST(test_special_bytes_at_every_offset) {
    for (size_t at = 1; at < 40; at++) {
        char text[42];
        memset(text, 'x', sizeof text);
        text[0] = text[41] = '"';
        struct json_fault fault;
        json_t *value = NULL;
        text[at] = '\x1F';
        ck_assert(!json_read(text, sizeof text, &json_limits_request, &value, &fault));
        ck_assert_uint_eq(fault.column, at + 1);
        text[at] = '\xFF';
        ck_assert(!json_read(text, sizeof text, &json_limits_request, &value, &fault));
        ck_assert_uint_eq(fault.column, at + 1);
        text[at] = '"';
        ck_assert(!json_read(text, sizeof text, &json_limits_request, &value, &fault));
        ck_assert_uint_eq(fault.column, at + 2);
        text[at] = '\\';
        ck_assert(!json_read(text, sizeof text, &json_limits_request, &value, &fault));
        ck_assert_uint_eq(fault.column, at == 40 ? 42 : at + 1);
    }
}
END_TEST

/* What the limits of a request are, to the value. */
START_TEST(test_request_limits) {
    size_t most = json_limits_request.values;
    auto_text char *text = mem_alloc(2 * most + 2);
    struct json_fault fault;
    json_t *value = NULL;
    memset(text, '1', 2 * most + 2);
    for (size_t i = 0; i < 2 * most + 2; i += 2)
        text[i] = ',';
    text[0] = '[';
    text[2 * most - 2] = ']'; /* the array itself and most - 1 items */
    ck_assert(json_read(text, 2 * most - 1, &json_limits_request, &value, &fault));
    ck_assert_uint_eq(json_array_size(value), most - 1);
    json_decref(value);
    text[2 * most - 2] = ',';
    text[2 * most] = ']';
    ck_assert(!json_read(text, 2 * most + 1, &json_limits_request, &value, &fault));
    ck_assert_str_eq(fault.reason, "too many values");
    ck_assert_uint_eq(fault.column, 2 * most);
}
END_TEST

static bool read_starved(void *context) {
    auto_json json_t *value = NULL;
    struct json_fault fault = {.reason = ""};
    bool done = json_read(context, strlen(context), &json_limits_request, &value, &fault);
    ck_assert(done || strcmp(fault.reason, "out of memory") == 0);
    return done;
}

START_TEST(test_without_memory) {
    json_library_init();
    char text[] = "{\"a\": [1, 2.5, \"text\", {}], \"b\": null}";
    ck_assert(unit_starve(read_starved, text, true) > 5 || mem_count() == 0);
}
END_TEST

/* The Nth allocation of a whole reading is ours: jansson goes through base/mem.h. */
START_TEST(test_library_uses_our_memory) {
    json_library_init();
    mem_fail_after(0);
    json_decref(json_string("x"));
#ifdef NSXCERT_TEST_HOOKS
    ck_assert_uint_gt(mem_count(), 0);
#endif
}
END_TEST

static void add(TCase *tests) {
    tcase_add_loop_test(tests, test_refuses_with_place_and_reason, 0, (int)(sizeof refused / sizeof refused[0]));
    tcase_add_loop_test(tests, test_reads, 0, (int)(sizeof accepted / sizeof accepted[0]));
    tcase_add_test(tests, test_too_long_a_text);
    tcase_add_test(tests, test_token_without_bound);
    tcase_add_test(tests, test_depth_is_bounded_at_any_limit);
    tcase_add_test(tests, test_special_bytes_at_every_offset);
    tcase_add_test(tests, test_request_limits);
    tcase_add_test(tests, test_without_memory);
    tcase_add_test(tests, test_library_uses_our_memory);
}

int main(void) {
    return unit_run_tests("read", add);
}
