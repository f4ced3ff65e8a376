/* SPDX-License-Identifier: Apache-2.0 */
/* A loopback TLS server in a thread of the test, with certificates made at run time and answers that are given byte by
 * byte. */
#ifndef TESTS_TLS_SERVER_H
#define TESTS_TLS_SERVER_H

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

/* A certificate (EC P-256) and its key. */
struct pair {
    X509 *cert;
    EVP_PKEY *key;
};

struct pair_spec {
    const char *common_name;
    const char *san;           /* OpenSSL's form, "IP:127.0.0.1,DNS:a.example"; NULL: none */
    const char *usage;         /* extendedKeyUsage; NULL: "serverAuth", "": none */
    const struct pair *issuer; /* NULL: self-signed */
    bool ca;
    long begin_s, end_s; /* validity relative to now; end 0: one day */
};

struct pair pair_make(const struct pair_spec *spec);
void pair_done(struct pair *pair);
/* PEM texts; free with OPENSSL_free(). */
char *pair_cert_pem(const struct pair *pair);
char *pair_key_pem(const struct pair *pair);

/* What happens on a connection instead of, or after, a TLS handshake. */
enum serve {
    SERVE_TLS,
    SERVE_PLAIN,  /* writes text that is no TLS, and closes */
    SERVE_SILENT, /* accepts and never says a word */
    SERVE_RESET,  /* RST at once */
    SERVE_CLOSE,  /* FIN at once */
    SERVE_PROXY,  /* first an HTTP CONNECT answered with the first reply, then TLS on the same connection */
};

/* What happens after the bytes of a reply. */
enum reply_end {
    THEN_KEEP,
    THEN_CLOSE, /* close_notify and FIN */
    THEN_CUT,   /* FIN without close_notify */
    THEN_RESET,
    THEN_HANG, /* until the client closes */
    THEN_DRIP, /* a header line byte by byte until the client closes */
};

struct reply {
    const char *bytes;
    enum reply_end end;
    size_t length; /* 0: strlen(bytes) */
};

enum { SERVER_LISTENERS_MAX = 128, SERVER_REPLIES_MAX = 16, SERVER_REQUESTS_MAX = 32 };

struct server_options {
    const struct pair *pair;
    const struct pair *extra; /* sent as issuer; NULL: none */
    enum serve serve;
    const char *address; /* first listener; NULL: 127.0.0.1. Further ones on 127.1.0.2, 127.1.0.3, … */
    size_t listeners;    /* 0: one */
    enum serve (*serve_of)(size_t listener);  /* NULL: `serve` for all */
    int version_max;                          /* TLS1_1_VERSION …; 0: any */
    X509 *client_ca;                          /* a client certificate of this one is demanded */
    struct reply replies[SERVER_REPLIES_MAX]; /* by number of request; the last one serves for all after it */
};

struct server;
struct server *server_start(const struct server_options *options);
void server_stop(struct server *server);
int server_port(const struct server *server, size_t listener);
void server_address(size_t listener, char ret_text[64]);

/* So far. */
size_t server_requests(struct server *server);
size_t server_connections(struct server *server);
/* Text of a request (head and body as they came); valid until server_stop(). "" if it did not come. */
const char *server_request(struct server *server, size_t index);

#endif
