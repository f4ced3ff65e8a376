/* SPDX-License-Identifier: Apache-2.0 */
/* Steps on stderr: nobody, lines, and the live line of a terminal. */
#include <fcntl.h>
#include <unistd.h>

#include "cli/progress.h"
#include "cli_fixture.h"
#include "op/run.h"

enum { SEEN_MAX = 4096 };

static const struct operation operation = {.name = "import"};

static bool act_well(struct run *run, struct step *step, struct error *err) {
    (void)run, (void)err;
    step_add_reason(step, "not in the\nstore");
    return true;
}

static bool act_badly(struct run *run, struct step *step, struct error *err) {
    (void)run, (void)step;
    return error_set(err, ERROR_MANAGER_REFUSED, "no");
}

static void run_steps(enum cli_progress progress) {
    auto_error struct error err = {0};
    struct run run;
    ck_assert(run_init(&run, &operation, json_object(), json_object()));
    run.deadline = deadline_after_ms(60000);
    steps_add_unchanged(&run.steps, "look", "as it should be");
    step_set_endpoint(steps_add(&run.steps, "import", act_well), "192.0.2.10\033[2J");
    steps_add(&run.steps, "validate", act_badly);
    progress_start(progress);
    ck_assert(!steps_run(&run, &err));
    progress_stop();
    run_done(&run);
}

/* What reaches a stderr that is `fd`, read back from `back`. */
static void see(int fd, int back, enum cli_progress progress, char seen[SEEN_MAX]) {
    fflush(stderr);
    int kept = dup(STDERR_FILENO);
    ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
    run_steps(progress);
    fputs("end\n", stderr);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    size_t length = 0;
    seen[0] = '\0';
    while (strstr(seen, "end") == NULL) {
        ssize_t got = read(back, seen + length, SEEN_MAX - 1 - length);
        ck_assert_int_gt(got, 0);
        length += (size_t)got;
        seen[length] = '\0';
    }
}

static void see_pipe(enum cli_progress progress, char seen[SEEN_MAX]) {
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    see(ends[1], ends[0], progress, seen);
    close(ends[0]);
    close(ends[1]);
}

static void see_terminal(enum cli_progress progress, char seen[SEEN_MAX]) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(slave, 0);
    see(slave, master, progress, seen);
    close(slave);
    close(master);
}

START_TEST(test_plain_is_a_line_when_a_step_ends) {
    char seen[SEEN_MAX];
    see_pipe(PROGRESS_PLAIN, seen);
    ck_assert_str_eq(seen, "nsxcert: import: import at 192.0.2.10?[2J: done (not in the store)\n"
                           "nsxcert: import: validate: failed\nend\n");
}
END_TEST

START_TEST(test_none_and_auto_without_a_terminal_say_nothing) {
    char seen[SEEN_MAX];
    see_pipe(PROGRESS_NONE, seen);
    ck_assert_str_eq(seen, "end\n");
    see_pipe(PROGRESS_AUTO, seen);
    ck_assert_str_eq(seen, "end\n");
}
END_TEST

START_TEST(test_a_terminal_gets_a_live_line) {
    char seen[SEEN_MAX];
    setenv("TERM", "xterm", 1);
    see_terminal(PROGRESS_AUTO, seen);
    ck_has(seen,
           "nsxcert: import: import at 192.0.2.10?[2J ...\r\033[Knsxcert: import: import at 192.0.2.10?[2J: done");
    ck_has(seen, "nsxcert: import: validate: failed\r\nend");
}
END_TEST

START_TEST(test_a_dumb_terminal_gets_lines) {
    char seen[SEEN_MAX];
    setenv("TERM", "dumb", 1);
    see_terminal(PROGRESS_AUTO, seen);
    ck_lacks(seen, "\033");
    ck_lacks(seen, "...");
    ck_has(seen, ": done (not in the store)");
}
END_TEST

static void fill(TCase *tests) {
    tcase_add_test(tests, test_plain_is_a_line_when_a_step_ends);
    tcase_add_test(tests, test_none_and_auto_without_a_terminal_say_nothing);
    tcase_add_test(tests, test_a_terminal_gets_a_live_line);
    tcase_add_test(tests, test_a_dumb_terminal_gets_lines);
}

int main(void) {
    return run_case("progress", fill);
}
