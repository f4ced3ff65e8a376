/* SPDX-License-Identifier: Apache-2.0 */
/* One client against one server that answers byte by byte: for the tests of net/http. */
#ifndef TEST_HTTP_FIXTURE_H
#define TEST_HTTP_FIXTURE_H

#include "net/http.h"

#include "tls_server.c"
#include "unit.h"

enum { LONG_MS = 20000, SHORT_MS = 300 };

/* Long enough for a handshake with a server of this process, also where everything takes thirty times as long. */
static inline int handshake_ms(void) {
    return getenv("UNDER_VALGRIND") == NULL ? SHORT_MS : 3000;
}

static struct pair own; /* what most servers here present: self-signed, for 127.0.0.1 */

static inline void set_up(void) {
    auto_error struct error err = {0};
    ck_assert(http_library_init(&err));
    own = pair_make(&(struct pair_spec){.common_name = "own", .san = "IP:127.0.0.1,DNS:manager.example"});
}

static inline void tear_down(void) {
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

static inline void open_exchange(struct exchange *exchange) {
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

static inline void ask(struct exchange *exchange, const char *method, const char *path) {
    http_response_done(&exchange->response);
    struct http_request request = {.method = method, .path = path};
    ck_assert(http_send(exchange->client, &request, deadline_after_ms(LONG_MS), &exchange->response));
}

static inline void close_exchange(struct exchange *exchange) {
    http_response_done(&exchange->response);
    http_client_free(exchange->client);
    trust_free(exchange->trust);
    server_stop(exchange->server);
}

/* The outcome of one GET answered with `reply`; exchange->response stays readable. */
static inline enum http_outcome outcome_of(struct exchange *exchange, struct reply reply) {
    exchange->server_options.replies[0] = reply;
    open_exchange(exchange);
    ask(exchange, "GET", "/");
    return exchange->response.outcome;
}

static inline void add_http_fixture(TCase *tests) {
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
}

#endif
