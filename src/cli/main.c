/* SPDX-License-Identifier: Apache-2.0 */
/* The process: start-up order, one request, one result, the exit code. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/harden.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "cli/discover.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/render.h"
#include "cli/request.h"
#include "cli/result.h"
#include "cli/terraform.h"
#include "cli/view.h"
#include "net/http.h"
#include "op/run.h"
#include "x509/library.h"
#include "json/read.h"

/* The last word when there is no memory to say it better; `changed` is the text of that member. */
#define OUT_OF_MEMORY_RESULT(changed)                                                                                  \
    "{\"api_version\":\"nsxcert/v1\",\"operation\":null,\"request_id\":null,\"dry_run\":false,\"ok\":false,"           \
    "\"changed\":" changed ",\"target\":null,\"steps\":[],\"diff\":[],\"unknown\":[],\"result\":null,\"warnings\":[]," \
    "\"error\":{\"code\":\"out-of-memory\",\"severity\":\"error\",\"title\":\"No memory is left\","                    \
    "\"detail\":\"an allocation failed; run the same request again to see what was done\","                            \
    "\"remedy\":\"Run it again where more memory is free.\",\"retryable\":true,\"step\":null,\"upstream\":null,"       \
    "\"rollback\":null,\"errors\":[],\"context\":null},"                                                               \
    "\"meta\":{\"version\":\"" NSXCERT_VERSION "\",\"duration_ms\":0,\"http_requests\":0,\"tls_connections\":0,"       \
    "\"trusted_by\":null}}\n"

/* Everything one invocation holds. */
struct session {
    struct flags flags;
    struct request request;
    struct run run;
    bool has_run;
    struct error err;
    int64_t started_ms;
};

static bool use_color(void) {
    const char *term = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    return output_is_terminal() && (no_color == NULL || *no_color == '\0') && term != NULL && strcmp(term, "dumb") != 0;
}

/* The text of `value` and a newline, into an empty buffer; false when memory ran out. It is measured first: a result of
 * 10,000 endpoints has 7 MB, and a text that grows by doubling would need three times that. */
static bool dump(const json_t *value, size_t flags, struct buf *ret) {
    size_t length = json_dumpb(value, NULL, 0, flags);
    char *text = length == 0 ? NULL : mem_alloc(length + 2);
    if (text == NULL)
        return false;
    *ret = (struct buf){.bytes = text, .length = length + 1, .capacity = length + 2};
    if (json_dumpb(value, text, length, flags) != length)
        return false;
    text[length] = '\n';
    text[length + 1] = '\0';
    return true;
}

/* Turns a result into what --format asks for; false when memory ran out. */
static bool format_result(const struct flags *flags, const json_t *result, struct buf *out) {
    if (flags->format == FORMAT_TEXT) {
        view_text(result, use_color(), out);
        return !out->failed;
    }
    auto_json json_t *flat = flags->terraform ? terraform_flatten(result) : NULL;
    return dump(flags->terraform ? flat : result, JSON_COMPACT | JSON_ENSURE_ASCII, out);
}

static bool write_output_file(const struct session *session, const json_t *result, struct error *err) {
    const struct flags *flags = &session->flags;
    if (flags->output == NULL || session->request.output_refused)
        return true;
    auto_buf struct buf whole;
    buf_init(&whole, 0);
    if (!dump(result, JSON_INDENT(2) | JSON_ENSURE_ASCII, &whole))
        return error_set(err, ERROR_RESULT_NOT_WRITTEN, "no memory to write %s", flags->output);
    return output_write_file(flags->output, buf_text(&whole), whole.length, err);
}

/* The result is lost: stderr says what was done all the same. */
static void tell_done(const struct session *session) {
    for (size_t i = 0; session->has_run && i < session->run.steps.count; i++) {
        const struct step *step = &session->run.steps.items[i];
        fprintf(stderr, "nsxcert: %s: step %s%s%s: %s%s\n", session->request.operation->name, step->name,
                step->endpoint == NULL ? "" : " at ", step->endpoint == NULL ? "" : step->endpoint,
                step_outcome_name(step->outcome), step->changed ? ", changed" : "");
    }
}

/* The exit code when the result is lost: 74 says that the work was done, so a run that failed keeps its own, `code`,
 * and its own remedy, which stderr has told already. */
static int tell_lost(const struct session *session, int code, struct error *lost) {
    bool failed = code != EXIT_DONE && code != EXIT_CHANGED;
    if (failed)
        problem_set_remedy(&lost->problem, "");
    result_print_error(&session->request, lost);
    tell_done(session);
    return failed ? code : EXIT_RESULT_LOST;
}

/* There is no memory to tell the result: stderr says what was done, stdout what can be said without. */
static int finish_without_memory(struct session *session, int code) {
    static const char changed[] = OUT_OF_MEMORY_RESULT("true");
    static const char unchanged[] = OUT_OF_MEMORY_RESULT("false");
    bool is_changed = session->has_run && steps_any_changed(&session->run.steps);
    auto_error struct error lost = {0};
    if (session->err.code == ERROR_NONE) {
        error_set(&session->err, ERROR_OUT_OF_MEMORY, "no memory to tell the result");
        result_print_error(&session->request, &session->err);
    }
    if (!session->flags.terraform && !(is_changed ? output_write(changed, sizeof changed - 1, &lost)
                                                  : output_write(unchanged, sizeof unchanged - 1, &lost)))
        return tell_lost(session, code, &lost);
    tell_done(session);
    return EXIT_TRY_AGAIN;
}

/* Prints the result; the exit code is the run's, `code`, or 74 when the work was done and its result is lost. */
static int print_result(struct session *session, const json_t *result, int code) {
    auto_buf struct buf out;
    buf_init(&out, 0);
    auto_error struct error lost = {0};
    bool ok = write_output_file(session, result, &lost);
    bool silent = session->flags.terraform && (!ok || code != EXIT_DONE);
    if (!silent) {
        if (!format_result(&session->flags, result, &out))
            return finish_without_memory(session, code);
        auto_error struct error stdout_lost = {0};
        bool written = output_write(buf_text(&out), out.length, &stdout_lost);
        if (!written && ok)
            error_move(&lost, &stdout_lost);
        ok = ok && written;
    }
    return ok ? code : tell_lost(session, code, &lost);
}

static int finish(struct session *session) {
    progress_stop();
    struct run *run = session->has_run ? &session->run : NULL;
    if (session->err.code == ERROR_NONE && mem_exhausted())
        error_set(&session->err, ERROR_OUT_OF_MEMORY, "an allocation failed; the result may be incomplete");
    int code = result_exit_code(run, &session->err, session->flags.detailed_exitcode);
    if (session->err.code != ERROR_NONE)
        result_print_error(&session->request, &session->err);
    if (session->err.code == ERROR_USAGE)
        fputs("usage: nsxcert [FLAGS] < request.json   (nsxcert --help tells more)\n", stderr);
    auto_json json_t *result = result_new(&session->request, run, &session->err, session->started_ms);
    return result != NULL ? print_result(session, result, code) : finish_without_memory(session, code);
}

static bool plan_and_run(struct session *session) {
    struct request *request = &session->request;
    struct error *err = &session->err;
    if (!run_init(&session->run, request->operation, json_incref(request->document), json_incref(request->given)))
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to begin");
    session->has_run = true;
    progress_start((enum cli_progress)session->flags.progress);
    if ((request->operation->flags & OP_NETWORK) != 0 && !http_library_init(err))
        return false;
    return request->operation->plan(&session->run, err) && steps_run(&session->run, err);
}

static int run_request(struct session *session) {
    bool valid = request_read(&session->flags, &session->request, &session->err);
    if (valid && !session->flags.validate)
        (void)plan_and_run(session);
    int code = finish(session);
    run_done(&session->run);
    if (session->has_run && (session->request.operation->flags & OP_NETWORK) != 0)
        http_library_done();
    return code;
}

/* What is no result of a run. */
static int print_text(const struct session *session, const struct buf *text) {
    auto_error struct error lost = {0};
    if (text->failed)
        error_set(&lost, ERROR_RESULT_NOT_WRITTEN, "no memory to write it");
    else if (output_write(buf_text(text), text->length, &lost))
        return EXIT_DONE;
    result_print_error(&session->request, &lost);
    return EXIT_RESULT_LOST;
}

/* What needs no request: --render and what the program tells about itself. */
static int tell(struct session *session) {
    const struct flags *flags = &session->flags;
    auto_buf struct buf out;
    buf_init(&out, 0);
    bool ok = flags->mode == MODE_RENDER ? render(flags, use_color(), &out, &session->err)
                                         : discover(flags, &out, &session->err);
    return ok ? print_text(session, &out) : finish(session);
}

/* A refused --output is not written, whatever else there is to tell. */
static bool accept_output(struct session *session) {
    struct flags *flags = &session->flags;
    auto_error struct error cause = {0};
    if (flags->output == NULL)
        return true;
    bool ok = output_may_replace(flags->output, &cause);
    if (ok && flags->request_file != NULL && output_is_same(flags->output, flags->request_file))
        ok = error_set(&cause, ERROR_USAGE, "--output names the same file as --request-file");
    if (ok)
        return true;
    flags->output = NULL;
    if (session->err.code == ERROR_NONE)
        error_move(&session->err, &cause);
    return false;
}

static int dispatch(struct session *session, int argc, char *argv[]) {
    bool ok = flags_parse(argc, argv, &session->flags, &session->err);
    if (!accept_output(session) || !ok) {
        session->flags.mode = MODE_RUN;
        return finish(session);
    }
    if (session->flags.debug)
        log_enable();
    return session->flags.mode == MODE_RUN ? run_request(session) : tell(session);
}

/* Test builds: NSXCERT_FAIL_ALLOCATION=N lets allocation N and all after it fail, counted from here. */
static void arm_allocator(void) {
#ifdef NSXCERT_TEST_HOOKS
    const char *nth = getenv("NSXCERT_FAIL_ALLOCATION");
    library_warm_up();
    if (nth != NULL)
        mem_fail_after(strtoul(nth, NULL, 10));
#endif
}

int main(int argc, char *argv[]) {
    harden_process();
    library_init();
    json_library_init();
    struct session session = {.started_ms = clock_monotonic_ms()};
    if (!interrupt_install() || !output_set_aside())
        error_set(&session.err, ERROR_TOO_MANY_FILES, "no descriptors are left to begin with");
    arm_allocator();
    int code = session.err.code == ERROR_NONE ? dispatch(&session, argc, argv) : finish(&session);
    request_done(&session.request);
    error_done(&session.err);
    secret_forget_environment();
    interrupt_raise_again();
    return code;
}
