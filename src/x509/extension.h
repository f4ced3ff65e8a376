/* SPDX-License-Identifier: Apache-2.0 */
/* The extensions that certificates and requests of ours share (RFC 5280 section 4.2): making and comparing them. */
#ifndef X509_EXTENSION_H
#define X509_EXTENSION_H

#include "x509/cert.h"
#include "x509/openssl.h"

/* basicConstraints, keyUsage (by the kind of key), extendedKeyUsage and SAN of the spec. NULL on failure; the caller
 * frees. */
STACK_OF(X509_EXTENSION) * extension_make_list(const struct cert_spec *spec, EVP_PKEY *key) NODISCARD;

/* Adds what differs between `list` (NULL: none) and what extension_make_list() would make. */
void extension_compare(const STACK_OF(X509_EXTENSION) * list, const struct cert_spec *spec, EVP_PKEY *key,
                       struct reasons *reasons);

/* The names in the SAN extension of `list`, none if there is none; false when memory ran out. */
bool extension_read_san(const STACK_OF(X509_EXTENSION) * list, struct san *ret_san) NODISCARD;

#endif
