/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificates a connection accepts: a value that is asked after (or inside) each handshake, never a switch. */
#ifndef NET_TRUST_H
#define NET_TRUST_H

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "x509/cert.h"

/* Why a peer was trusted; the names stand in meta.trusted_by. */
enum trust_kind { TRUST_NONE, TRUST_PIN, TRUST_REQUEST, TRUST_CA, TRUST_SYSTEM, TRUST_INSECURE };
const char *trust_kind_name(enum trust_kind kind); /* NULL for TRUST_NONE */

struct trust;

/* Trusts nothing yet. */
struct trust *trust_new(void);
void trust_free(struct trust *trust);

/* Each may be called often; one match suffices. Certificates are up-referenced. False when memory ran out. */
bool trust_add_ca(struct trust *trust, X509 *ca) NODISCARD;
bool trust_add_pin(struct trust *trust, const unsigned char sha256[CERT_SHA256_SIZE]) NODISCARD; /* tls.pin_sha256 */
bool trust_add_leaf(struct trust *trust, const unsigned char sha256[CERT_SHA256_SIZE])
    NODISCARD;                                /* the request's own */
void trust_use_system(struct trust *trust);   /* the system's hashed CA directory where there is one, else its bundle */
void trust_use_insecure(struct trust *trust); /* anything */

/* True if nothing was added. */
bool trust_is_empty(const struct trust *trust);

struct trust_verdict {
    enum trust_kind by;
    bool expired;       /* trusted by exact leaf although its validity is over (or has not begun) */
    const char *reason; /* for TRUST_NONE: static text of what does not hold */
};

/* Judges what a peer presented (leaf first; `chain` may be NULL: leaf alone). Order: pin, request's own leaf (exact,
 * neither name nor validity judged), then CA and system (chain, validity, serverAuth purpose, SAN against `host` (IP or
 * DNS name) without common-name fall-back; security level 2), then insecure. */
struct trust_verdict trust_judge(const struct trust *trust, X509 *leaf, STACK_OF(X509) * chain, const char *host);

/* Strict check against one set of anchors, as Ops Manager or Go would do it: used by verify for `trust`. Any part may
 * fail. */
struct trust_checks {
    bool chain;
    bool validity;
    bool name;
    bool server_auth;
    const char *chain_reason; /* static text, NULL if it holds */
};
void trust_check_strict(X509_STORE *anchors, X509 *leaf, STACK_OF(X509) * chain, const char *host,
                        struct trust_checks *ret);

/* A store of the given anchors (a leaf may be one: partial chains count); NULL when memory ran out. */
X509_STORE *trust_store_new(X509 *const *anchors, size_t count);

static inline void auto_trust_cleanup(struct trust **trust) {
    trust_free(*trust);
}
#define auto_trust AUTO(trust)

#endif
