/* SPDX-License-Identifier: Apache-2.0 */
/* Talking to the managers of one cluster: who they are, how to log in, and the one place with the rules of repeating a
 * call. */
#ifndef NSX_MANAGER_H
#define NSX_MANAGER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "net/http.h"
#include "net/trust.h"
#include "x509/lint.h"

/* Where a manager or the VIP listens. All texts owned. */
struct endpoint {
    char *text; /* "host[:port]" as given: what results and errors name */
    char *host; /* IP without brackets, or a name */
    int port;
    char *server_name; /* SNI and name to check in place of host, or NULL */
};

/* Reads "host[:port]"; `server_name` may be NULL. invalid-value for what is no endpoint. */
bool endpoint_init(struct endpoint *endpoint, const char *text, int default_port, const char *server_name,
                   struct error *err) NODISCARD;
void endpoint_done(struct endpoint *endpoint);

/* What a certificate served there must name: server_name in place of the host. */
const char *endpoint_name(const struct endpoint *endpoint);

/* The same host and port, however they were written. */
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

/* How to log in: a value that no call knows about. */
enum auth_kind { AUTH_NONE, AUTH_BASIC, AUTH_SESSION, AUTH_REMOTE, AUTH_CLIENT_CERTIFICATE, AUTH_TOKEN };
struct auth {
    enum auth_kind kind;
    char *username;
    struct secret *secret; /* password, token, or the client certificate's key (PEM) */
    char *client_certificate_pem;
};
void auth_done(struct auth *auth);

/* Everything is borrowed for the manager's life. */
struct manager_config {
    const struct endpoint *address;
    const struct auth *auth;
    struct trust *trust;
    const struct http_proxy *proxy; /* NULL: none */
    int connect_timeout_ms;
    int request_timeout_ms;
    struct deadline deadline;
    struct problems *warnings; /* gets manager-certificate-expired and call-fallback, each once */
    const char **trusted_by;   /* set to the static name of what matched at the first handshake */
    char **nsx_version;        /* set to the version that `address` tells; owned by whoever owns the slot */
};

struct manager;
struct manager *manager_new(const struct manager_config *config);

/* Logs out of sessions (one short try each) and frees; takes NULL. */
void manager_free(struct manager *manager);

/* One endpoint that gets API calls: its connection, session and version. Owned by the manager. */
struct peer;
struct peer *manager_peer(struct manager *manager); /* `address` */

/* The peer for another endpoint (borrowed for the manager's life); the same one for the same host and port. NULL when
 * memory ran out. */
struct peer *manager_peer_at(struct manager *manager, const struct endpoint *endpoint);
const struct endpoint *peer_endpoint(const struct peer *peer);

/* Closes kept connections: the next call sees the certificate served now. For when trust changed or a service restarts.
 */
void manager_drop_connections(struct manager *manager);

struct deadline manager_deadline(const struct manager *manager);

/* How long calls may take from now on: for a question that must not use up the time of what comes after it. Returns the
 * deadline that it replaces. */
struct deadline manager_set_deadline(struct manager *manager, struct deadline deadline);
struct problems *manager_warnings(struct manager *manager);

/* CALL_ONCE must not be sent again once it may have arrived; the others may be. */
enum call_effect { CALL_READ, CALL_REPEATABLE_WRITE, CALL_ONCE };

struct manager_request {
    const char *method;
    const char *path;          /* "/api/v1/…?…", encoded */
    const struct secret *body; /* JSON, or NULL */
    enum call_effect effect;
};

enum call_outcome {
    CALL_DONE,    /* 2xx: err is untouched; all others set it */
    CALL_REFUSED, /* a whole answer that says no: `status` and upstream are set */
    CALL_UNCLEAR, /* CALL_ONCE only: it may have been done (no whole answer, 502, 503, 504, damaged or no JSON) */
    CALL_FAILED,  /* not sent, or nothing usable came back until the deadline */
};

struct manager_answer {
    enum call_outcome outcome;
    int status;         /* of the last whole answer, 0: none */
    long retry_after_s; /* CALL_UNCLEAR: as the manager asked, -1: it did not */
    json_t *body;       /* CALL_DONE: object, array …, or NULL when the answer was empty; owned by the caller */
};

/* Sends a call and repeats it by the one set of rules: before the peer's first answer an unknown name, a failed or
 * untrusted handshake end it at once, and refused, reset or silent is retried for 30 s (unreachable); after it,
 * whatever may be repeated is repeated until the deadline (429, 502, 503, 504, resets, damaged bodies; Retry-After
 * honoured). Refused credentials are sent nowhere again; a session that had been accepted is made anew once. Always
 * fills `ret`. True for CALL_DONE. Errors: unreachable, proxy-failed, untrusted-manager (with context), not-a-manager
 * (HTML, redirect, oversized), cut-answer, manager-busy, manager-refused, manager-failed, credentials-refused,
 * role-missing, interrupted, deadline-exceeded, out-of-memory. */
bool manager_call(struct manager *manager, struct peer *peer, const struct manager_request *request,
                  struct manager_answer *ret, struct error *err) NODISCARD;

/* The peer's NSX version, asked once; unsupported-version below 2.4. */
bool peer_version(struct manager *manager, struct peer *peer, struct lint_version *ret_version, struct error *err)
    NODISCARD;

/* unexpected-answer about the last answer of `peer`, with what was expected; always false. */
bool peer_unexpected(const struct peer *peer, const char *path, const char *expected, struct error *err);

#endif
