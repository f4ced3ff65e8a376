/* SPDX-License-Identifier: Apache-2.0 */
/* What every TLS client connection here has in common: its limits, its verdict on the peer, and why a handshake failed.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "base/secret.h"
#include "net/trust.h"
#include "x509/chain.h"

/* A client's own certificate; key NULL: none. */
struct tls_identity {
    struct chain certificates;
    EVP_PKEY *key;
};

/* Reads both from PEM. invalid-certificate, invalid-private-key, key-mismatch. tls_identity_done() also after a
 * failure. */
bool tls_identity_load(struct tls_identity *identity, const char *certificate_pem, const struct secret *key_pem,
                       struct error *err) NODISCARD;
void tls_identity_done(struct tls_identity *identity);

/* What a handshake found. The owner sets `trust` and `host` and clears the rest before each; it must outlive the
 * SSL_CTX. */
struct tls_handshake {
    const struct trust *trust;
    const char *host; /* what the certificate must name */
    bool begun;
    X509 *presented; /* owned */
    struct trust_verdict verdict;
    unsigned long error; /* OpenSSL's first complaint; 0: none, or the connection itself failed */
    bool closed;         /* the peer ended TLS in order (close_notify) */
    const char *alert;   /* static: what the peer's fatal alert says, or NULL */
};

/* Registers what tls_guard() needs; once. */
bool tls_library_init(void) NODISCARD;

/* TLS 1.2 or newer, no session resumption (it would hide the certificate), no renegotiation. */
bool tls_limit(SSL_CTX *context) NODISCARD;

/* tls_limit(), and makes trust_judge() decide inside each handshake of `context`, before the peer gets a byte of the
 * application. Offers `identity` to a peer that asks. */
bool tls_guard(SSL_CTX *context, struct tls_handshake *handshake, const struct tls_identity *identity) NODISCARD;

/* Static text for an error of OpenSSL's queue. */
const char *tls_reason(unsigned long error);

/* True if `error` tells of a connection that ended, not of TLS that failed. */
bool tls_is_disconnect(unsigned long error);

#endif
