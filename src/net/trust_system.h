/* SPDX-License-Identifier: Apache-2.0 */
/* Where this system keeps the CAs it trusts. */
#ifndef NET_TRUST_SYSTEM_H
#define NET_TRUST_SYSTEM_H

#include <openssl/x509.h>

/* A store over the first hashed directory there is (only the issuer asked for is read, then), else over the first
 * bundle; NULL when there is neither or memory ran out. SSL_CERT_FILE and SSL_CERT_DIR are ignored: the environment
 * must not widen trust. */
X509_STORE *trust_system_store(void);

/* The same over the given places; each list ends with NULL. */
X509_STORE *trust_system_store_from(const char *const *directories, const char *const *bundles);

#endif
