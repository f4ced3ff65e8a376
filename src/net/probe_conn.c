/* SPDX-License-Identifier: Apache-2.0 */
/* One non-blocking connection of a probe: connect, perhaps a proxy's tunnel, TLS handshake, and an orderly end. */
#include "net/probe_conn.h"

#include <errno.h>
#include <openssl/err.h>
#include <unistd.h>

#include "net/proxy.h"
#include "net/tls.h"
#include "net/totals.h"

/* Nothing is judged here, so not even a chain is built. */
static int accept_any(X509_STORE_CTX *store_context, void *argument) {
    (void)store_context, (void)argument;
    return 1;
}

SSL_CTX *conn_tls_new(void) {
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    if (tls == NULL || !tls_limit(tls)) {
        SSL_CTX_free(tls);
        return NULL;
    }
    SSL_CTX_set_verify(tls, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_cert_verify_callback(tls, accept_any, NULL);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(tls, 1);
    return tls;
}

bool conn_open(struct conn *conn, const struct resolve_address *address) {
    *conn = (struct conn){.phase = CONN_CONNECTING};
    buf_init(&conn->talk, PROXY_ANSWER_MAX);
    conn->fd = socket(address->of.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (conn->fd >= 0 && (connect(conn->fd, &address->of.any, address->length) == 0 || errno == EINPROGRESS))
        return true;
    int saved = errno;
    conn_close(conn);
    errno = saved;
    return false;
}

static enum conn_progress fail(struct conn *conn, enum conn_progress progress, enum probe_outcome outcome,
                               const char *reason) {
    conn->outcome = outcome;
    conn->reason = reason;
    return progress;
}

static const char *connect_reason(int error) {
    switch (error) {
    case ECONNREFUSED: return "the connection was refused";
    case ENETUNREACH:
    case EHOSTUNREACH: return "there is no route";
    case ETIMEDOUT: return "nothing answered in time while connecting";
    default: return "the connection failed";
    }
}

static enum conn_progress begin_tls(struct conn *conn, const struct conn_shared *shared,
                                    const struct probe_target *target) {
    struct resolve_address ignored;
    const char *name = target->server_name != NULL ? target->server_name : target->host;
    conn->ssl = SSL_new(shared->tls);
    if (conn->ssl == NULL || SSL_set_fd(conn->ssl, conn->fd) != 1)
        return fail(conn, CONN_FAILED, PROBE_STOPPED, "no memory was left");
    if (!resolve_literal(name, 0, &ignored) && SSL_set_tlsext_host_name(conn->ssl, name) != 1)
        return fail(conn, CONN_FAILED, PROBE_STOPPED, "no memory was left");
    SSL_set_connect_state(conn->ssl);
    conn->phase = CONN_SHAKING;
    totals_count_connection();
    return CONN_WAITS;
}

static enum conn_progress begin_talk(struct conn *conn, const struct conn_shared *shared,
                                     const struct probe_target *target, bool failed) {
    int error = 0;
    socklen_t length = sizeof error;
    if (failed && getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        error = errno;
    if (error != 0)
        return fail(conn, CONN_NO_CONTACT, shared->proxy == NULL ? PROBE_UNREACHABLE : PROBE_PROXY_FAILED,
                    connect_reason(error));
    if (shared->proxy == NULL)
        return begin_tls(conn, shared, target);
    conn->phase = CONN_ASKING_PROXY;
    if (!proxy_write_connect(shared->proxy, target->host, target->port, &conn->talk))
        return fail(conn, CONN_FAILED, PROBE_STOPPED, "no memory was left");
    return CONN_WAITS;
}

static enum conn_progress ask_proxy(struct conn *conn) {
    while (conn->told < conn->talk.length) {
        ssize_t sent = send(conn->fd, conn->talk.bytes + conn->told, conn->talk.length - conn->told, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN)
            return CONN_WAITS;
        if (sent < 0)
            return fail(conn, CONN_FAILED, PROBE_PROXY_FAILED, "the proxy closed the connection");
        conn->told += (size_t)sent;
    }
    buf_done(&conn->talk);
    conn->phase = CONN_HEARING_PROXY;
    return CONN_WAITS;
}

static enum conn_progress hear_proxy(struct conn *conn, const struct conn_shared *shared,
                                     const struct probe_target *target) {
    for (;;) {
        char bytes[1024];
        ssize_t got = recv(conn->fd, bytes, sizeof bytes, 0);
        if (got < 0 && errno == EAGAIN)
            return CONN_WAITS;
        if (got <= 0)
            return fail(conn, CONN_FAILED, PROBE_PROXY_FAILED, "the proxy closed the connection");
        if (!buf_add(&conn->talk, bytes, (size_t)got))
            return fail(conn, CONN_FAILED, PROBE_PROXY_FAILED, "the proxy's answer is too long");
        int status;
        enum proxy_answer answer = proxy_read_answer(conn->talk.bytes, conn->talk.length, &status);
        if (answer == PROXY_OPEN)
            return begin_tls(conn, shared, target);
        if (answer == PROXY_GARBAGE)
            return fail(conn, CONN_FAILED, PROBE_PROXY_FAILED, "the proxy's answer is not HTTP");
        if (answer == PROXY_REFUSED) {
            snprintf(conn->reason_text, sizeof conn->reason_text, "the proxy answered %d", status);
            return fail(conn, CONN_FAILED, PROBE_PROXY_FAILED, conn->reason_text);
        }
    }
}

static enum conn_progress shake(struct conn *conn) {
    ERR_clear_error();
    int result = SSL_do_handshake(conn->ssl);
    if (result == 1)
        return CONN_SHAKEN;
    int why = SSL_get_error(conn->ssl, result);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
        return CONN_WAITS;
    unsigned long error = ERR_peek_error();
    ERR_clear_error();
    return fail(conn, CONN_FAILED, tls_is_disconnect(error) ? PROBE_UNREACHABLE : PROBE_TLS_FAILED, tls_reason(error));
}

enum conn_progress conn_advance(struct conn *conn, const struct conn_shared *shared, const struct probe_target *target,
                                bool failed) {
    enum conn_progress progress = CONN_WAITS;
    enum conn_phase before = CONN_CLOSED;
    while (progress == CONN_WAITS && conn->phase != before) {
        before = conn->phase;
        switch (conn->phase) {
        case CONN_CONNECTING: progress = begin_talk(conn, shared, target, failed); break;
        case CONN_ASKING_PROXY: progress = ask_proxy(conn); break;
        case CONN_HEARING_PROXY: progress = hear_proxy(conn, shared, target); break;
        case CONN_SHAKING: progress = shake(conn); break;
        case CONN_CLOSED:
        case CONN_DRAINING: break;
        }
    }
    return progress;
}

void conn_time_out(struct conn *conn) {
    bool proxy = conn->phase == CONN_ASKING_PROXY || conn->phase == CONN_HEARING_PROXY;
    conn->outcome = proxy ? PROBE_PROXY_FAILED : PROBE_SILENT;
    conn->reason = proxy                            ? "the proxy did not answer in time"
                   : conn->phase == CONN_CONNECTING ? "nothing answered in time while connecting"
                                                    : "nothing answered in time in the handshake";
}

void conn_begin_end(struct conn *conn) {
    (void)SSL_shutdown(conn->ssl);
    SSL_free(conn->ssl);
    conn->ssl = NULL;
    ERR_clear_error();
    (void)shutdown(conn->fd, SHUT_WR);
    conn->phase = CONN_DRAINING;
}

bool conn_drain(struct conn *conn, bool ended) {
    char ignored[4096];
    ssize_t got;
    do
        got = recv(conn->fd, ignored, sizeof ignored, 0);
    while (got == (ssize_t)sizeof ignored || (got > 0 && !ended));
    /* The end is behind the last byte: one that is known and a short read leave nothing. */
    return got >= 0 || errno != EAGAIN;
}

void conn_close(struct conn *conn) {
    if (conn->phase == CONN_CLOSED)
        return;
    SSL_free(conn->ssl);
    conn->ssl = NULL;
    if (conn->fd >= 0)
        close(conn->fd);
    conn->fd = -1;
    buf_done(&conn->talk);
    conn->phase = CONN_CLOSED;
}
