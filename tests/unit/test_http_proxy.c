/* SPDX-License-Identifier: Apache-2.0 */
/* http: through a proxy, and past those of the environment. */
#include "http_fixture.h"

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

static void add(TCase *tests) {
    add_http_fixture(tests);
    tcase_add_test(tests, proxy_carries_the_request);
    tcase_add_test(tests, proxy_that_refuses_is_named);
    tcase_add_test(tests, environment_changes_nothing);
}

int main(void) {
    return unit_run_tests("http_proxy", add);
}
