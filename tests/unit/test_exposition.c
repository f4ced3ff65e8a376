/* SPDX-License-Identifier: Apache-2.0 */
/* The text format of Prometheus: order, one line a series, escapes, numbers. */
#include "cli/exposition.h"

#include <limits.h>

#include "cli_fixture.h"
#include "unit.h"

static const struct exposition_metric metrics[] = {
    {"a_seconds", "How long.", MERGE_LEAST},
    {"b_most", "The most.", MERGE_MOST},
    {"c_sum", "All of them.", MERGE_SUM},
};

/* The text after some samples; the caller owns it. */
static char *print(const struct exposition_sample *samples, size_t count) {
    auto_exposition struct exposition exposition = {.metrics = metrics};
    for (size_t i = 0; i < count; i++)
        exposition_add(&exposition, samples[i].metric, samples[i].labels, samples[i].thousandths);
    auto_buf struct buf out;
    buf_init(&out, 0);
    exposition_print(&exposition, &out);
    return buf_take(&out);
}

START_TEST(test_samples_are_sorted_whatever_their_order) {
    static char one[] = "x=\"1\"", two[] = "x=\"2\"", none[] = "";
    const struct exposition_sample given[] = {{2, none, 0}, {0, two, 2500}, {0, one, 1000}};
    const struct exposition_sample turned[] = {{0, one, 1000}, {0, two, 2500}, {2, none, 0}};
    auto_text char *text = print(given, 3);
    auto_text char *same = print(turned, 3);
    ck_assert_str_eq(text, "# HELP a_seconds How long.\n# TYPE a_seconds gauge\na_seconds{x=\"1\"} 1\n"
                           "a_seconds{x=\"2\"} 2.500\n# HELP c_sum All of them.\n# TYPE c_sum gauge\nc_sum 0\n");
    ck_assert_str_eq(text, same);
}
END_TEST

/* The collector refuses a file in which a series is told twice. */
START_TEST(test_a_series_is_told_once) {
    static char labels[] = "x=\"1\"";
    const struct exposition_sample given[] = {{0, labels, 3000}, {0, labels, 2000}, {0, labels, 4000},
                                              {1, labels, 3000}, {1, labels, 5000}, {1, labels, 4000},
                                              {2, labels, 3000}, {2, labels, 2000}, {2, labels, 4000}};
    auto_text char *text = print(given, 9);
    ck_has(text, "\na_seconds{x=\"1\"} 2\n#");
    ck_has(text, "\nb_most{x=\"1\"} 5\n#");
    ck_assert_str_eq(strstr(text, "gauge\nc_sum"), "gauge\nc_sum{x=\"1\"} 9\n");
}
END_TEST

static const struct {
    const char *value, *label;
} labels[] = {
    {"192.0.2.10", "n=\"192.0.2.10\""},
    {"a\"b\\c", "n=\"a\\\"b\\\\c\""},
    {"a\nb\033c\xe2\x80\xae", "n=\"a b?c?\""},
    {"Z\xc3\xbcrich", "n=\"Z\xc3\xbcrich\""},
    {"", ""},
    {NULL, ""},
};

START_TEST(test_labels_are_escaped) {
    auto_buf struct buf out;
    buf_init(&out, 0);
    exposition_label(&out, "n", labels[_i].value);
    ck_assert_str_eq(buf_text(&out), labels[_i].label);
}
END_TEST

START_TEST(test_labels_are_a_list) {
    auto_buf struct buf out;
    buf_init(&out, 0);
    exposition_label(&out, "a", "1");
    exposition_label(&out, "b", NULL);
    exposition_label(&out, "c", "3");
    ck_assert_str_eq(buf_text(&out), "a=\"1\",c=\"3\"");
}
END_TEST

static const struct {
    long long thousandths;
    const char *text;
} numbers[] = {
    {0, " 0\n"},
    {1, " 0.001\n"},
    {-1, " -0.001\n"},
    {-1500, " -1.500\n"},
    {LLONG_MAX, " 9223372036854775.807\n"},
    {LLONG_MIN, " -9223372036854775.808\n"},
};

START_TEST(test_numbers) {
    static char none[] = "";
    const struct exposition_sample given[] = {{1, none, numbers[_i].thousandths}};
    auto_text char *text = print(given, 1);
    ck_assert_str_eq(strstr(text, "gauge\nb_most") + strlen("gauge\nb_most"), numbers[_i].text);
}
END_TEST

START_TEST(test_what_does_not_fit_is_the_most) {
    ck_assert_int_eq(exposition_whole(1830000000), 1830000000000);
    ck_assert_int_eq(exposition_whole(-5), -5000);
    ck_assert_int_eq(exposition_whole(LLONG_MAX), LLONG_MAX / 1000 * 1000);
    ck_assert_int_eq(exposition_whole(LLONG_MIN), LLONG_MIN / 1000 * 1000);
}
END_TEST

START_TEST(test_nothing_is_nothing) {
    auto_exposition struct exposition exposition = {.metrics = metrics};
    auto_buf struct buf out;
    buf_init(&out, 0);
    exposition_print(&exposition, &out);
    ck_assert_str_eq(buf_text(&out), "");
    ck_assert(!out.failed);
    exposition_add(&exposition, 0, NULL, 1000);
    exposition_print(&exposition, &out);
    ck_assert(out.failed);
}
END_TEST

static bool print_some(void *context) {
    static char none[] = "";
    const struct exposition_sample given[] = {{0, none, 1000}, {1, none, 2000}};
    auto_text char *text = print(given, 2);
    *(char *)context = text == NULL ? 'x' : *text;
    return text != NULL;
}

START_TEST(test_a_lost_sample_is_noticed) {
    char first = '\0';
    (void)unit_starve(print_some, &first, true);
    ck_assert_int_eq(first, '#');
}
END_TEST

static void fill(TCase *tests) {
    tcase_add_test(tests, test_samples_are_sorted_whatever_their_order);
    tcase_add_test(tests, test_a_series_is_told_once);
    tcase_add_loop_test(tests, test_labels_are_escaped, 0, sizeof labels / sizeof *labels);
    tcase_add_test(tests, test_labels_are_a_list);
    tcase_add_loop_test(tests, test_numbers, 0, sizeof numbers / sizeof *numbers);
    tcase_add_test(tests, test_what_does_not_fit_is_the_most);
    tcase_add_test(tests, test_nothing_is_nothing);
    tcase_add_test(tests, test_a_lost_sample_is_noticed);
}

int main(void) {
    return run_case("exposition", fill);
}
