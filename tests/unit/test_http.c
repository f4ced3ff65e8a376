/* SPDX-License-Identifier: Apache-2.0 */
/* http: every outcome against a server that answers byte by byte. */
#include "net/http.h"

#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/mem.h"
#include "tls_server.c"

enum { LONG_MS = 20000, SHORT_MS = 300 };

/* Long enough for a handshake with a server of this process, also where everything takes thirty times as long. */
static int handshake_ms(void) {
    return getenv("UNDER_VALGRIND") == NULL ? SHORT_MS : 3000;
}

static struct pair own; /* what most servers here present: self-signed, for 127.0.0.1 */

static void set_up(void) {
    auto_error struct error err = {0};
    ck_assert(http_library_init(&err));
    own = pair_make(&(struct pair_spec){.common_name = "own", .san = "IP:127.0.0.1,DNS:manager.example"});
}

static void tear_down(void) {
    pair_done(&own);
    http_library_done();
    OPENSSL_thread_stop();
}

/* One exchange: a server, a client that trusts it by pin, and what came of the last request. */
struct exchange {
    struct server_options server_options;
    struct http_options options;
    struct server *server;
    struct trust *trust;
    struct http_client *client;
    struct http_response response;
};

static void open_exchange(struct exchange *exchange) {
    if (exchange->server_options.pair == NULL)
        exchange->server_options.pair = &own;
    exchange->server = server_start(&exchange->server_options);
    struct http_options *options = &exchange->options;
    if (options->host == NULL)
        options->host = "127.0.0.1";
    if (options->port == 0)
        options->port = server_port(exchange->server, 0);
    if (exchange->trust == NULL) {
        unsigned char digest[CERT_SHA256_SIZE];
        exchange->trust = trust_new();
        ck_assert(cert_sha256(exchange->server_options.pair->cert, digest) && trust_add_pin(exchange->trust, digest));
    }
    options->trust = exchange->trust;
    options->connect_timeout_ms = options->connect_timeout_ms == 0 ? LONG_MS : options->connect_timeout_ms;
    options->request_timeout_ms = options->request_timeout_ms == 0 ? LONG_MS : options->request_timeout_ms;
    options->body_limit = options->body_limit == 0 ? 65536 : options->body_limit;
    auto_error struct error err = {0};
    exchange->client = http_client_new(options, &err);
    ck_assert_msg(exchange->client != NULL, "%s", err.problem.detail);
}

static void ask(struct exchange *exchange, const char *method, const char *path) {
    http_response_done(&exchange->response);
    struct http_request request = {.method = method, .path = path};
    ck_assert(http_send(exchange->client, &request, deadline_after_ms(LONG_MS), &exchange->response));
}

static void close_exchange(struct exchange *exchange) {
    http_response_done(&exchange->response);
    http_client_free(exchange->client);
    trust_free(exchange->trust);
    server_stop(exchange->server);
}

/* The outcome of one GET answered with `reply`; exchange->response stays readable. */
static enum http_outcome outcome_of(struct exchange *exchange, struct reply reply) {
    exchange->server_options.replies[0] = reply;
    open_exchange(exchange);
    ask(exchange, "GET", "/");
    return exchange->response.outcome;
}

START_TEST(answer_is_read_whole) {
    static const char bytes[] =
        "HTTP/1.1 201 Created\r\ncOnTeNt-TyPe: Application/JSON;charset=UTF-8\r\ncontent-length: 7\r\n"
        "set-cookie: JSESSIONID=abc; Path=/; Secure\r\nSet-Cookie: other=1\r\nx-xsrf-token: t0k\r\n"
        "Retry-After: 7\r\n\r\n{\"a\":1}";
    struct exchange exchange = {0};
    ck_assert_int_eq(outcome_of(&exchange, (struct reply){.bytes = bytes}), HTTP_ANSWERED);
    struct http_response *got = &exchange.response;
    ck_assert_int_eq(got->status, 201);
    ck_assert_str_eq(buf_text(&got->body), "{\"a\":1}");
    ck_assert_str_eq(got->content_type, "application/json");
    ck_assert_str_eq(got->set_cookie, "JSESSIONID=abc");
    ck_assert_str_eq(got->xsrf_token, "t0k");
    ck_assert_int_eq(got->retry_after_s, 7);
    ck_assert(got->sent);
    ck_assert_ptr_nonnull(got->presented);
    ck_assert_int_eq(got->trust.by, TRUST_PIN);
    ck_assert_ptr_null(got->reason);
    close_exchange(&exchange);
}
END_TEST

START_TEST(request_says_what_it_is_given) {
    struct exchange exchange = {0};
    open_exchange(&exchange);
    auto_secret struct secret *body = secret_new("{\"k\":\"v\"}", 9, false);
    auto_secret struct secret *password = secret_new("pa:ss", 5, false);
    auto_secret struct secret *basic = http_basic("Basic", "admin", password);
    auto_secret struct secret *cookie = secret_new("JSESSIONID=1", 12, false);
    auto_secret struct secret *token = secret_new("xsrf", 4, false);
    struct http_request request = {.method = "POST",
                                   .path = "/api/v1/x?action=import",
                                   .content_type = "application/json",
                                   .body = body,
                                   .authorization = basic,
                                   .cookie = cookie,
                                   .xsrf_token = token};
    ck_assert(http_send(exchange.client, &request, deadline_after_ms(LONG_MS), &exchange.response));
    ck_assert_int_eq(exchange.response.outcome, HTTP_ANSWERED);
    const char *text = server_request(exchange.server, 0);
    ck_assert_ptr_eq(strstr(text, "POST /api/v1/x?action=import HTTP/1.1\r\n"), text);
    auto_text char *host = mem_printf("\r\nHost: 127.0.0.1:%d\r\n", exchange.options.port);
    ck_assert_ptr_nonnull(strstr(text, host));
    ck_assert_ptr_nonnull(strstr(text, "\r\nAuthorization: Basic YWRtaW46cGE6c3M=\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "\r\nCookie: JSESSIONID=1\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "\r\nX-XSRF-TOKEN: xsrf\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "\r\nContent-Type: application/json\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "\r\n\r\n{\"k\":\"v\"}"));
    ck_assert_ptr_null(strcasestr(text, "expect:"));
    ck_assert_ptr_null(strcasestr(text, "accept-encoding"));
    close_exchange(&exchange);
}
END_TEST

START_TEST(empty_post_has_length_zero) {
    struct exchange exchange = {0};
    open_exchange(&exchange);
    ask(&exchange, "POST", "/a");
    ck_assert_ptr_nonnull(strstr(server_request(exchange.server, 0), "\r\nContent-Length: 0\r\n"));
    ck_assert_ptr_null(strcasestr(server_request(exchange.server, 0), "content-type"));
    ask(&exchange, "DELETE", "/b");
    ck_assert_int_eq(exchange.response.outcome, HTTP_ANSWERED);
    ck_assert_ptr_eq(strstr(server_request(exchange.server, 1), "DELETE /b HTTP/1.1\r\n"),
                     server_request(exchange.server, 1));
    ask(&exchange, "GET", "/c");
    ck_assert_ptr_eq(strstr(server_request(exchange.server, 2), "GET /c HTTP/1.1\r\n"),
                     server_request(exchange.server, 2));
    ck_assert_ptr_null(strcasestr(server_request(exchange.server, 2), "content-length"));
    close_exchange(&exchange);
}
END_TEST

START_TEST(connection_is_kept_until_dropped) {
    struct exchange exchange = {0};
    struct http_totals before = http_totals();
    open_exchange(&exchange);
    ask(&exchange, "GET", "/1");
    ck_assert_ptr_nonnull(exchange.response.presented);
    ask(&exchange, "POST", "/2");
    ck_assert_ptr_null(exchange.response.presented);
    ck_assert_uint_eq(server_connections(exchange.server), 1);
    http_client_drop_connection(exchange.client);
    ask(&exchange, "GET", "/3");
    ck_assert_ptr_nonnull(exchange.response.presented);
    ck_assert_uint_eq(server_connections(exchange.server), 2);
    ck_assert_uint_eq(http_totals().requests - before.requests, 3);
    ck_assert_uint_eq(http_totals().connections - before.connections, 2);
    close_exchange(&exchange);
}
END_TEST

START_TEST(redirect_is_not_followed) {
    struct exchange exchange = {0};
    ck_assert_int_eq(outcome_of(&exchange,
                                (struct reply){.bytes = "HTTP/1.1 307 Go\r\nLocation: https://other.example/\r\n"
                                                        "Content-Length: 0\r\n\r\n"}),
                     HTTP_ANSWERED);
    ck_assert_int_eq(exchange.response.status, 307);
    ck_assert_str_eq(exchange.response.location, "https://other.example/");
    ck_assert_uint_eq(server_requests(exchange.server), 1);
    close_exchange(&exchange);
}
END_TEST

/* Answers of which nothing may be believed. */
static const struct {
    struct reply reply;
    enum http_outcome outcome;
} broken[] = {
    {{.bytes = "HTTP/1.1 200 OK\r\nCon", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 2", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "HTT", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "", .end = THEN_CUT}, HTTP_UNCLEAR},
    {{.bytes = "", .end = THEN_RESET}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", .end = THEN_RESET}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\n\r\n12345", .end = THEN_CUT}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12"}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n", .end = THEN_CLOSE},
     HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"}, HTTP_UNCLEAR},
    {{.bytes = "<html>hello, this is no http at all</html>\r\n\r\n", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/0.9 200 OK\r\n\r\nx", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 abc OK\r\n\r\nx", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 100 Continue\r\n\r\n", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", .end = THEN_CLOSE}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nX: ", .end = THEN_DRIP}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", .end = THEN_DRIP}, HTTP_TOO_LARGE},
    {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", .end = THEN_DRIP}, HTTP_UNCLEAR},
    {{.bytes = "", .end = THEN_HANG}, HTTP_UNCLEAR},
    {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n1234567890", .end = THEN_HANG}, HTTP_UNCLEAR},
};

START_TEST(broken_answer_is_unclear) {
    struct exchange exchange = {.options = {.request_timeout_ms = SHORT_MS}};
    enum http_outcome outcome = outcome_of(&exchange, broken[_i].reply);
    ck_assert_msg(outcome == broken[_i].outcome, "outcome %d, reason %s", outcome, exchange.response.reason);
    ck_assert(exchange.response.sent);
    ck_assert_ptr_nonnull(exchange.response.reason);
    close_exchange(&exchange);
}
END_TEST

/* Odd, but whole. */
static const struct {
    struct reply reply;
    int status;
    const char *body;
} odd[] = {
    {{.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\nX-T: 1\r\n\r\n"},
     200,
     "hello!"},
    {{.bytes =
          "HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"},
     200,
     "1"},
    {{.bytes = "HTTP/1.1 200 OK\r\n\r\nuntil the end", .end = THEN_CLOSE}, 200, "until the end"},
    {{.bytes = "HTTP/1.0 200\r\nContent-Length: 2\r\n\r\nok", .end = THEN_CLOSE}, 200, "ok"},
    {{.bytes = "HTTP/1.1 204 No Content\r\n\r\n"}, 204, ""},
    {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}, 200, ""},
    {{.bytes = "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"}, 200, "ok"},
    {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}}more than that"}, 200, "{}}"},
    {{.bytes = "HTTP/1.1 503 Busy\r\nContent-Encoding: identity\r\nContent-Length: 1\r\n\r\nx"}, 503, "x"},
};

START_TEST(odd_answer_is_taken) {
    struct exchange exchange = {.options = {.request_timeout_ms = SHORT_MS * 10}};
    enum http_outcome outcome = outcome_of(&exchange, odd[_i].reply);
    ck_assert_msg(outcome == HTTP_ANSWERED, "outcome %d, reason %s", outcome, exchange.response.reason);
    ck_assert_int_eq(exchange.response.status, odd[_i].status);
    ck_assert_str_eq(buf_text(&exchange.response.body), odd[_i].body);
    close_exchange(&exchange);
}
END_TEST

START_TEST(body_limit_holds_while_streaming) {
    struct exchange exchange = {.options = {.body_limit = 10}};
    ck_assert_int_eq(outcome_of(&exchange, (struct reply){.bytes = "HTTP/1.1 200 OK\r\n\r\n0123456789"
                                                                   "0123456789",
                                                          .end = THEN_HANG}),
                     HTTP_TOO_LARGE);
    ck_assert(exchange.response.sent);
    close_exchange(&exchange);
    struct exchange exact = {.options = {.body_limit = 10}};
    ck_assert_int_eq(outcome_of(&exact,
                                (struct reply){.bytes = "HTTP/1.1 200 OK\r\n\r\n0123456789", .end = THEN_CLOSE}),
                     HTTP_ANSWERED);
    close_exchange(&exact);
}
END_TEST

static void flood(struct buf *text, const char *line, size_t times) {
    for (size_t i = 0; i < times; i++)
        ck_assert(buf_add_text(text, line));
}

START_TEST(head_flood_is_cut_off) {
    auto_buf struct buf many = {0};
    flood(&many, "HTTP/1.1 200 OK\r\n", 1);
    flood(&many, "X-A: b\r\n", 1000);
    struct exchange exchange = {0};
    ck_assert_int_eq(outcome_of(&exchange, (struct reply){.bytes = buf_text(&many), .end = THEN_HANG}), HTTP_UNCLEAR);
    close_exchange(&exchange);
    auto_buf struct buf interim = {0};
    flood(&interim, "HTTP/1.1 100 Continue\r\n\r\n", 50);
    struct exchange again = {0};
    ck_assert_int_eq(outcome_of(&again, (struct reply){.bytes = buf_text(&interim), .end = THEN_HANG}), HTTP_UNCLEAR);
    close_exchange(&again);
}
END_TEST

START_TEST(retry_after_date_becomes_seconds) {
    time_t soon = clock_now() + 100;
    struct tm parts;
    char date[64];
    ck_assert(strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&soon, &parts)) > 0);
    auto_text char *bytes = mem_printf("HTTP/1.1 503 Busy\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n", date);
    struct exchange exchange = {0};
    ck_assert_int_eq(outcome_of(&exchange, (struct reply){.bytes = bytes}), HTTP_ANSWERED);
    /* The clock ran on a little. */
    ck_assert_int_gt(exchange.response.retry_after_s, 30);
    ck_assert_int_le(exchange.response.retry_after_s, 100);
    close_exchange(&exchange);
}
END_TEST

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

START_TEST(proxy_carries_the_request) {
    auto_secret struct secret *password = secret_new("pw", 2, false);
    struct http_proxy proxy = {.username = "user", .password = password};
    struct exchange exchange = {
        .server_options = {.serve = SERVE_PROXY,
                           .replies = {{.bytes = "HTTP/1.1 200 Connection established\r\n\r\n"},
                                       {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"}}}};
    exchange.options = (struct http_options){.host = "192.0.2.10", .port = 443, .proxy = &proxy};
    exchange.server_options.pair = &own;
    struct server *peek = server_start(&exchange.server_options);
    auto_text char *url = mem_printf("http://127.0.0.1:%d", server_port(peek, 0));
    proxy.url = url;
    unsigned char digest[CERT_SHA256_SIZE];
    exchange.trust = trust_new();
    ck_assert(cert_sha256(own.cert, digest) && trust_add_pin(exchange.trust, digest));
    open_exchange(&exchange);
    ask(&exchange, "GET", "/x");
    ck_assert_msg(exchange.response.outcome == HTTP_ANSWERED, "%s", exchange.response.reason);
    ck_assert_str_eq(buf_text(&exchange.response.body), "hi");
    const char *connect = server_request(peek, 0);
    ck_assert_ptr_eq(strstr(connect, "CONNECT 192.0.2.10:443 HTTP/1.1\r\n"), connect);
    ck_assert_ptr_nonnull(strstr(connect, "Proxy-Authorization: Basic dXNlcjpwdw==\r\n"));
    ck_assert_ptr_null(strstr(server_request(peek, 1), "Proxy-Authorization"));
    close_exchange(&exchange);
    server_stop(peek);
}
END_TEST

START_TEST(proxy_that_refuses_is_named) {
    struct http_proxy proxy = {0};
    struct exchange exchange = {
        .server_options = {.serve = SERVE_PROXY,
                           .replies = {{.bytes = "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"}}}};
    exchange.options = (struct http_options){.host = "192.0.2.10", .port = 443, .proxy = &proxy};
    exchange.server_options.pair = &own;
    struct server *peek = server_start(&exchange.server_options);
    auto_text char *url = mem_printf("http://127.0.0.1:%d/", server_port(peek, 0));
    proxy.url = url;
    open_exchange(&exchange);
    ask(&exchange, "POST", "/x");
    ck_assert_int_eq(exchange.response.outcome, HTTP_PROXY_FAILED);
    ck_assert_ptr_nonnull(strstr(exchange.response.reason, "407"));
    ck_assert(!exchange.response.sent);
    close_exchange(&exchange);
    server_stop(peek);
    proxy.url = "http://127.0.0.1:1";
    struct exchange away = {.options = {.host = "192.0.2.10", .port = 443, .proxy = &proxy}};
    open_exchange(&away);
    ask(&away, "GET", "/");
    ck_assert_int_eq(away.response.outcome, HTTP_PROXY_FAILED);
    close_exchange(&away);
}
END_TEST

START_TEST(environment_changes_nothing) {
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    struct exchange exchange = {0};
    open_exchange(&exchange);
    ask(&exchange, "GET", "/");
    ck_assert_int_eq(exchange.response.outcome, HTTP_ANSWERED);
    close_exchange(&exchange);
}
END_TEST

START_TEST(smuggled_header_is_not_sent) {
    struct exchange exchange = {0};
    open_exchange(&exchange);
    auto_secret struct secret *token = secret_new("Bearer a\r\nX-Evil: 1", 19, false);
    struct http_request request = {.method = "GET", .path = "/", .authorization = token};
    ck_assert(http_send(exchange.client, &request, deadline_after_ms(LONG_MS), &exchange.response));
    ck_assert_int_eq(exchange.response.outcome, HTTP_UNCLEAR);
    ck_assert(!exchange.response.sent);
    ck_assert_uint_eq(server_connections(exchange.server), 0);
    ask(&exchange, "GET", "/a b");
    ck_assert(!exchange.response.sent);
    close_exchange(&exchange);
}
END_TEST

START_TEST(values_are_encoded) {
    auto_text char *encoded = http_encode("a b/\xc3\xa4~?&=%");
    ck_assert_str_eq(encoded, "a%20b%2F%C3%A4~%3F%26%3D%25");
    auto_secret struct secret *password = secret_new("", 0, false);
    auto_secret struct secret *remote = http_basic("Remote", "u@d", password);
    ck_assert_str_eq(secret_reveal(remote), "Remote dUBkOg==");
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

static Suite *suite(void) {
    Suite *all = suite_create("http");
    TCase *group = tcase_create("http");
    tcase_add_checked_fixture(group, set_up, tear_down);
    tcase_set_timeout(group, 60);
    tcase_add_test(group, answer_is_read_whole);
    tcase_add_test(group, request_says_what_it_is_given);
    tcase_add_test(group, empty_post_has_length_zero);
    tcase_add_test(group, connection_is_kept_until_dropped);
    tcase_add_test(group, redirect_is_not_followed);
    tcase_add_loop_test(group, broken_answer_is_unclear, 0, (int)(sizeof broken / sizeof *broken));
    tcase_add_loop_test(group, odd_answer_is_taken, 0, (int)(sizeof odd / sizeof *odd));
    tcase_add_test(group, body_limit_holds_while_streaming);
    tcase_add_test(group, head_flood_is_cut_off);
    tcase_add_test(group, retry_after_date_becomes_seconds);
    tcase_add_loop_test(group, post_is_sent_once_at_most, 0, 6);
    tcase_add_test(group, get_survives_a_dead_connection);
    tcase_add_loop_test(group, failed_connection_sends_nothing, 0, (int)(sizeof unsent / sizeof *unsent));
    tcase_add_test(group, refused_and_unknown_are_told_apart);
    tcase_add_test(group, untrusted_peer_gets_nothing);
    tcase_add_test(group, server_name_replaces_address);
    tcase_add_test(group, name_and_ipv6_addresses_work);
    tcase_add_test(group, client_certificate_is_shown);
    tcase_add_test(group, client_key_of_another_is_refused);
    tcase_add_test(group, deadline_cuts_and_tells_what_was_sent);
    tcase_add_test(group, signal_cuts_a_running_request);
    tcase_add_test(group, proxy_carries_the_request);
    tcase_add_test(group, proxy_that_refuses_is_named);
    tcase_add_test(group, environment_changes_nothing);
    tcase_add_test(group, smuggled_header_is_not_sent);
    tcase_add_test(group, values_are_encoded);
    tcase_add_loop_test(group, lost_memory_is_survived, 0, 72);
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
