/* SPDX-License-Identifier: Apache-2.0 */
/* A leaf with its chain, as read from PEM or shown on the wire: order, completeness, what is sent to a manager. */
#include "x509/chain.h"

#include <openssl/err.h>
#include <string.h>

#include "base/mem.h"
#include "x509/cert.h"
#include "x509/chain_order.h"
#include "x509/openssl.h"
#include "x509/pem.h"

static bool is_certificate(const struct pem_block *block) {
    return pem_label_is(block, "CERTIFICATE") || pem_label_is(block, "X509 CERTIFICATE") ||
           pem_label_is(block, "TRUSTED CERTIFICATE");
}

/* NULL if it is damaged. What OpenSSL appends to a TRUSTED CERTIFICATE is left aside. */
static X509 *decode(const struct pem_block *block) {
    auto_buf struct buf der = {0};
    if (!pem_decode(block, &der))
        return NULL;
    const unsigned char *at = (const unsigned char *)der.bytes;
    X509 *cert = d2i_X509(NULL, &at, (long)der.length);
    bool whole = at == (const unsigned char *)der.bytes + der.length || pem_label_is(block, "TRUSTED CERTIFICATE");
    if (cert != NULL && whole)
        return cert;
    X509_free(cert);
    return NULL;
}

/* Takes over `cert`; a duplicate is dropped. False when there are too many. */
static bool add(struct chain *chain, X509 *cert) {
    for (size_t i = 0; i < chain->count; i++)
        if (X509_cmp(chain->certs[i], cert) == 0) {
            X509_free(cert);
            return true;
        }
    if (chain->count == CHAIN_MAX) {
        X509_free(cert);
        return false;
    }
    chain->certs[chain->count++] = cert;
    return true;
}

static bool add_block(struct chain *chain, const struct pem_block *block, size_t number, struct error *err) {
    if (pem_is_private_key(block)) {
        chain->has_key = true;
        return true;
    }
    if (!is_certificate(block)) {
        chain->extra_text = true;
        return true;
    }
    X509 *cert = decode(block);
    if (cert == NULL)
        return openssl_refused(err, ERROR_INVALID_CERTIFICATE, "PEM certificate number %zu is damaged.", number);
    return add(chain, cert) ||
           openssl_refused(err, ERROR_INVALID_CERTIFICATE, "There are more than %d certificates.", CHAIN_MAX);
}

static bool refuse_empty(const char *pem, size_t length, struct error *err) {
    if (length > 2 && (unsigned char)pem[0] == 0x30 && ((unsigned char)pem[1] & 0x80) != 0)
        return error_set_with_remedy(err, ERROR_INVALID_CERTIFICATE,
                                     "Convert it with `openssl x509 -inform DER -in FILE -out FILE.pem`.",
                                     "The content is binary (DER), not PEM.");
    return error_set(err, ERROR_INVALID_CERTIFICATE, "There is no PEM block of a certificate in the text.");
}

static bool read_blocks(const char *pem, size_t length, struct chain *chain, struct error *err) {
    struct pem_scan scan = pem_scan(pem, length);
    struct pem_block block;
    for (size_t number = 1; pem_next(&scan, &block); number += is_certificate(&block))
        if (!add_block(chain, &block, number, err))
            return false;
    chain->extra_text |= scan.extra_text;
    return chain->count > 0 || refuse_empty(pem, length, err);
}

bool chain_read_pem(const char *pem, size_t length, EVP_PKEY *key, struct chain *ret_chain, struct error *err) {
    if (length > CHAIN_PEM_BYTES_MAX)
        return error_set(err, ERROR_INVALID_CERTIFICATE, "The text is longer than 64 KiB.");
    auto_chain struct chain chain = {0};
    if (!read_blocks(pem, length, &chain, err))
        return false;
    chain_order(&chain, key);
    if (mem_exhausted())
        return error_set(err, ERROR_OUT_OF_MEMORY, "No memory was left while a chain was read.");
    ERR_clear_error();
    *ret_chain = chain;
    chain = (struct chain){0};
    return true;
}

bool chain_from_stack(STACK_OF(X509) * stack, struct chain *ret_chain) {
    struct chain chain = {0};
    for (int i = 0; i < sk_X509_num(stack) && chain.count < CHAIN_MAX; i++) {
        X509 *cert = sk_X509_value(stack, i);
        if (X509_up_ref(cert) == 1)
            chain.certs[chain.count++] = cert;
    }
    if (chain.count == 0)
        return false;
    chain.path_count = 1;
    while (chain.path_count < chain.count &&
           chain_issued(chain.certs[chain.path_count], chain.certs[chain.path_count - 1]))
        chain.path_count++;
    chain.unrelated = chain.path_count < chain.count;
    chain.incomplete = !cert_is_self_signed(chain.certs[chain.path_count - 1]);
    *ret_chain = chain;
    return true;
}

bool chain_issued(X509 *issuer, X509 *cert) {
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    bool issued = key != NULL && X509_NAME_cmp(X509_get_issuer_name(cert), X509_get_subject_name(issuer)) == 0 &&
                  X509_verify(cert, key) != 0;
    ERR_clear_error();
    return issued;
}

bool chain_write_pem(const struct chain *chain, struct buf *out) {
    for (size_t i = 0; i < chain->count; i++)
        if (!cert_write_pem(chain->certs[i], out))
            return false;
    return true;
}

void chain_drop_unrelated(struct chain *chain) {
    while (chain->count > chain->path_count)
        X509_free(chain->certs[--chain->count]);
    chain->unrelated = false;
}

X509 *chain_last(const struct chain *chain) {
    return chain->count > 0 ? chain->certs[chain->count - 1] : NULL;
}

void chain_done(struct chain *chain) {
    for (size_t i = 0; i < chain->count; i++)
        X509_free(chain->certs[i]);
    *chain = (struct chain){0};
}
