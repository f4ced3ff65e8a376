/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate signing requests (PKCS#10, RFC 2986) with the extensions of a server certificate. */
#include "x509/csr.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "x509/extension.h"
#include "x509/openssl.h"
#include "x509/pem.h"
#include "x509/sign.h"
#include "x509/subject.h"

enum { CSR_PEM_BYTES_MAX = 64 * 1024 };

static bool fill(X509_REQ *csr, const struct cert_spec *spec, EVP_PKEY *key) {
    auto_extensions STACK_OF(X509_EXTENSION) *list = extension_make_list(spec, key);
    return list != NULL && X509_REQ_set_version(csr, X509_REQ_VERSION_1) == 1 && X509_REQ_set_pubkey(csr, key) == 1 &&
           X509_REQ_add_extensions(csr, list) == 1;
}

X509_REQ *csr_make(const struct cert_spec *spec, EVP_PKEY *key, struct error *err) {
    X509_NAME *subject = subject_make(&spec->subject, err);
    if (subject == NULL)
        return NULL;
    auto_csr X509_REQ *csr = X509_REQ_new();
    bool made = csr != NULL && fill(csr, spec, key) && X509_REQ_set_subject_name(csr, subject) == 1 &&
                sign_csr(csr, key, spec->digest);
    X509_NAME_free(subject);
    if (!made) {
        openssl_failed(err, "making a certificate request");
        return NULL;
    }
    ERR_clear_error();
    X509_REQ *taken = csr;
    csr = NULL;
    return taken;
}

static bool find_block(const char *pem, size_t length, struct pem_block *ret_block) {
    struct pem_scan scan = pem_scan(pem, length);
    while (pem_next(&scan, ret_block))
        if (pem_label_is(ret_block, "CERTIFICATE REQUEST") || pem_label_is(ret_block, "NEW CERTIFICATE REQUEST"))
            return true;
    return false;
}

X509_REQ *csr_read_pem(const char *pem, size_t length, struct error *err) {
    struct pem_block block;
    if (length > CSR_PEM_BYTES_MAX || !find_block(pem, length, &block)) {
        openssl_refused(err, ERROR_INVALID_CERTIFICATE, "There is no PEM block of a certificate request in the text.");
        return NULL;
    }
    auto_buf struct buf der = {0};
    X509_REQ *csr = NULL;
    if (pem_decode(&block, &der)) {
        const unsigned char *at = (const unsigned char *)der.bytes;
        csr = d2i_X509_REQ(NULL, &at, (long)der.length);
    }
    if (csr == NULL || X509_REQ_get0_pubkey(csr) == NULL) {
        X509_REQ_free(csr);
        openssl_refused(err, ERROR_INVALID_CERTIFICATE, "The certificate request is damaged.");
        return NULL;
    }
    ERR_clear_error();
    return csr;
}

void csr_compare_spec(X509_REQ *csr, const struct cert_spec *spec, struct reasons *reasons) {
    int digest = NID_undef;
    EVP_PKEY *key = X509_REQ_get0_pubkey(csr);
    subject_compare(X509_REQ_get_subject_name(csr), &spec->subject, reasons);
    (void)OBJ_find_sigid_algs(X509_REQ_get_signature_nid(csr), &digest, NULL);
    if (digest != OBJ_txt2nid(spec->digest))
        reasons_add(reasons, "the signature does not use %s", spec->digest);
    auto_extensions STACK_OF(X509_EXTENSION) *list = X509_REQ_get_extensions(csr);
    extension_compare(list, spec, key, reasons);
    if (key == NULL || X509_REQ_verify(csr, key) != 1)
        reasons_add(reasons, "the request's signature is wrong");
    ERR_clear_error();
}

bool csr_write_pem(X509_REQ *csr, struct buf *out) {
    auto_bio BIO *bio = BIO_new(BIO_s_mem());
    bool written = bio != NULL && PEM_write_bio_X509_REQ(bio, csr) == 1 && openssl_bio_into(bio, out);
    ERR_clear_error();
    return written;
}
