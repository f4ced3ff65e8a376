/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of nsx/call, nsx/judge and nsx/login: what an answer means, and what may be sent again. */
#include <stdio.h>
#include <string.h>

#include "net/retry.h"
#include "nsx/peer.h"
#include "unit.h"

/* One answer on the wire. */
struct wire {
    enum http_outcome outcome; /* HTTP_ANSWERED with a status, or what came instead */
    int status;
    const char *body;
    const char *content_type; /* NULL: application/json if there is a body */
    const char *cookie;
    const char *location;
    bool not_sent;
};

static const struct wire *wire;
static size_t wire_length, wire_at;
static int waits, waits_left;
static char sent[1024]; /* "GET /a+auth POST /b+cookie …" */
static char form[256];

static const struct endpoint endpoint = {.text = (char *)"nsx.test:8443", .host = (char *)"nsx.test", .port = 8443};
static const struct endpoint other = {.text = (char *)"nsx-b.test", .host = (char *)"nsx-b.test", .port = 443};
static struct auth auth;
static struct problems warnings;

struct http_client {
    int unused;
};
static struct http_client client;

struct http_client *http_client_new(const struct http_options *options, struct error *err) {
    (void)err;
    ck_assert_uint_gt(options->body_limit, 0);
    return &client;
}
void http_client_free(struct http_client *unused) {
    (void)unused;
}
void http_client_drop_connection(struct http_client *unused) {
    (void)unused;
}

bool http_send(struct http_client *unused, const struct http_request *request, struct deadline deadline,
               struct http_response *ret) {
    (void)unused, (void)deadline;
    size_t used = strlen(sent);
    snprintf(sent + used, sizeof sent - used, "%s%s %s%s%s%s", used == 0 ? "" : " ", request->method, request->path,
             request->authorization != NULL ? "+auth" : "", request->cookie != NULL ? "+cookie" : "",
             request->xsrf_token != NULL ? "+xsrf" : "");
    if (strcmp(request->path, "/api/session/create") == 0)
        snprintf(form, sizeof form, "%s", secret_reveal(request->body));
    *ret = (struct http_response){.retry_after_s = -1};
    if (strcmp(request->path, "/api/session/destroy") == 0) {
        ret->outcome = HTTP_UNREACHABLE;
        return true;
    }
    ck_assert_msg(wire_at < wire_length, "not expected: %s", sent);
    const struct wire *next = &wire[wire_at++];
    ret->outcome = next->outcome;
    ret->status = next->status;
    ret->sent = !next->not_sent && next->outcome != HTTP_UNREACHABLE;
    if (next->body != NULL) {
        ret->content_type = mem_strdup(next->content_type != NULL ? next->content_type : "application/json");
        buf_add_text(&ret->body, next->body);
    }
    ret->set_cookie = mem_strdup(next->cookie);
    ret->xsrf_token = mem_strdup(next->cookie);
    ret->location = mem_strdup(next->location);
    return true;
}

void http_response_done(struct http_response *response) {
    buf_done(&response->body);
    mem_free(response->content_type);
    mem_free(response->set_cookie);
    mem_free(response->xsrf_token);
    mem_free(response->location);
}

void retry_init(struct retry *retry, struct deadline deadline, int64_t first_ms, int64_t cap_ms) {
    (void)retry, (void)deadline, (void)first_ms, (void)cap_ms;
}

bool retry_wait(struct retry *retry, long retry_after_s) {
    (void)retry, (void)retry_after_s;
    waits++;
    return waits_left-- > 0;
}

static struct manager *begin(enum auth_kind kind, const struct wire *script, size_t length) {
    auth =
        (struct auth){.kind = kind, .username = mem_strdup("ad min&"), .secret = secret_new("p=%\xc3\xa9", 5, false)};
    const struct manager_config config = {.address = &endpoint,
                                          .auth = &auth,
                                          .deadline = deadline_after_ms(60000),
                                          .warnings = &warnings};
    wire = script;
    wire_length = length;
    wire_at = 0;
    waits = 0;
    waits_left = 5;
    sent[0] = '\0';
    return manager_new(&config);
}

static void end(struct manager *manager) {
    ck_assert_uint_eq(wire_at, wire_length);
    manager_free(manager);
    auth_done(&auth);
    problems_done(&warnings);
}

#define BEGIN(kind, ...)                               \
    static const struct wire script[] = {__VA_ARGS__}; \
    struct manager *manager = begin(kind, script, sizeof script / sizeof *script)

static enum call_outcome send(struct manager *manager, enum call_effect effect, struct error *err) {
    const struct manager_request request = {.method = effect == CALL_READ ? "GET" : "POST",
                                            .path = "/x?y=1",
                                            .effect = effect};
    struct manager_answer answer;
    bool ok = manager_call(manager, manager_peer(manager), &request, &answer, err);
    ck_assert(ok == (answer.outcome == CALL_DONE) && ok == (err->code == ERROR_NONE));
    json_decref(answer.body);
    return answer.outcome;
}

#define OK_ANSWER {.outcome = HTTP_ANSWERED, .status = 200, .body = "{}"}

/* One answer, to a peer that had not or had answered before. `again`: what a read, and a write that must not be sent
 * twice, do. */
enum then { SAME, REPEATS };
static const struct {
    struct wire answer;
    enum then first_read, later_read, later_write;
    enum call_outcome write_outcome; /* when it is not repeated */
    enum error_code code;
} rules[] = {
    {{.status = 404, .body = "{}"}, SAME, SAME, SAME, CALL_REFUSED, ERROR_MANAGER_REFUSED},
    {{.status = 400, .body = "{\"error_code\":60508}"}, REPEATS, REPEATS, SAME, CALL_UNCLEAR, ERROR_MANAGER_BUSY},
    {{.status = 409, .body = "{}"}, SAME, SAME, SAME, CALL_REFUSED, ERROR_MANAGER_REFUSED},
    {{.status = 429, .body = "{}"}, REPEATS, REPEATS, REPEATS, CALL_DONE, ERROR_MANAGER_BUSY},
    {{.status = 500, .body = "{}"}, SAME, SAME, SAME, CALL_REFUSED, ERROR_MANAGER_FAILED},
    {{.status = 500, .body = "{\"error_code\":98}"}, REPEATS, REPEATS, SAME, CALL_UNCLEAR, ERROR_MANAGER_BUSY},
    {{.status = 502, .body = "<p>"}, REPEATS, REPEATS, SAME, CALL_UNCLEAR, ERROR_MANAGER_BUSY},
    {{.status = 503}, REPEATS, REPEATS, SAME, CALL_UNCLEAR, ERROR_MANAGER_BUSY},
    {{.status = 504}, REPEATS, REPEATS, SAME, CALL_UNCLEAR, ERROR_MANAGER_BUSY},
    {{.status = 200, .body = "{\"a\""}, REPEATS, REPEATS, SAME, CALL_UNCLEAR, ERROR_CUT_ANSWER},
    {{.status = 200, .body = "{\"a\":1,\"a\":2}"}, REPEATS, REPEATS, SAME, CALL_UNCLEAR, ERROR_CUT_ANSWER},
    {{.status = 200, .body = " <html>"}, SAME, SAME, SAME, CALL_UNCLEAR, ERROR_NOT_A_MANAGER},
    {{.status = 200, .body = "hello", .content_type = "text/plain"},
     SAME,
     SAME,
     SAME,
     CALL_UNCLEAR,
     ERROR_NOT_A_MANAGER},
    {{.status = 307, .location = "https://elsewhere/"}, SAME, SAME, SAME, CALL_FAILED, ERROR_NOT_A_MANAGER},
    {{.status = 403, .body = "{\"error_code\":505}"}, SAME, SAME, SAME, CALL_REFUSED, ERROR_MANAGER_REFUSED},
    {{.status = 403, .body = "{\"error_message\":\"not permitted\"}"},
     SAME,
     SAME,
     SAME,
     CALL_REFUSED,
     ERROR_ROLE_MISSING},
    {{.outcome = HTTP_UNRESOLVED, .not_sent = true}, SAME, REPEATS, REPEATS, CALL_DONE, ERROR_UNREACHABLE},
    {{.outcome = HTTP_UNREACHABLE, .not_sent = true}, REPEATS, REPEATS, REPEATS, CALL_DONE, ERROR_UNREACHABLE},
    {{.outcome = HTTP_PROXY_FAILED, .not_sent = true}, REPEATS, REPEATS, REPEATS, CALL_DONE, ERROR_PROXY_FAILED},
    {{.outcome = HTTP_TLS_FAILED, .not_sent = true}, SAME, REPEATS, REPEATS, CALL_DONE, ERROR_NOT_A_MANAGER},
    {{.outcome = HTTP_UNTRUSTED, .not_sent = true}, SAME, SAME, SAME, CALL_FAILED, ERROR_UNTRUSTED_MANAGER},
    {{.outcome = HTTP_UNCLEAR}, REPEATS, REPEATS, SAME, CALL_UNCLEAR, ERROR_UNREACHABLE},
    {{.outcome = HTTP_UNCLEAR, .status = 200}, REPEATS, REPEATS, SAME, CALL_UNCLEAR, ERROR_CUT_ANSWER},
    {{.outcome = HTTP_TOO_LARGE}, SAME, SAME, SAME, CALL_UNCLEAR, ERROR_NOT_A_MANAGER},
    {{.outcome = HTTP_INTERRUPTED}, SAME, SAME, SAME, CALL_UNCLEAR, ERROR_DEADLINE},
};

static void check_rule(int rule, bool later, enum call_effect effect, enum then then) {
    const struct wire script[] = {OK_ANSWER, rules[rule].answer, OK_ANSWER};
    size_t from = later ? 0 : 1;
    struct manager *manager = begin(AUTH_BASIC, script + from, (later ? 2U : 1U) + (then == REPEATS ? 1U : 0U));
    auto_error struct error err = {0};
    if (later)
        ck_assert_int_eq(send(manager, CALL_READ, &err), CALL_DONE);
    enum call_outcome outcome = send(manager, effect, &err);
    ck_assert_int_eq(waits, then == REPEATS);
    if (then == REPEATS) {
        ck_assert_int_eq(outcome, CALL_DONE);
    } else {
        ck_assert(outcome == rules[rule].write_outcome || effect != CALL_ONCE);
        ck_assert(outcome != CALL_UNCLEAR || effect == CALL_ONCE);
        /* Before the first answer the nearer end is that of the first contact. */
        ck_assert(err.code == rules[rule].code || (!later && err.code == ERROR_UNREACHABLE));
    }
    end(manager);
}

START_TEST(test_rules) {
    check_rule(_i, false, CALL_READ, rules[_i].first_read);
    check_rule(_i, true, CALL_READ, rules[_i].later_read);
    check_rule(_i, true, CALL_REPEATABLE_WRITE, rules[_i].later_read);
    check_rule(_i, true, CALL_ONCE, rules[_i].later_write);
}
END_TEST

START_TEST(test_time_over) {
    BEGIN(AUTH_BASIC, {.status = 503}, {.status = 503}, {.status = 429});
    waits_left = 2;
    auto_error struct error err = {0};
    ck_assert_int_eq(send(manager, CALL_READ, &err), CALL_FAILED);
    ck_assert_int_eq(err.code, ERROR_MANAGER_BUSY);
    ck_assert_int_eq(err.upstream.http_status, 429);
    ck_assert_str_eq(err.problem.endpoint, "nsx.test:8443");
    ck_assert_str_eq(err.upstream.url, "https://nsx.test:8443/x?y=1");
    end(manager);
}
END_TEST

static const struct {
    struct wire answer;
} refusals[] = {
    {{.status = 401}},
    {{.status = 401, .body = "<html>login", .content_type = "text/html"}},
    {{.status = 403}},
    {{.status = 403,
      .body =
          "{\"error_code\":403,\"error_message\":\"The credentials were incorrect or the account specified has been locked.\"}"}},
    {{.status = 403, .body = "{\"error_code\":98}"}},
    {{.status = 500, .body = "{\"error_code\":99}"}},
};

START_TEST(test_refused_credentials_go_nowhere_again) {
    const struct wire script[] = {refusals[_i].answer};
    struct manager *manager = begin(AUTH_BASIC, script, 1);
    auto_error struct error err = {0};
    ck_assert_int_eq(send(manager, CALL_READ, &err), CALL_REFUSED);
    ck_assert_int_eq(err.code, ERROR_CREDENTIALS_REFUSED);
    const struct manager_request request = {.method = "GET", .path = "/x", .effect = CALL_READ};
    struct manager_answer answer;
    ck_assert(!manager_call(manager, manager_peer_at(manager, &other), &request, &answer, &err));
    ck_assert_int_eq(err.code, ERROR_CREDENTIALS_REFUSED);
    ck_assert_str_eq(sent, "GET /x?y=1+auth");
    end(manager);
}
END_TEST

START_TEST(test_session) {
    BEGIN(AUTH_SESSION, {.status = 200, .cookie = "JSESSIONID=1"}, OK_ANSWER, OK_ANSWER);
    auto_error struct error err = {0};
    ck_assert_int_eq(send(manager, CALL_READ, &err), CALL_DONE);
    ck_assert_int_eq(send(manager, CALL_ONCE, &err), CALL_DONE);
    ck_assert_str_eq(form, "j_username=ad%20min%26&j_password=p%3D%25%C3%A9");
    end(manager); /* logs out */
    ck_assert_str_eq(sent, "POST /api/session/create GET /x?y=1+cookie+xsrf POST /x?y=1+cookie+xsrf "
                           "POST /api/session/destroy+cookie+xsrf");
}
END_TEST

START_TEST(test_session_made_anew_once) {
    BEGIN(AUTH_SESSION, {.status = 200, .cookie = "a=1"}, OK_ANSWER, {.status = 403}, {.status = 200, .cookie = "a=2"},
          {.status = 403});
    auto_error struct error err = {0};
    ck_assert_int_eq(send(manager, CALL_READ, &err), CALL_DONE);
    ck_assert_int_eq(send(manager, CALL_ONCE, &err), CALL_REFUSED);
    ck_assert_int_eq(err.code, ERROR_CREDENTIALS_REFUSED);
    ck_assert_int_eq(waits, 0);
    end(manager);
}
END_TEST

START_TEST(test_session_refused) {
    BEGIN(AUTH_SESSION, {.status = 401});
    auto_error struct error err = {0};
    ck_assert_int_eq(send(manager, CALL_ONCE, &err), CALL_REFUSED);
    ck_assert_int_eq(send(manager, CALL_ONCE, &err), CALL_REFUSED);
    ck_assert_int_eq(err.code, ERROR_CREDENTIALS_REFUSED);
    end(manager);
}
END_TEST

START_TEST(test_session_without_cookie) {
    BEGIN(AUTH_SESSION, {.status = 200});
    auto_error struct error err = {0};
    ck_assert_int_eq(send(manager, CALL_READ, &err), CALL_FAILED);
    ck_assert_int_eq(err.code, ERROR_UNEXPECTED_ANSWER);
    end(manager);
}
END_TEST

START_TEST(test_busy_login_is_tried_again) { /* a write waits behind it: it was not sent, so nothing is unclear */
    BEGIN(AUTH_SESSION, {.status = 503}, {.outcome = HTTP_UNCLEAR}, {.status = 200, .cookie = "a=1"}, OK_ANSWER);
    auto_error struct error err = {0};
    ck_assert_int_eq(send(manager, CALL_ONCE, &err), CALL_DONE);
    ck_assert_int_eq(waits, 2);
    end(manager);
}
END_TEST

START_TEST(test_words_of_the_manager) {
    BEGIN(AUTH_TOKEN,
          {.status = 400,
           .body = "{\"error_code\":500,\"module_name\":\"m\",\"error_message\":\"outer\",\"related_errors\":"
                   "[{\"error_code\":2076,\"error_message\":\"middle\",\"related_errors\":[{\"error_code\":7,"
                   "\"error_message\":\"inner\"}]}]}"});
    auto_error struct error err = {0};
    ck_assert_int_eq(send(manager, CALL_ONCE, &err), CALL_REFUSED);
    ck_assert_str_eq(err.upstream.error_message, "outer: [7] inner");
    ck_assert_int_eq(err.upstream.error_code, 500);
    ck_assert_str_eq(err.upstream.module_name, "m");
    ck_assert_str_eq(err.problem.detail, "nsx.test:8443 answered 400 to POST /x: outer: [7] inner");
    end(manager);
}
END_TEST

START_TEST(test_no_memory_sends_nothing) {
    struct manager *manager = begin(AUTH_BASIC, NULL, 0);
    mem_fail_after(1);
    ck_assert_ptr_null(mem_alloc(1));
    auto_error struct error err = {0};
    ck_assert_int_eq(send(manager, CALL_ONCE, &err), CALL_FAILED);
    ck_assert_int_eq(err.code, ERROR_OUT_OF_MEMORY);
    ck_assert_str_eq(sent, "");
    mem_fail_after(0);
    end(manager);
}
END_TEST

START_TEST(test_one_peer_an_endpoint) {
    struct manager *manager = begin(AUTH_NONE, NULL, 0);
    struct peer *peer = manager_peer_at(manager, &other);
    ck_assert_ptr_ne(peer, manager_peer(manager));
    ck_assert_ptr_eq(manager_peer_at(manager, &other), peer);
    ck_assert_ptr_eq(manager_peer_at(manager, &endpoint), manager_peer(manager));
    ck_assert_str_eq(peer_endpoint(peer)->text, "nsx-b.test");
    end(manager);
}
END_TEST

static void add_tests(TCase *tests) {
    tcase_add_loop_test(tests, test_rules, 0, sizeof rules / sizeof *rules);
    tcase_add_test(tests, test_time_over);
    tcase_add_loop_test(tests, test_refused_credentials_go_nowhere_again, 0, sizeof refusals / sizeof *refusals);
    tcase_add_test(tests, test_session);
    tcase_add_test(tests, test_session_made_anew_once);
    tcase_add_test(tests, test_session_refused);
    tcase_add_test(tests, test_session_without_cookie);
    tcase_add_test(tests, test_busy_login_is_tried_again);
    tcase_add_test(tests, test_words_of_the_manager);
    tcase_add_test(tests, test_no_memory_sends_nothing);
    tcase_add_test(tests, test_one_peer_an_endpoint);
}

int main(void) {
    json_object_seed(1);
    return unit_run_tests("call", add_tests);
}
