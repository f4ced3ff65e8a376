/* SPDX-License-Identifier: Apache-2.0 */
/* One bounded HTTPS request at a time over one kept-alive connection (libcurl, HTTP/1.1). */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "net/trust.h"

/* {url, username, password} of manager.proxy; url "http://host:port". */
struct http_proxy {
    const char *url;
    const char *username;
    const struct secret *password;
};

/* Borrowed for the client's life. */
struct http_options {
    const char *host; /* IP (no brackets) or name to connect to */
    int port;
    const char *server_name;            /* SNI, Host header and name to check in place of host; NULL: host */
    struct trust *trust;                /* asked anew at each handshake */
    const struct http_proxy *proxy;     /* NULL: none; environment variables are ignored always */
    const char *client_certificate_pem; /* NULL: none */
    const struct secret *client_key_pem;
    int connect_timeout_ms;
    int request_timeout_ms; /* one request, connect excluded */
    size_t body_limit;      /* longest accepted answer body; longer is HTTP_TOO_LARGE */
};

/* Process-wide set-up (allocator hooks, no environment); call once before the first client, and at the end. */
bool http_library_init(struct error *err) NODISCARD;
void http_library_done(void);

/* libcurl's version, static; needs no http_library_init(). */
const char *http_library_version(void);

struct http_client;
struct http_client *http_client_new(const struct http_options *options, struct error *err) NODISCARD;
void http_client_free(struct http_client *client);

/* Closes the kept connection: the next request makes a new handshake and sees the certificate served now. */
void http_client_drop_connection(struct http_client *client);

struct http_request {
    const char *method;                 /* "GET", "POST", "DELETE" */
    const char *path;                   /* "/api/v1/…?query", already encoded */
    const char *content_type;           /* NULL: none */
    const struct secret *body;          /* NULL: none (a POST then has Content-Length 0) */
    const struct secret *authorization; /* whole value of that header, or NULL */
    const struct secret *cookie;        /* whole value, or NULL */
    const struct secret *xsrf_token;    /* X-XSRF-TOKEN, or NULL */
};

/* How far a request came: what decides whether it may be repeated. */
enum http_outcome {
    HTTP_ANSWERED,     /* a whole answer: status and body are valid */
    HTTP_UNRESOLVED,   /* not sent: the name does not exist */
    HTTP_UNREACHABLE,  /* not sent: refused, no route, reset or silent while connecting (also in the handshake) */
    HTTP_PROXY_FAILED, /* not sent: the proxy refused or is away */
    HTTP_TLS_FAILED,   /* not sent: TLS alert, protocol too old, no TLS there */
    HTTP_UNTRUSTED,    /* not sent: the certificate was refused by trust_judge(); `presented` is set */
    HTTP_UNCLEAR,      /* sent (at least in part), and no whole answer came: reset, cut, timeout, garbage */
    HTTP_TOO_LARGE,    /* the body exceeds body_limit */
    HTTP_INTERRUPTED,  /* a signal or the deadline; `sent` tells whether the request may have arrived */
};

struct http_response {
    enum http_outcome outcome;
    bool sent; /* bytes of the request may have reached the peer */
    int status;
    struct buf body;
    char *content_type;         /* lowercase, without parameters, or NULL */
    char *location;             /* of a redirect (never followed) */
    char *set_cookie;           /* the first Set-Cookie up to the first ';' */
    char *xsrf_token;           /* X-XSRF-TOKEN */
    long retry_after_s;         /* -1: none; a date is turned into seconds from now */
    char *reason;               /* for all but HTTP_ANSWERED: what happened, in words, without secrets */
    X509 *presented;            /* the leaf of the last handshake of this request, or NULL if the connection was kept */
    struct trust_verdict trust; /* of that handshake */
};

/* Sends one request. Always fills `ret` (http_response_done() frees it); false only when memory ran out (ret->outcome
 * is then HTTP_UNCLEAR with `sent` told). Never retries (but a GET whose kept connection turns out dead is sent on a
 * new one), never follows a redirect. HTTP_ANSWERED means whole: a cut head or body, a compressed one, or one that only
 * a connection without close_notify ends, is HTTP_UNCLEAR. A request with a control character in path or headers is not
 * sent: HTTP_UNCLEAR, `sent` false. Waits end with the deadline or a signal. Sends nothing once mem_exhausted(). */
bool http_send(struct http_client *client, const struct http_request *request, struct deadline deadline,
               struct http_response *ret) NODISCARD;
void http_response_done(struct http_response *response);

/* Totals of the process for `meta`. */
struct http_totals {
    unsigned long requests;
    unsigned long connections;
};
struct http_totals http_totals(void);

/* "Basic base64(user:password)" / "Remote …" / "Bearer …": NULL when memory ran out. The caller frees. */
struct secret *http_basic(const char *scheme, const char *username, const struct secret *password);

/* Percent-encodes one query value or path segment (RFC 3986 unreserved stay). The caller frees. */
char *http_encode(const char *text);

#endif
