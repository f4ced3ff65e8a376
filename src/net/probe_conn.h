/* SPDX-License-Identifier: Apache-2.0 */
/* One non-blocking connection of a probe: connect, perhaps a proxy's tunnel, TLS handshake, and an orderly end. */
#ifndef NET_PROBE_CONN_H
#define NET_PROBE_CONN_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "base/buf.h"
#include "net/http.h"
#include "net/probe.h"
#include "net/resolve.h"

enum conn_phase { CONN_CLOSED, CONN_CONNECTING, CONN_ASKING_PROXY, CONN_HEARING_PROXY, CONN_SHAKING, CONN_DRAINING };

struct conn {
    enum conn_phase phase;
    int fd;          /* -1: none */
    SSL *ssl;        /* only from the connect on: a dead endpoint costs no TLS memory */
    struct buf talk; /* to the proxy, then from it */
    size_t told;     /* bytes of `talk` sent */
    enum probe_outcome outcome;
    const char *reason; /* static, or reason_text */
    char reason_text[48];
};

/* What all connections share. */
struct conn_shared {
    SSL_CTX *tls;
    const struct http_proxy *proxy; /* NULL: none */
};

/* Limits, no verification, little memory: what a probe needs. NULL when memory ran out. */
SSL_CTX *conn_tls_new(void);

/* Starts connecting. False with errno when not even that is possible. */
bool conn_open(struct conn *conn, const struct resolve_address *address) NODISCARD;

enum conn_progress {
    CONN_WAITS,      /* for the descriptor (it is to be watched edge-triggered for both directions) */
    CONN_NO_CONTACT, /* this address cannot be reached: outcome and reason are set */
    CONN_SHAKEN,     /* the handshake is done: `ssl` has the certificates */
    CONN_FAILED,     /* outcome and reason are set */
};

/* Goes as far as possible without waiting. `failed`: the descriptor reports an error or hang-up. */
enum conn_progress conn_advance(struct conn *conn, const struct conn_shared *shared, const struct probe_target *target,
                                bool failed);

/* Outcome and reason for a connection that took too long in its phase. */
void conn_time_out(struct conn *conn);

/* Ends TLS in order and frees it; then conn_drain() until it returns true: the peer has ended too. A peer whose last
 * bytes (session tickets) meet a closed socket would log a failed handshake. `ended`: the peer's end is known to have
 * come. */
void conn_begin_end(struct conn *conn);
bool conn_drain(struct conn *conn, bool ended);

/* Closes at once. Does nothing when closed. */
void conn_close(struct conn *conn);

#endif
