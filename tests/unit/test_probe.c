/* SPDX-License-Identifier: Apache-2.0 */
/* probe: what endpoints of every kind are reported as, once each, whatever the others do. */
#include "net/probe.h"

#include <check.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/mem.h"
#include "tls_server.c"

enum { LONG_MS = 20000, SHORT_MS = 400, ENDPOINTS = 100 };

static struct pair own;

static void set_up(void) {
    own = pair_make(&(struct pair_spec){.common_name = "own", .san = "IP:127.0.0.1"});
}

static void tear_down(void) {
    pair_done(&own);
}

/* What was reported, by target. */
struct report {
    enum probe_outcome outcome[ENDPOINTS];
    unsigned times[ENDPOINTS];
    size_t first; /* the target reported first */
    size_t total;
    int chain_length;
    char version[16];
    char reason[128];
};

static void note(void *context, size_t index, const struct probe_result *result) {
    struct report *report = context;
    ck_assert_uint_lt(index, ENDPOINTS);
    if (report->total++ == 0)
        report->first = index;
    report->outcome[index] = result->outcome;
    report->times[index]++;
    if (result->outcome != PROBE_SERVED) {
        ck_assert_ptr_nonnull(result->reason);
        snprintf(report->reason, sizeof report->reason, "%s", result->reason);
        return;
    }
    ck_assert_int_eq(X509_cmp(result->leaf, own.cert), 0);
    report->chain_length = sk_X509_num(result->chain);
    snprintf(report->version, sizeof report->version, "%s", result->tls_version);
}

static struct report probe(const struct probe_target *targets, size_t count, const struct probe_options *options,
                           int64_t ms) {
    struct report report = {0};
    auto_error struct error err = {0};
    ck_assert_msg(probe_all(targets, count, options, deadline_after_ms(ms), note, &report, &err), "%s",
                  err.problem.detail);
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_eq(report.times[i], 1);
    ck_assert_uint_eq(report.total, count);
    return report;
}

static struct report probe_one(struct server *server, const char *host, const struct probe_options *options) {
    return probe(&(struct probe_target){.host = host, .port = server_port(server, 0)}, 1, options, LONG_MS);
}

static const struct probe_options patient = {.timeout_ms = LONG_MS};
static const struct probe_options hasty = {.timeout_ms = SHORT_MS};

START_TEST(certificate_and_chain_are_reported) {
    struct pair ca = pair_make(&(struct pair_spec){.common_name = "ca", .ca = true});
    struct server *server = server_start(&(struct server_options){.pair = &own, .extra = &ca});
    struct http_totals before = http_totals();
    struct report report = probe_one(server, "127.0.0.1", &patient);
    ck_assert_int_eq(report.outcome[0], PROBE_SERVED);
    ck_assert_int_eq(report.chain_length, 2);
    ck_assert_str_eq(report.version, "TLSv1.3");
    ck_assert_uint_eq(http_totals().connections - before.connections, 1);
    report = probe_one(server, "localhost", &patient);
    ck_assert_int_eq(report.outcome[0], PROBE_SERVED);
    server_stop(server);
    server = server_start(&(struct server_options){.pair = &own, .version_max = TLS1_2_VERSION, .address = "::1"});
    report = probe_one(server, "::1", &patient);
    ck_assert_int_eq(report.outcome[0], PROBE_SERVED);
    ck_assert_str_eq(report.version, "TLSv1.2");
    server_stop(server);
    pair_done(&ca);
}
END_TEST

static const struct {
    struct server_options options;
    enum probe_outcome outcome;
} kinds[] = {
    {{.serve = SERVE_PLAIN}, PROBE_TLS_FAILED},  {{.version_max = TLS1_1_VERSION}, PROBE_TLS_FAILED},
    {{.serve = SERVE_SILENT}, PROBE_SILENT},     {{.serve = SERVE_RESET}, PROBE_UNREACHABLE},
    {{.serve = SERVE_CLOSE}, PROBE_UNREACHABLE},
};

START_TEST(failure_has_its_kind) {
    struct server_options options = kinds[_i].options;
    options.pair = &own;
    struct server *server = server_start(&options);
    struct report report = probe_one(server, "127.0.0.1", &hasty);
    ck_assert_msg(report.outcome[0] == kinds[_i].outcome, "outcome %d: %s", (int)report.outcome[0], report.reason);
    server_stop(server);
}
END_TEST

START_TEST(dead_and_nameless_are_told_apart) {
    struct probe_target targets[] = {{.host = "127.0.0.1", .port = 1}, {.host = "no-such-host.invalid", .port = 443}};
    struct report report = probe(targets, 2, &patient, LONG_MS);
    ck_assert_int_eq(report.outcome[0], PROBE_UNREACHABLE);
    ck_assert_int_eq(report.outcome[1], PROBE_UNRESOLVED);
}
END_TEST

static enum serve mixed(size_t listener) {
    static const enum serve kinds_of[] = {SERVE_TLS, SERVE_TLS, SERVE_SILENT, SERVE_PLAIN, SERVE_RESET};
    return kinds_of[listener % 5];
}

START_TEST(one_does_not_disturb_another) {
    static const enum probe_outcome expected[] = {PROBE_SERVED, PROBE_SERVED, PROBE_SILENT, PROBE_TLS_FAILED,
                                                  PROBE_UNREACHABLE};
    struct server *server =
        server_start(&(struct server_options){.pair = &own, .listeners = ENDPOINTS, .serve_of = mixed});
    struct probe_target targets[ENDPOINTS];
    char hosts[ENDPOINTS][64];
    for (size_t i = 0; i < ENDPOINTS; i++) {
        server_address(i, hosts[i]);
        targets[i] = (struct probe_target){.host = hosts[i], .port = server_port(server, i)};
    }
    /* A run with everything at once, and one where silent endpoints hold most of the places for their whole time. */
    struct probe_options options = {.timeout_ms = 3000, .concurrency = _i == 0 ? 0 : 15};
    struct report report = probe(targets, ENDPOINTS, &options, LONG_MS * 3);
    for (size_t i = 0; i < ENDPOINTS; i++)
        ck_assert_msg(report.outcome[i] == expected[i % 5], "%zu: outcome %d", i, (int)report.outcome[i]);
    server_stop(server);
}
END_TEST

START_TEST(quick_one_is_reported_before_a_slow_one) {
    struct server *slow = server_start(&(struct server_options){.pair = &own, .serve = SERVE_SILENT});
    struct server *quick = server_start(&(struct server_options){.pair = &own});
    struct probe_target targets[] = {{.host = "127.0.0.1", .port = server_port(slow, 0)},
                                     {.host = "127.0.0.1", .port = server_port(quick, 0)}};
    struct report report = probe(targets, 2, &(struct probe_options){.timeout_ms = 2000}, LONG_MS);
    ck_assert_uint_eq(report.first, 1);
    server_stop(slow);
    server_stop(quick);
}
END_TEST

START_TEST(deadline_stops_what_is_left) {
    struct server *server = server_start(&(struct server_options){.pair = &own, .serve = SERVE_SILENT});
    struct probe_target targets[ENDPOINTS];
    for (size_t i = 0; i < ENDPOINTS; i++)
        targets[i] = (struct probe_target){.host = "127.0.0.1", .port = server_port(server, 0)};
    struct probe_options options = {.timeout_ms = LONG_MS, .concurrency = 10};
    struct report report = probe(targets, ENDPOINTS, &options, SHORT_MS);
    for (size_t i = 0; i < ENDPOINTS; i++)
        ck_assert_int_eq(report.outcome[i], PROBE_STOPPED);
    server_stop(server);
}
END_TEST

static void *send_signal(void *argument) {
    while (server_connections(argument) == 0)
        (void)poll(NULL, 0, 1);
    kill(getpid(), SIGINT);
    return NULL;
}

START_TEST(signal_stops_it) {
    ck_assert(interrupt_install());
    struct server *server = server_start(&(struct server_options){.pair = &own, .serve = SERVE_SILENT});
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, send_signal, server), 0);
    struct report report = probe_one(server, "127.0.0.1", &patient);
    pthread_join(thread, NULL);
    ck_assert_int_eq(report.outcome[0], PROBE_STOPPED);
    server_stop(server);
}
END_TEST

START_TEST(proxy_is_asked_for_each) {
    struct server *server = server_start(
        &(struct server_options){.pair = &own,
                                 .serve = SERVE_PROXY,
                                 .replies = {{.bytes = "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"}}});
    auto_text char *url = mem_printf("http://localhost:%d", server_port(server, 0));
    auto_secret struct secret *password = secret_new("pw", 2, false);
    struct http_proxy proxy = {.url = url, .username = "user", .password = password};
    struct probe_options options = {.timeout_ms = LONG_MS, .proxy = &proxy};
    struct report report = probe(&(struct probe_target){.host = "2001:db8::1", .port = 443}, 1, &options, LONG_MS);
    ck_assert_msg(report.outcome[0] == PROBE_SERVED, "%s", report.reason);
    const char *text = server_request(server, 0);
    ck_assert_ptr_eq(strstr(text, "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n"), text);
    ck_assert_ptr_nonnull(strstr(text, "Proxy-Authorization: Basic dXNlcjpwdw==\r\n"));
    server_stop(server);
}
END_TEST

static const struct reply refusals[] = {
    {.bytes = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"},
    {.bytes = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nno\n"},
    {.bytes = "SSH-2.0-x\r\n"},
    {.bytes = "HTTP/1.1 200 OK\r\n\r\nunasked"},
    {.bytes = "HTTP/1.1 2", .end = THEN_CUT},
    {.bytes = "", .end = THEN_RESET},
    {.bytes = "", .end = THEN_HANG},
};

START_TEST(proxy_that_refuses_is_named) {
    struct server *server =
        server_start(&(struct server_options){.pair = &own, .serve = SERVE_PROXY, .replies = {refusals[_i]}});
    auto_text char *url = mem_printf("http://127.0.0.1:%d", server_port(server, 0));
    struct http_proxy proxy = {.url = url};
    struct probe_options options = {.timeout_ms = SHORT_MS, .proxy = &proxy};
    struct report report = probe(&(struct probe_target){.host = "manager.example", .port = 443}, 1, &options, LONG_MS);
    ck_assert_msg(report.outcome[0] == PROBE_PROXY_FAILED, "outcome %d: %s", (int)report.outcome[0], report.reason);
    server_stop(server);
}
END_TEST

START_TEST(proxy_that_is_away_is_named) {
    static const char *const urls[] = {"http://127.0.0.1:1", "http://no-such-host.invalid:3128", "ftp://x"};
    struct http_proxy proxy = {.url = urls[_i]};
    struct probe_options options = {.timeout_ms = LONG_MS, .proxy = &proxy};
    struct report report = probe(&(struct probe_target){.host = "192.0.2.1", .port = 443}, 1, &options, LONG_MS);
    ck_assert_int_eq(report.outcome[0], PROBE_PROXY_FAILED);
}
END_TEST

START_TEST(few_descriptors_only_slow_it_down) {
    struct server *server = server_start(&(struct server_options){.pair = &own});
    struct probe_target targets[ENDPOINTS];
    for (size_t i = 0; i < ENDPOINTS; i++)
        targets[i] = (struct probe_target){.host = "127.0.0.1", .port = server_port(server, 0)};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &(struct rlimit){40, 40}), 0);
    struct report report = probe(targets, ENDPOINTS, &patient, LONG_MS);
    for (size_t i = 0; i < ENDPOINTS; i++)
        ck_assert_int_eq(report.outcome[i], PROBE_SERVED);
    server_stop(server);
}
END_TEST

START_TEST(soft_limit_is_raised_no_further_than_needed) {
    struct server *server = server_start(&(struct server_options){.pair = &own});
    struct probe_target targets[ENDPOINTS];
    for (size_t i = 0; i < ENDPOINTS; i++)
        targets[i] = (struct probe_target){.host = "127.0.0.1", .port = server_port(server, 0)};
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = 40;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    (void)probe(targets, ENDPOINTS, &patient, LONG_MS);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_uint_ge(limit.rlim_cur, ENDPOINTS);
    ck_assert_uint_le(limit.rlim_cur, 2 * ENDPOINTS);
    server_stop(server);
}
END_TEST

static void ignore(void *context, size_t index, const struct probe_result *result) {
    (void)index, (void)result;
    ++*(size_t *)context;
}

/* Each allocation in turn fails: it ends, everything is reported, and the failure is told. */
START_TEST(lost_memory_is_survived) {
    struct server *server = server_start(&(struct server_options){.pair = &own});
    struct probe_target targets[] = {{.host = "localhost", .port = server_port(server, 0)},
                                     {.host = "127.0.0.1", .port = server_port(server, 0)}};
    auto_error struct error err = {0};
    size_t reported = 0;
    mem_fail_after((unsigned long)_i + 1);
    bool ok = probe_all(targets, 2, &patient, deadline_after_ms(LONG_MS), ignore, &reported, &err);
    bool failed = mem_exhausted();
    mem_fail_after(0);
    ck_assert(ok == !failed);
    if (ok)
        ck_assert_uint_eq(reported, 2);
    server_stop(server);
}
END_TEST

static Suite *suite(void) {
    Suite *all = suite_create("probe");
    TCase *group = tcase_create("probe");
    tcase_add_checked_fixture(group, set_up, tear_down);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, certificate_and_chain_are_reported);
    tcase_add_loop_test(group, failure_has_its_kind, 0, (int)(sizeof kinds / sizeof *kinds));
    tcase_add_test(group, dead_and_nameless_are_told_apart);
    tcase_add_loop_test(group, one_does_not_disturb_another, 0, 2);
    tcase_add_test(group, quick_one_is_reported_before_a_slow_one);
    tcase_add_test(group, deadline_stops_what_is_left);
    tcase_add_test(group, signal_stops_it);
    tcase_add_test(group, proxy_is_asked_for_each);
    tcase_add_loop_test(group, proxy_that_refuses_is_named, 0, (int)(sizeof refusals / sizeof *refusals));
    tcase_add_loop_test(group, proxy_that_is_away_is_named, 0, 3);
    /* valgrind does not let a program lower the hard limit. */
    if (getenv("UNDER_VALGRIND") == NULL)
        tcase_add_test(group, few_descriptors_only_slow_it_down);
    tcase_add_test(group, soft_limit_is_raised_no_further_than_needed);
    tcase_add_loop_test(group, lost_memory_is_survived, 0, 12);
    suite_add_tcase(all, group);
    return all;
}

int main(void) {
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
