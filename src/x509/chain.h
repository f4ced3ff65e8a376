/* SPDX-License-Identifier: Apache-2.0 */
/* A leaf with its chain, as read from PEM or shown on the wire: order, completeness, what is sent to a manager. */
#ifndef X509_CHAIN_H
#define X509_CHAIN_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

enum { CHAIN_MAX = 16, CHAIN_PEM_BYTES_MAX = 64 * 1024 };

/* certs[0] is the leaf. All owned. */
struct chain {
    X509 *certs[CHAIN_MAX];
    size_t count;
    bool reordered;    /* the PEM had another order than leaf → root */
    bool incomplete;   /* an issuer in the middle or the self-signed root is missing */
    bool extra_text;   /* something else than certificate blocks (text, parameters, Bag Attributes) stood in the PEM */
    bool has_key;      /* a private key block stood in the PEM */
    bool unrelated;    /* certificates that are part of no path from the leaf (put last) */
    bool alternatives; /* cross-signed twins that the path does not need stood in the PEM and were left out */
    size_t path_count; /* certs[0 .. path_count - 1] are leaf → issuer → …; unrelated ones come after */
};

/* Reads every CERTIFICATE block of `pem` (LF, CRLF, one-line base64, TRUSTED/X509 labels accepted), finds the leaf (the
 * one that issued no other; with `key`, the one whose key it is; a self-signed one alone is its own) and orders leaf →
 * root. Duplicates are dropped. invalid-certificate (none, damaged, over the limits). `key` may be NULL. */
bool chain_read_pem(const char *pem, size_t length, EVP_PKEY *key, struct chain *ret_chain, struct error *err)
    NODISCARD;

/* Adopts (up-references) certificates already in wire order: certs[0] stays the leaf, nothing is reordered. At most
 * CHAIN_MAX are kept. False when the stack is empty. */
bool chain_from_stack(STACK_OF(X509) * stack, struct chain *ret_chain) NODISCARD;

/* All PEM, in chain order, in the form of cert_write_pem(). */
bool chain_write_pem(const struct chain *chain, struct buf *out) NODISCARD;

/* Did `issuer` sign `cert`? Name and signature must fit; an algorithm that OpenSSL does not know is taken as right,
 * since this orders and does not prove. */
bool chain_issued(X509 *issuer, X509 *cert);

/* Leaves what is on the path from the leaf. */
void chain_drop_unrelated(struct chain *chain);

/* The last certificate, or NULL if empty; borrowed. */
X509 *chain_last(const struct chain *chain);
void chain_done(struct chain *chain);

static inline void auto_chain_cleanup(struct chain *chain) {
    chain_done(chain);
}
#define auto_chain AUTO(chain)

#endif
