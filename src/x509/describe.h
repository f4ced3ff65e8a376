/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates as JSON, in the shape of schema/result.schema.json; the one place where x509 and json meet. */
#ifndef X509_DESCRIBE_H
#define X509_DESCRIBE_H

#include <jansson.h>

#include "x509/cert.h"
#include "x509/chain.h"

/* {dns: [], ip: []} */
json_t *describe_san(const struct san *san);
/* {type, bits, curve?} */
json_t *describe_key(EVP_PKEY *key);
/* Every field that `openssl x509 -text` gives and that matters here: subject, issuer, serial, not_before, not_after,
 * version, signature_algorithm, key, public_key_sha256, san, key_usage, extended_key_usage, basic_constraints {ca,
 * path_length, critical}, subject_key_identifier, authority_key_identifier, crl_distribution_points, self_signed,
 * fingerprint_sha256. */
json_t *describe_cert(X509 *cert);
/* The short form of a presented leaf: fingerprint_sha256, subject, issuer, serial, not_before, not_after, san. */
json_t *describe_cert_brief(X509 *cert);
/* Array of describe_cert() in chain order. */
json_t *describe_chain(const struct chain *chain);

#endif
