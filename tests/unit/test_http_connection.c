/* SPDX-License-Identifier: Apache-2.0 */
/* http: what a connection may do before, during and after a request. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "http_fixture.h"

/* The server reads the second request of a kept connection and ends it without a byte: libcurl alone would send it
 * again. */
static size_t sent_on_dead_connection(const char *method, enum reply_end end, struct exchange *exchange) {
    *exchange =
        (struct exchange){.server_options = {.replies = {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
                                                         {.bytes = "", .end = end},
                                                         {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}}}};
    open_exchange(exchange);
    ask(exchange, "GET", "/first");
    ck_assert_int_eq(exchange->response.outcome, HTTP_ANSWERED);
    ask(exchange, method, "/second");
    return server_requests(exchange->server);
}

START_TEST(post_is_sent_once_at_most) {
    static const enum reply_end ends[] = {THEN_CLOSE, THEN_CUT, THEN_RESET};
    static const char *const methods[] = {"POST", "DELETE"};
    struct exchange exchange;
    ck_assert_uint_eq(sent_on_dead_connection(methods[_i % 2], ends[_i / 2], &exchange), 2);
    ck_assert_int_eq(exchange.response.outcome, HTTP_UNCLEAR);
    ck_assert(exchange.response.sent);
    close_exchange(&exchange);
}
END_TEST

START_TEST(get_survives_a_dead_connection) {
    struct exchange exchange;
    ck_assert_uint_eq(sent_on_dead_connection("GET", THEN_CUT, &exchange), 3);
    ck_assert_int_eq(exchange.response.outcome, HTTP_ANSWERED);
    close_exchange(&exchange);
}
END_TEST

/* What happens before a byte of the request is sent. */
static const struct {
    enum serve serve;
    int version_max;
    enum http_outcome outcome;
} unsent[] = {
    {SERVE_RESET, 0, HTTP_UNREACHABLE},           {SERVE_CLOSE, 0, HTTP_UNREACHABLE},
    {SERVE_SILENT, 0, HTTP_UNREACHABLE},          {SERVE_PLAIN, 0, HTTP_TLS_FAILED},
    {SERVE_TLS, TLS1_1_VERSION, HTTP_TLS_FAILED},
};

START_TEST(failed_connection_sends_nothing) {
    struct exchange exchange = {.server_options = {.serve = unsent[_i].serve, .version_max = unsent[_i].version_max},
                                .options = {.connect_timeout_ms = handshake_ms()}};
    open_exchange(&exchange);
    ask(&exchange, "POST", "/");
    ck_assert_msg(exchange.response.outcome == unsent[_i].outcome, "outcome %d: %s", exchange.response.outcome,
                  exchange.response.reason);
    ck_assert(!exchange.response.sent);
    ck_assert_ptr_nonnull(exchange.response.reason);
    ck_assert_uint_eq(server_requests(exchange.server), 0);
    close_exchange(&exchange);
}
END_TEST

START_TEST(refused_and_unknown_are_told_apart) {
    struct exchange exchange = {.options = {.port = 1}};
    open_exchange(&exchange);
    ask(&exchange, "GET", "/");
    ck_assert_int_eq(exchange.response.outcome, HTTP_UNREACHABLE);
    close_exchange(&exchange);
    struct exchange nameless = {.options = {.host = "no-such-host.invalid"}};
    open_exchange(&nameless);
    ask(&nameless, "GET", "/");
    ck_assert(nameless.response.outcome == HTTP_UNRESOLVED || nameless.response.outcome == HTTP_UNREACHABLE);
    ck_assert(!nameless.response.sent);
    close_exchange(&nameless);
}
END_TEST

START_TEST(untrusted_peer_gets_nothing) {
    struct exchange exchange = {.trust = trust_new()};
    unsigned char other[CERT_SHA256_SIZE] = {1};
    ck_assert(trust_add_pin(exchange.trust, other));
    open_exchange(&exchange);
    auto_secret struct secret *basic = secret_new("Basic c2VjcmV0", 14, false);
    struct http_request request = {.method = "GET", .path = "/", .authorization = basic};
    ck_assert(http_send(exchange.client, &request, deadline_after_ms(LONG_MS), &exchange.response));
    ck_assert_int_eq(exchange.response.outcome, HTTP_UNTRUSTED);
    ck_assert(!exchange.response.sent);
    ck_assert_int_eq(X509_cmp(exchange.response.presented, own.cert), 0);
    ck_assert_int_eq(exchange.response.trust.by, TRUST_NONE);
    ck_assert_uint_eq(server_requests(exchange.server), 0);
    /* Trust may grow: the next handshake asks anew. */
    unsigned char digest[CERT_SHA256_SIZE];
    ck_assert(cert_sha256(own.cert, digest) && trust_add_leaf(exchange.trust, digest));
    ask(&exchange, "GET", "/");
    ck_assert_int_eq(exchange.response.outcome, HTTP_ANSWERED);
    ck_assert_int_eq(exchange.response.trust.by, TRUST_REQUEST);
    close_exchange(&exchange);
}
END_TEST

START_TEST(server_name_replaces_address) {
    struct pair named = pair_make(&(struct pair_spec){.common_name = "x", .san = "DNS:manager.example"});
    struct exchange exchange = {.server_options = {.pair = &named}, .trust = trust_new()};
    ck_assert(trust_add_ca(exchange.trust, named.cert));
    exchange.options.server_name = "manager.example";
    open_exchange(&exchange);
    ask(&exchange, "GET", "/");
    ck_assert_msg(exchange.response.outcome == HTTP_ANSWERED, "%s", exchange.response.reason);
    ck_assert_int_eq(exchange.response.trust.by, TRUST_CA);
    auto_text char *host = mem_printf("\r\nHost: manager.example:%d\r\n", exchange.options.port);
    ck_assert_ptr_nonnull(strstr(server_request(exchange.server, 0), host));
    close_exchange(&exchange);
    /* Without the name the address is what must be named. */
    struct exchange bare = {.server_options = {.pair = &named}, .trust = trust_new()};
    ck_assert(trust_add_ca(bare.trust, named.cert));
    open_exchange(&bare);
    ask(&bare, "GET", "/");
    ck_assert_int_eq(bare.response.outcome, HTTP_UNTRUSTED);
    close_exchange(&bare);
    pair_done(&named);
}
END_TEST

START_TEST(name_and_ipv6_addresses_work) {
    struct exchange named = {.options = {.host = "localhost"}};
    open_exchange(&named);
    ask(&named, "GET", "/");
    ck_assert_msg(named.response.outcome == HTTP_ANSWERED, "%s", named.response.reason);
    close_exchange(&named);
    struct exchange six = {.server_options = {.address = "::1"}, .options = {.host = "::1"}};
    open_exchange(&six);
    ask(&six, "GET", "/");
    ck_assert_msg(six.response.outcome == HTTP_ANSWERED, "%s", six.response.reason);
    auto_text char *host = mem_printf("\r\nHost: [::1]:%d\r\n", six.options.port);
    ck_assert_ptr_nonnull(strstr(server_request(six.server, 0), host));
    close_exchange(&six);
}
END_TEST

START_TEST(client_certificate_is_shown) {
    struct pair user = pair_make(&(struct pair_spec){.common_name = "user", .usage = "clientAuth"});
    char *cert = pair_cert_pem(&user);
    char *key = pair_key_pem(&user);
    auto_secret struct secret *key_secret = secret_new(key, strlen(key), false);
    struct exchange exchange = {.server_options = {.client_ca = user.cert},
                                .options = {.client_certificate_pem = cert, .client_key_pem = key_secret}};
    open_exchange(&exchange);
    ask(&exchange, "GET", "/");
    ck_assert_msg(exchange.response.outcome == HTTP_ANSWERED, "%s", exchange.response.reason);
    close_exchange(&exchange);
    /* Without one TLS 1.3 refuses after the request is on its way: sent, and no answer. */
    struct exchange without = {.server_options = {.client_ca = user.cert}};
    open_exchange(&without);
    ask(&without, "POST", "/");
    ck_assert_int_eq(without.response.outcome, HTTP_UNCLEAR);
    ck_assert(without.response.sent);
    close_exchange(&without);
    OPENSSL_free(cert);
    OPENSSL_free(key);
    pair_done(&user);
}
END_TEST

START_TEST(client_key_of_another_is_refused) {
    struct pair user = pair_make(&(struct pair_spec){.common_name = "user"});
    char *cert = pair_cert_pem(&user);
    char *key = pair_key_pem(&own);
    auto_secret struct secret *key_secret = secret_new(key, strlen(key), false);
    auto_trust struct trust *trust = trust_new();
    struct http_options options = {
        .host = "127.0.0.1", .port = 1, .trust = trust, .client_certificate_pem = cert, .client_key_pem = key_secret};
    auto_error struct error err = {0};
    ck_assert_ptr_null(http_client_new(&options, &err));
    ck_assert_int_ne(err.code, ERROR_NONE);
    OPENSSL_free(cert);
    OPENSSL_free(key);
    pair_done(&user);
}
END_TEST

START_TEST(deadline_cuts_and_tells_what_was_sent) {
    struct exchange exchange = {.server_options = {.replies = {{.bytes = "", .end = THEN_HANG}}}};
    open_exchange(&exchange);
    struct http_request request = {.method = "POST", .path = "/"};
    ck_assert(http_send(exchange.client, &request, deadline_after_ms(handshake_ms()), &exchange.response));
    ck_assert_int_eq(exchange.response.outcome, HTTP_INTERRUPTED);
    ck_assert(exchange.response.sent);
    http_response_done(&exchange.response);
    ck_assert(http_send(exchange.client, &request, deadline_after_ms(0), &exchange.response));
    ck_assert_int_eq(exchange.response.outcome, HTTP_INTERRUPTED);
    ck_assert(!exchange.response.sent);
    ck_assert_uint_eq(server_requests(exchange.server), 1);
    close_exchange(&exchange);
}
END_TEST

static void *send_signal(void *argument) {
    struct server *server = argument;
    while (server_requests(server) == 0)
        (void)poll(NULL, 0, 1);
    kill(getpid(), SIGTERM);
    return NULL;
}

START_TEST(signal_cuts_a_running_request) {
    ck_assert(interrupt_install());
    struct exchange exchange = {.server_options = {.replies = {{.bytes = "", .end = THEN_HANG}}}};
    open_exchange(&exchange);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, send_signal, exchange.server), 0);
    ask(&exchange, "POST", "/");
    pthread_join(thread, NULL);
    ck_assert_int_eq(exchange.response.outcome, HTTP_INTERRUPTED);
    ck_assert(exchange.response.sent);
    ask(&exchange, "POST", "/");
    ck_assert_int_eq(exchange.response.outcome, HTTP_INTERRUPTED);
    ck_assert(!exchange.response.sent);
    ck_assert_uint_eq(server_requests(exchange.server), 1);
    close_exchange(&exchange);
}
END_TEST

/* Each allocation in turn fails: no crash, nothing sent after it, no answer believed. */
START_TEST(lost_memory_is_survived) {
    struct exchange exchange = {0};
    open_exchange(&exchange);
    ask(&exchange, "GET", "/");
    http_client_drop_connection(exchange.client);
    http_response_done(&exchange.response);
    mem_fail_after((unsigned long)_i + 1);
    struct http_request request = {.method = "POST", .path = "/w"};
    bool ok = http_send(exchange.client, &request, deadline_after_ms(LONG_MS), &exchange.response);
    bool failed = mem_exhausted();
    mem_fail_after(0);
    ck_assert(ok || failed);
    if (failed)
        ck_assert_int_ne(exchange.response.outcome, HTTP_ANSWERED);
    if (!exchange.response.sent)
        ck_assert_uint_eq(server_requests(exchange.server), 1);
    close_exchange(&exchange);
}
END_TEST

static void add(TCase *tests) {
    add_http_fixture(tests);
    tcase_add_loop_test(tests, post_is_sent_once_at_most, 0, 6);
    tcase_add_test(tests, get_survives_a_dead_connection);
    tcase_add_loop_test(tests, failed_connection_sends_nothing, 0, (int)(sizeof unsent / sizeof *unsent));
    tcase_add_test(tests, refused_and_unknown_are_told_apart);
    tcase_add_test(tests, untrusted_peer_gets_nothing);
    tcase_add_test(tests, server_name_replaces_address);
    tcase_add_test(tests, name_and_ipv6_addresses_work);
    tcase_add_test(tests, client_certificate_is_shown);
    tcase_add_test(tests, client_key_of_another_is_refused);
    tcase_add_test(tests, deadline_cuts_and_tells_what_was_sent);
    tcase_add_test(tests, signal_cuts_a_running_request);
    tcase_add_loop_test(tests, lost_memory_is_survived, 0, 72);
}

int main(void) {
    return unit_run_tests("http_connection", add);
}
