/* SPDX-License-Identifier: Apache-2.0 */
/* http: what a request says, and what each answer means. */
#include "http_fixture.h"

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

static void add(TCase *tests) {
    add_http_fixture(tests);
    tcase_add_test(tests, answer_is_read_whole);
    tcase_add_test(tests, request_says_what_it_is_given);
    tcase_add_test(tests, empty_post_has_length_zero);
    tcase_add_test(tests, connection_is_kept_until_dropped);
    tcase_add_test(tests, redirect_is_not_followed);
    tcase_add_loop_test(tests, broken_answer_is_unclear, 0, (int)(sizeof broken / sizeof *broken));
    tcase_add_loop_test(tests, odd_answer_is_taken, 0, (int)(sizeof odd / sizeof *odd));
    tcase_add_test(tests, body_limit_holds_while_streaming);
    tcase_add_test(tests, head_flood_is_cut_off);
    tcase_add_test(tests, retry_after_date_becomes_seconds);
    tcase_add_test(tests, smuggled_header_is_not_sent);
    tcase_add_test(tests, values_are_encoded);
}

int main(void) {
    return unit_run_tests("http", add);
}
