/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate signing requests (PKCS#10, RFC 2986) with the extensions of a server certificate. */
#ifndef X509_CSR_H
#define X509_CSR_H

#include <openssl/x509.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "x509/cert.h"

/* A request for `key` with subject, SAN, keyUsage, extendedKeyUsage and basicConstraints as cert_make() would set them.
 */
X509_REQ *csr_make(const struct cert_spec *spec, EVP_PKEY *key, struct error *err) NODISCARD;
X509_REQ *csr_read_pem(const char *pem, size_t length, struct error *err) NODISCARD;
void csr_compare_spec(X509_REQ *csr, const struct cert_spec *spec, struct reasons *reasons);
bool csr_write_pem(X509_REQ *csr, struct buf *out) NODISCARD;

static inline void auto_csr_cleanup(X509_REQ **csr) {
    X509_REQ_free(*csr);
}
#define auto_csr AUTO(csr)

#endif
