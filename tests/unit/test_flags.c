/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: what each flag sets and what is refused. */
#include "cli/flags.h"
#include "cli_fixture.h"

enum { ARGUMENTS_MAX = 16 };

/* Parses words that are separated by single spaces. */
static bool parse(char *words, struct flags *flags, struct error *err) {
    char *argv[ARGUMENTS_MAX] = {(char *)"nsxcert"};
    int argc = 1;
    for (char *at = words; at != NULL && *words != '\0';) {
        argv[argc++] = strsep(&at, " ");
        ck_assert_int_lt(argc, ARGUMENTS_MAX);
    }
    return flags_parse(argc, argv, flags, err);
}

static struct flags accept(const char *words) {
    static char copy[256];
    snprintf(copy, sizeof copy, "%s", words);
    struct flags flags;
    auto_error struct error err = {0};
    ck_assert_msg(parse(copy, &flags, &err), "%s: %s", words, err.problem.detail);
    return flags;
}

static void refuse(const char *words, const char *part) {
    char copy[256];
    snprintf(copy, sizeof copy, "%s", words);
    struct flags flags;
    auto_error struct error err = {0};
    ck_assert_msg(!parse(copy, &flags, &err), "%s was accepted", words);
    ck_assert_int_eq(err.code, ERROR_USAGE);
    ck_has(err.problem.detail, part);
}

START_TEST(test_nothing_means_a_request_on_stdin) {
    struct flags flags = accept("");
    ck_assert_int_eq(flags.mode, MODE_RUN);
    ck_assert_ptr_null(flags.request_file);
    ck_assert_ptr_null(flags.request_env);
    ck_assert_int_eq(flags.format, FORMAT_JSON);
    ck_assert_int_eq(flags.progress, PROGRESS_AUTO);
    ck_assert(!flags.dry_run && !flags.validate && !flags.terraform && !flags.debug && !flags.detailed_exitcode);
}
END_TEST

START_TEST(test_each_flag_sets_its_member) {
    struct flags flags = accept("--request-file a.json --output b.json --format text --progress plain -n --debug "
                                "--detailed-exitcode --validate");
    ck_assert_str_eq(flags.request_file, "a.json");
    ck_assert_str_eq(flags.output, "b.json");
    ck_assert_int_eq(flags.format, FORMAT_TEXT);
    ck_assert_int_eq(flags.progress, PROGRESS_PLAIN);
    ck_assert(flags.dry_run && flags.debug && flags.detailed_exitcode && flags.validate);
    ck_assert_str_eq(accept("--request-env=REQUEST").request_env, "REQUEST");
    ck_assert_str_eq(accept("--request-file -").request_file, "-");
    ck_assert_int_eq(accept("--progress=none").progress, PROGRESS_NONE);
    ck_assert(accept("--terraform --dry-run").terraform);
}
END_TEST

START_TEST(test_modes_take_their_subjects) {
    ck_assert_int_eq(accept("-h").mode, MODE_HELP);
    ck_assert_int_eq(accept("--help").mode, MODE_HELP);
    ck_assert_int_eq(accept("--version").mode, MODE_VERSION);
    ck_assert_int_eq(accept("--capabilities").mode, MODE_CAPABILITIES);
    ck_assert_ptr_null(accept("--schema").subject);
    ck_assert_str_eq(accept("--schema import").subject, "import");
    ck_assert_str_eq(accept("--schema=verify").subject, "verify");
    ck_assert_str_eq(accept("--example generate").subject, "generate");
    ck_assert_str_eq(accept("--explain drifted").subject, "drifted");
    struct flags flags = accept("--render markdown result.json");
    ck_assert_int_eq(flags.mode, MODE_RENDER);
    ck_assert_int_eq(flags.view, VIEW_MARKDOWN);
    ck_assert_str_eq(flags.render_file, "result.json");
    ck_assert_int_eq(accept("--render prometheus").view, VIEW_PROMETHEUS);
    ck_assert_ptr_null(accept("--render text").render_file);
    ck_assert_str_eq(accept("--render text -").render_file, "-");
}
END_TEST

START_TEST(test_wrong_calls_are_refused) {
    refuse("--no-such-thing", "unknown argument --no-such-thing");
    refuse("--dry-rum", "did you mean --dry-run?");
    refuse("--requestfile a", "did you mean --request-file?");
    refuse("import", "unknown argument import");
    refuse("-x", "unknown argument -x");
    refuse("--request-file", "needs a value");
    refuse("--request-file --debug", "needs a value");
    refuse("--request-file=", "is empty");
    refuse("--request-file a --request-file b", "twice");
    refuse("--format yaml", "json|text");
    refuse("--format jso", "json|text");
    refuse("--progress loud", "auto|plain|none");
    refuse("--render html", "text|markdown|prometheus");
    refuse("--render", "needs a value: text|markdown|prometheus");
    refuse("--debug=yes", "takes no value");
    refuse("--explain", "needs a value");
    refuse("--example", "needs a value");
}
END_TEST

START_TEST(test_flags_that_exclude_each_other) {
    refuse("--request-file a --request-env B", "two ways");
    refuse("--request-file a --terraform", "two ways");
    refuse("--help --version", "two things");
    refuse("--help --request-file a", "needs none");
    refuse("--schema --dry-run", "needs none");
    refuse("--terraform --validate", "--terraform");
    refuse("--terraform --format text", "--terraform");
}
END_TEST

START_TEST(test_the_way_out_is_known_after_a_mistake) {
    char words[] = "--nonsense --output out.json --format text";
    struct flags flags;
    auto_error struct error err = {0};
    ck_assert(!parse(words, &flags, &err));
    ck_assert_str_eq(flags.output, "out.json");
    ck_assert_int_eq(flags.format, FORMAT_TEXT);
}
END_TEST

START_TEST(test_help_names_every_flag) {
    static const char *const names[] = {"--request-file", "--request-env",  "--terraform",
                                        "--validate",     "--dry-run",      "--detailed-exitcode",
                                        "--format",       "--output",       "--progress",
                                        "--debug",        "--render",       "--schema",
                                        "--example",      "--capabilities", "--explain",
                                        "--help",         "--version"};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    flags_print(out);
    fclose(out);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_has(text, names[i]);
    ck_has(text, "-n, --dry-run");
    free(text);
}
END_TEST

static void fill(TCase *tests) {
    tcase_add_test(tests, test_nothing_means_a_request_on_stdin);
    tcase_add_test(tests, test_each_flag_sets_its_member);
    tcase_add_test(tests, test_modes_take_their_subjects);
    tcase_add_test(tests, test_wrong_calls_are_refused);
    tcase_add_test(tests, test_flags_that_exclude_each_other);
    tcase_add_test(tests, test_the_way_out_is_known_after_a_mistake);
    tcase_add_test(tests, test_help_names_every_flag);
}

int main(void) {
    return run_case("flags", fill);
}
