/* SPDX-License-Identifier: Apache-2.0 */
/* Signing certificates and requests. */
#include "x509/sign.h"

/* Fills in the signature's algorithm. X509_sign() would do it, but it decodes the algorithm into this very structure,
 * and when memory runs out there, OpenSSL 3.0 frees it although it is a part of the certificate. With everything in
 * place there is nothing left to allocate. Hence also the cast: the setter that this needs does not exist. */
static bool prepare(const X509_ALGOR *slot, EVP_PKEY *key, int digest) {
    bool ec = EVP_PKEY_is_a(key, "EC");
    int algorithm = NID_undef;
    return OBJ_find_sigid_by_algs(&algorithm, digest, ec ? EVP_PKEY_EC : EVP_PKEY_RSA) == 1 &&
           X509_ALGOR_set0((X509_ALGOR *)slot, OBJ_nid2obj(algorithm), ec ? V_ASN1_UNDEF : V_ASN1_NULL, NULL) == 1;
}

bool sign_cert(X509 *cert, EVP_PKEY *key, const char *digest) {
    const EVP_MD *md = EVP_get_digestbyname(digest);
    const X509_ALGOR *outer = NULL;
    X509_get0_signature(NULL, &outer, cert);
    return md != NULL && prepare(outer, key, EVP_MD_get_type(md)) &&
           prepare(X509_get0_tbs_sigalg(cert), key, EVP_MD_get_type(md)) && X509_sign(cert, key, md) > 0;
}

bool sign_csr(X509_REQ *csr, EVP_PKEY *key, const char *digest) {
    const EVP_MD *md = EVP_get_digestbyname(digest);
    const X509_ALGOR *slot = NULL;
    X509_REQ_get0_signature(csr, NULL, &slot);
    return md != NULL && prepare(slot, key, EVP_MD_get_type(md)) && X509_REQ_sign(csr, key, md) > 0;
}
