/* SPDX-License-Identifier: Apache-2.0 */
/* Signing certificates and requests. */
#ifndef X509_SIGN_H
#define X509_SIGN_H

#include <openssl/x509.h>
#include <stdbool.h>

#include "base/cleanup.h"

/* Signs with RSA (PKCS#1 v1.5) or ECDSA and the digest "sha256", "sha384" or "sha512". */
bool sign_cert(X509 *cert, EVP_PKEY *key, const char *digest) NODISCARD;
bool sign_csr(X509_REQ *csr, EVP_PKEY *key, const char *digest) NODISCARD;

#endif
