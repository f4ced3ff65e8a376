/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer of a manager, or its absence, means (nsx-api.md, "Paging, revisions, errors" and "Odd answers to
 * survive"). */
#include "nsx/judge.h"

#include <string.h>
#include <strings.h>

#include "base/interrupt.h"
#include "base/mem.h"
#include "nsx/words.h"
#include "x509/cert.h"
#include "json/get.h"
#include "json/read.h"

static const struct json_limits answer_limits = {.bytes = 32 * 1024 * 1024, .depth = 64, .values = 1000000};

enum { RELATED_DEPTH_MAX = 8 };

/* Everything that the judging of one answer needs. */
struct judged {
    const struct peer *peer;
    const char *method;
    const char *path;
    const struct http_response *response;
    json_t *body; /* NULL: empty or not JSON */
    bool empty;
    long long code; /* error_code, -1: none */
    char *words;    /* error_message with the innermost related one, or NULL */
};

static bool is_html(const struct http_response *response) {
    if (response->content_type != NULL && strstr(response->content_type, "html") != NULL)
        return true;
    const char *text = buf_text(&response->body);
    return text[strspn(text, " \t\r\n")] == '<';
}

static bool claims_json(const struct http_response *response) {
    return response->content_type != NULL && strstr(response->content_type, "json") != NULL;
}

static const json_t *innermost_error(const json_t *body) {
    const json_t *at = body;
    for (int depth = 0; depth < RELATED_DEPTH_MAX; depth++) {
        const json_t *inner = json_array_get(get_array(at, "related_errors"), 0);
        if (!json_is_object(inner))
            break;
        at = inner;
    }
    return at == body ? NULL : at;
}

static void read_words(struct judged *judged) {
    judged->code = get_integer(judged->body, "error_code", -1);
    const char *outer = get_text(judged->body, "error_message", NULL);
    const json_t *inner = innermost_error(judged->body);
    if (outer == NULL && inner == NULL)
        return;
    auto_text char *words = words_of(outer);
    auto_text char *inner_words = inner == NULL ? NULL : words_of(get_text(inner, "error_message", ""));
    if (inner == NULL)
        judged->words = mem_strdup(words);
    else
        judged->words = mem_printf("%s%s[%lld] %s", words == NULL ? "" : words, words == NULL ? "" : ": ",
                                   get_integer(inner, "error_code", -1), inner_words == NULL ? "" : inner_words);
}

static void set_upstream(const struct judged *judged, struct error *err) {
    err->has_upstream = true;
    err->upstream.url = mem_printf("https://%s%s", judged->peer->endpoint->text, judged->path);
    err->upstream.http_status = judged->response->status;
    err->upstream.error_code = judged->code;
    err->upstream.module_name = words_of(get_text(judged->body, "module_name", NULL));
    err->upstream.error_message = mem_strdup(judged->words);
}

/* The error of that code about this answer: "HOST answered 409 to POST /api/…: words". */
static enum answer_kind say(const struct judged *judged, enum answer_kind kind, enum error_code code, const char *why,
                            struct error *err) {
    const char *words = why != NULL ? why : judged->words;
    size_t path_length = strcspn(judged->path, "?");
    error_set(err, code, "%s answered %d to %s %.*s%s%s", judged->peer->endpoint->text, judged->response->status,
              judged->method, (int)path_length, judged->path, words == NULL ? "" : ": ", words == NULL ? "" : words);
    error_set_endpoint(err, judged->peer->endpoint->text);
    set_upstream(judged, err);
    return kind;
}

static bool words_have(const struct judged *judged, const char *part) {
    return judged->words != NULL && strcasestr(judged->words, part) != NULL;
}

/* Wrong password, locked account and a session that is gone look like this; a missing role has other words (section 4).
 */
static bool is_about_credentials(const struct judged *judged) {
    if (judged->response->status == 401 || judged->body == NULL)
        return true;
    if (judged->code == 98 || judged->code == 403)
        return true;
    return words_have(judged, "credential") || words_have(judged, "locked") || words_have(judged, "authenticat") ||
           words_have(judged, "log in") || words_have(judged, "login") || words_have(judged, "session");
}

static enum answer_kind judge_forbidden(const struct judged *judged, struct error *err) {
    if (judged->code == 505)
        return say(judged, ANSWER_NO, ERROR_MANAGER_REFUSED, NULL, err);
    if (is_about_credentials(judged))
        return say(judged, ANSWER_CREDENTIALS, ERROR_CREDENTIALS_REFUSED, NULL, err);
    return say(judged, ANSWER_NO, ERROR_ROLE_MISSING, NULL, err);
}

static enum answer_kind judge_redirect(const struct judged *judged, struct error *err) {
    auto_text char *location = words_of(judged->response->location);
    auto_text char *why =
        mem_printf("a redirect to %.500s, which is not followed", location == NULL ? "nowhere" : location);
    return say(judged, ANSWER_HOPELESS, ERROR_NOT_A_MANAGER, why, err);
}

static enum answer_kind judge_client_error(const struct judged *judged, struct error *err) {
    bool search_busy = judged->code == 60508 || judged->code == 60514 || judged->code == 60515;
    if (judged->response->status == 400 && search_busy)
        return say(judged, ANSWER_UNCERTAIN, ERROR_MANAGER_BUSY, NULL, err);
    if (judged->body == NULL && is_html(judged->response))
        return say(judged, ANSWER_NO, ERROR_NOT_A_MANAGER, "an HTML page", err);
    return say(judged, ANSWER_NO, ERROR_MANAGER_REFUSED, NULL, err);
}

static enum answer_kind judge_server_error(const struct judged *judged, struct error *err) {
    int status = judged->response->status;
    bool backend_away = status == 500 && (judged->code == 98 || judged->code == 607);
    if (status == 502 || status == 503 || status == 504 || backend_away)
        return say(judged, ANSWER_UNCERTAIN, ERROR_MANAGER_BUSY, NULL, err);
    if (status == 500 && judged->code == 99)
        return say(judged, ANSWER_CREDENTIALS, ERROR_CREDENTIALS_REFUSED, NULL, err);
    return say(judged, ANSWER_NO, ERROR_MANAGER_FAILED, NULL, err);
}

static enum answer_kind judge_success(struct judged *judged, struct json_fault *fault, struct manager_answer *ret,
                                      struct error *err) {
    if (judged->body != NULL || judged->empty) {
        ret->body = json_incref(judged->body);
        return ANSWER_DONE;
    }
    if (mem_exhausted()) {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read the answer of %s", judged->peer->endpoint->text);
        return ANSWER_HOPELESS;
    }
    if (is_html(judged->response))
        return say(judged, ANSWER_HOPELESS, ERROR_NOT_A_MANAGER, "an HTML page", err);
    if (!claims_json(judged->response))
        return say(judged, ANSWER_HOPELESS, ERROR_NOT_A_MANAGER, "no JSON", err);
    auto_text char *why =
        mem_printf("damaged JSON (line %zu, column %zu: %s)", fault->line, fault->column, fault->reason);
    return say(judged, ANSWER_UNCERTAIN, ERROR_CUT_ANSWER, why, err);
}

static enum answer_kind judge_status(struct judged *judged, struct json_fault *fault, struct manager_answer *ret,
                                     struct error *err) {
    int status = judged->response->status;
    if (status >= 200 && status < 300)
        return judge_success(judged, fault, ret, err);
    if (status >= 300 && status < 400)
        return judge_redirect(judged, err);
    if (status == 401 || status == 403)
        return judge_forbidden(judged, err);
    if (status == 429)
        return say(judged, ANSWER_NOT_DONE, ERROR_MANAGER_BUSY, NULL, err);
    if (status >= 500)
        return judge_server_error(judged, err);
    if (status >= 400)
        return judge_client_error(judged, err);
    return say(judged, ANSWER_HOPELESS, ERROR_NOT_A_MANAGER, "a status that no manager sends", err);
}

static enum answer_kind judge_answer(struct judged *judged, struct manager_answer *ret, struct error *err) {
    const struct buf *text = &judged->response->body;
    struct json_fault fault = {.reason = "empty"};
    judged->empty = text->length == 0;
    if (!judged->empty && !json_read(buf_text(text), text->length, &answer_limits, &judged->body, &fault))
        judged->body = NULL;
    read_words(judged);
    ret->status = judged->response->status;
    ret->retry_after_s = judged->response->retry_after_s;
    enum answer_kind kind = judge_status(judged, &fault, ret, err);
    json_decref(judged->body);
    mem_free(judged->words);
    return kind;
}

/* What was presented, how to compare it on the console, and what to add to the request. */
static void add_presented(const struct peer *peer, const struct http_response *response, struct error *err) {
    X509 *leaf = response->presented;
    char fingerprint[CERT_HEX_SIZE];
    if (leaf == NULL || !cert_fingerprint(leaf, fingerprint))
        return;
    char time_text[CLOCK_TEXT_SIZE];
    auto_text char *subject = cert_subject_text(leaf);
    auto_text char *issuer = cert_issuer_text(leaf);
    error_add_text(err, "presented.fingerprint_sha256", fingerprint);
    error_add_text(err, "presented.subject", subject);
    error_add_text(err, "presented.issuer", issuer);
    error_add_text(err, "presented.not_after", clock_format(cert_not_after(leaf), time_text));
    error_add_text(err, "console_command",
                   peer->may_be_vip
                       ? "get certificate cluster thumbprint (a manager's own address: get certificate api thumbprint)"
                       : "get certificate api thumbprint");
    error_add_text(err, "pin_sha256", fingerprint);
}

static enum answer_kind judge_untrusted(const struct peer *peer, const struct http_response *response,
                                        struct error *err) {
    const char *reason = response->trust.reason != NULL ? response->trust.reason : response->reason;
    char fingerprint[CERT_HEX_SIZE];
    bool known = response->presented != NULL && cert_fingerprint(response->presented, fingerprint);
    error_set(err, ERROR_UNTRUSTED_MANAGER, "%s presented a certificate that is not trusted (SHA-256 %s): %s",
              peer->endpoint->text, known ? fingerprint : "unknown", reason == NULL ? "no match" : reason);
    error_set_endpoint(err, peer->endpoint->text);
    add_presented(peer, response, err);
    return ANSWER_HOPELESS;
}

static enum answer_kind judge_stopped(const struct peer *peer, struct error *err) {
    if (interrupt_signal() != 0)
        error_set(err, ERROR_INTERRUPTED, "signal %d came while %s was asked", interrupt_signal(),
                  peer->endpoint->text);
    else
        error_set(err, ERROR_DEADLINE, "deadline_seconds passed while %s was asked", peer->endpoint->text);
    error_set_endpoint(err, peer->endpoint->text);
    return ANSWER_STOPPED;
}

/* How the outcomes without a whole answer are judged. */
static const struct {
    enum answer_kind kind;
    enum error_code code;
} unanswered[] = {
    [HTTP_UNRESOLVED] = {ANSWER_HOPELESS_AT_FIRST, ERROR_UNREACHABLE},
    [HTTP_UNREACHABLE] = {ANSWER_NOT_SENT, ERROR_UNREACHABLE},
    [HTTP_PROXY_FAILED] = {ANSWER_NOT_SENT, ERROR_PROXY_FAILED},
    [HTTP_TLS_FAILED] = {ANSWER_HOPELESS_AT_FIRST, ERROR_NOT_A_MANAGER},
    [HTTP_UNCLEAR] = {ANSWER_UNCERTAIN, ERROR_UNREACHABLE},
    [HTTP_TOO_LARGE] = {ANSWER_HOPELESS, ERROR_NOT_A_MANAGER},
};

enum answer_kind answer_judge(const struct peer *peer, const char *method, const char *path,
                              const struct http_response *response, struct manager_answer *ret, struct error *err) {
    if (response->outcome == HTTP_ANSWERED) {
        struct judged judged = {.peer = peer, .method = method, .path = path, .response = response, .code = -1};
        return judge_answer(&judged, ret, err);
    }
    if (response->outcome == HTTP_UNTRUSTED)
        return judge_untrusted(peer, response, err);
    if (response->outcome == HTTP_INTERRUPTED)
        return judge_stopped(peer, err);
    enum error_code code = unanswered[response->outcome].code;
    /* With a status the head had come: then it is the answer that was cut, not the way there. */
    if (response->outcome == HTTP_UNCLEAR && response->status != 0)
        code = ERROR_CUT_ANSWER;
    error_set(err, code, "%s: %s", peer->endpoint->text, response->reason == NULL ? "no answer" : response->reason);
    error_set_endpoint(err, peer->endpoint->text);
    return unanswered[response->outcome].kind;
}
