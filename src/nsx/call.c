/* SPDX-License-Identifier: Apache-2.0 */
/* The one place with the rules of repeating a call (contract: deadline_seconds; nsx-api.md, "Authentication",
 * "Throttling"). */
#include <string.h>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/retry.h"
#include "nsx/judge.h"
#include "nsx/peer.h"

enum {
    FIRST_CONTACT_MS = 30 * 1000, /* a wrong port must not hang for half an hour */
    FIRST_WAIT_MS = 500,
    LONGEST_WAIT_MS = 10 * 1000,
    ANSWER_BYTES_MAX = 32 * 1024 * 1024,
};

/* One call on its way. */
struct going {
    struct manager *manager;
    struct peer *peer;
    const struct manager_request *request;
    struct retry retry;
    struct error last; /* why the try before failed */
};

static struct deadline time_left(const struct going *going) {
    struct deadline all = going->manager->config.deadline;
    struct deadline first = going->peer->first_contact;
    return going->peer->answered || all.at_ms < first.at_ms ? all : first;
}

static bool make_client(struct manager *manager, struct peer *peer, struct error *err) {
    if (!peer->tried) {
        peer->tried = true;
        peer->first_contact = deadline_after_ms(FIRST_CONTACT_MS);
    }
    if (peer->client != NULL)
        return true;
    const struct manager_config *config = &manager->config;
    bool has_client_certificate = config->auth->kind == AUTH_CLIENT_CERTIFICATE;
    const struct http_options options = {
        .host = peer->endpoint->host,
        .port = peer->endpoint->port,
        .server_name = peer->endpoint->server_name,
        .trust = config->trust,
        .proxy = config->proxy,
        .client_certificate_pem = has_client_certificate ? config->auth->client_certificate_pem : NULL,
        .client_key_pem = has_client_certificate ? config->auth->secret : NULL,
        .connect_timeout_ms = config->connect_timeout_ms,
        .request_timeout_ms = config->request_timeout_ms,
        .body_limit = ANSWER_BYTES_MAX,
    };
    peer->client = http_client_new(&options, err);
    return peer->client != NULL;
}

/* What the handshake of this request showed, if there was one. */
static void note_trust(struct manager *manager, const struct peer *peer, const struct http_response *response) {
    if (response->presented == NULL || response->trust.by == TRUST_NONE)
        return;
    if (manager->config.trusted_by != NULL && *manager->config.trusted_by == NULL)
        *manager->config.trusted_by = trust_kind_name(response->trust.by);
    if (!response->trust.expired || manager->warned_expired)
        return;
    manager->warned_expired = true;
    char time_text[CLOCK_TEXT_SIZE];
    problem_set_endpoint(
        problems_add(manager->config.warnings, ERROR_MANAGER_CERTIFICATE_EXPIRED,
                     "%s serves a certificate whose validity ended %s or has not begun; it is trusted by exact match",
                     peer->endpoint->text, clock_format(cert_not_after(response->presented), time_text)),
        peer->endpoint->text);
}

/* Sends the request, or the login it needs first, once. */
static enum answer_kind send_once(struct going *going, bool login, struct http_response *response,
                                  struct manager_answer *ret, struct error *err) {
    struct manager *manager = going->manager;
    struct peer *peer = going->peer;
    auto_secret struct secret *form = login ? login_form(manager) : NULL;
    struct http_request request = {.method = "POST",
                                   .path = "/api/session/create",
                                   .content_type = "application/x-www-form-urlencoded",
                                   .body = form};
    if (!login)
        request = (struct http_request){.method = going->request->method,
                                        .path = going->request->path,
                                        .content_type = going->request->body == NULL ? NULL : "application/json",
                                        .body = going->request->body,
                                        .authorization = manager->authorization,
                                        .cookie = peer->cookie,
                                        .xsrf_token = peer->xsrf_token};
    if ((login && form == NULL) || !http_send(peer->client, &request, time_left(going), response)) {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory to ask %s", peer->endpoint->text);
        return ANSWER_HOPELESS;
    }
    note_trust(manager, peer, response);
    enum answer_kind kind = answer_judge(peer, request.method, request.path, response, ret, err);
    log_debug("%s %s %s: %s", request.method, peer->endpoint->text, request.path,
              kind == ANSWER_DONE || err->problem.detail == NULL ? "done" : err->problem.detail);
    return kind;
}

/* Remembers that the credentials were refused: with them the account would be locked by more tries, here or at any
 * other endpoint. */
static bool credentials_refused(struct manager *manager, struct manager_answer *ret, const struct error *err) {
    ret->outcome = CALL_REFUSED;
    if (manager->refusal == NULL)
        manager->refusal = mem_strdup(err->problem.detail == NULL ? "refused" : err->problem.detail);
    return false;
}

static bool give_up(const struct going *going, struct manager_answer *ret, struct error *err) {
    ret->outcome = CALL_FAILED;
    if (interrupt_signal() != 0)
        error_set(err, ERROR_INTERRUPTED, "signal %d came while %s was asked", interrupt_signal(),
                  going->peer->endpoint->text);
    return false;
}

/* A deadline that passes before the first answer is that of the first contact, unless the run's own is nearer. What
 * made the tries before fail says more than that the last one came too late. */
static bool stopped(struct going *going, struct manager_answer *ret, struct error *err) {
    ret->outcome = CALL_FAILED;
    if (interrupt_signal() == 0 && going->last.code != ERROR_NONE) {
        error_move(err, &going->last);
    } else if (interrupt_signal() == 0 && !going->peer->answered && !deadline_passed(going->manager->config.deadline)) {
        error_set(err, ERROR_UNREACHABLE, "%s: no answer within %d seconds", going->peer->endpoint->text,
                  FIRST_CONTACT_MS / 1000);
        error_set_endpoint(err, going->peer->endpoint->text);
    }
    return false;
}

/* True if the request may be sent again after such an end. A CALL_ONCE that may have arrived does not come here. A
 * login does, also when its answer is lost: with the right password that is harmless, with a wrong one the refusal
 * comes with the first whole answer. */
static bool may_repeat(const struct going *going, enum answer_kind kind) {
    switch (kind) {
    case ANSWER_NOT_DONE:
    case ANSWER_NOT_SENT:
    case ANSWER_UNCERTAIN: return true;
    case ANSWER_HOPELESS_AT_FIRST: return going->peer->answered;
    default: return false;
    }
}

static bool may_have_arrived(const struct going *going, enum answer_kind kind, const struct http_response *response) {
    if (going->request->effect != CALL_ONCE)
        return false;
    if (response->outcome != HTTP_ANSWERED)
        return response->sent;
    /* A page or text with a good status: whoever wrote it, the manager may have acted. */
    return kind == ANSWER_UNCERTAIN || (kind == ANSWER_HOPELESS && response->status / 100 == 2);
}

/* After one try: true when another is due. False: the call is over, `ret->outcome` and `err` tell how. */
static bool another_try(struct going *going, bool login, enum answer_kind kind, struct http_response *response,
                        struct manager_answer *ret, struct error *err) {
    struct peer *peer = going->peer;
    if (kind == ANSWER_CREDENTIALS) {
        if (!login && peer->session_accepted) {
            login_forget(peer);
            return true;
        }
        return credentials_refused(going->manager, ret, err);
    }
    ret->outcome = kind == ANSWER_NO ? CALL_REFUSED : CALL_FAILED;
    if (!login && may_have_arrived(going, kind, response)) {
        ret->outcome = CALL_UNCLEAR;
        return false;
    }
    if (kind == ANSWER_STOPPED)
        return stopped(going, ret, err);
    if (!may_repeat(going, kind))
        return false;
    going->retry.deadline = time_left(going);
    return retry_wait(&going->retry, response->retry_after_s) || give_up(going, ret, err);
}

static bool is_answer_of_manager(enum answer_kind kind, const struct http_response *response) {
    if (response->outcome != HTTP_ANSWERED || kind == ANSWER_HOPELESS)
        return false;
    /* Damaged text with a good status says nothing about who sent it. */
    return kind != ANSWER_UNCERTAIN || response->status >= 400;
}

/* One try; true when another is due. */
static bool try_once(struct going *going, struct manager_answer *ret, struct error *err) {
    struct peer *peer = going->peer;
    bool login = login_needed(going->manager, peer);
    struct http_response response = {.retry_after_s = -1};
    auto_error struct error cause = {0};
    enum answer_kind kind = send_once(going, login, &response, ret, &cause);
    peer->answered = peer->answered || is_answer_of_manager(kind, &response);
    bool again = false;
    if (kind == ANSWER_DONE && login) {
        json_decref(ret->body);
        ret->body = NULL;
        again =
            login_adopt(peer, &response) || peer_unexpected(peer, "/api/session/create", "a session cookie", &cause);
        ret->outcome = CALL_FAILED;
    } else if (kind == ANSWER_DONE) {
        peer->session_accepted = peer->cookie != NULL;
        ret->outcome = CALL_DONE;
    } else {
        again = another_try(going, login, kind, &response, ret, &cause);
    }
    if (again) {
        error_move(&going->last, &cause);
    } else if (ret->outcome != CALL_DONE) {
        error_move(err, &cause);
    }
    http_response_done(&response);
    return again;
}

bool manager_call(struct manager *manager, struct peer *peer, const struct manager_request *request,
                  struct manager_answer *ret, struct error *err) {
    *ret = (struct manager_answer){.outcome = CALL_FAILED, .retry_after_s = -1};
    if (manager->refusal != NULL) {
        ret->outcome = CALL_REFUSED;
        return error_set(err, ERROR_CREDENTIALS_REFUSED, "%s; not tried again", manager->refusal);
    }
    if (mem_exhausted())
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to ask %s", peer->endpoint->text);
    if (!make_client(manager, peer, err))
        return false;
    struct going going = {.manager = manager, .peer = peer, .request = request};
    retry_init(&going.retry, time_left(&going), FIRST_WAIT_MS, LONGEST_WAIT_MS);
    while (try_once(&going, ret, err))
        ;
    error_done(&going.last);
    return ret->outcome == CALL_DONE;
}
