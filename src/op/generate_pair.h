/* SPDX-License-Identifier: Apache-2.0 */
/* The files that `generate` keeps: what stands in them, what differs from the request, what the result says of them. */
#ifndef OP_GENERATE_PAIR_H
#define OP_GENERATE_PAIR_H

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>

#include "base/file_set.h"
#include "op/generate_spec.h"
#include "x509/cert.h"
#include "x509/chain.h"

/* Key with certificate, or key with request and, once a CA has answered, its certificate. Absent or unreadable: NULL.
 */
struct generate_pair {
    EVP_PKEY *key;
    X509 *cert;         /* the leaf; also in chain.certs[0] */
    struct chain chain; /* what stands, or is to stand, in the certificate's file */
    X509_REQ *request;
    time_t request_written; /* 0: not known */
};

/* Reads the files named by the spec; `set` tells where their content stands (a killed run may have left it in a
 * temporary). Adds a reason for each that is absent or unreadable. False only for failures that are worth another try.
 */
bool generate_pair_read(const struct generate_spec *spec, const struct file_set *set, struct generate_pair *ret_pair,
                        struct reasons *reasons, struct error *err) NODISCARD;

/* Is there a certificate, and is it the key's? A stranger at certificate_path of a request is simply not issued yet. */
bool generate_pair_belongs(const struct generate_pair *pair);

/* Adds a reason for everything that must be made anew; none means that the files are as asked. *ret_key_fits: the key
 * could stay. */
void generate_pair_compare(const struct generate_spec *spec, const struct generate_pair *pair, struct reasons *reasons,
                           bool *ret_key_fits);

/* A new pair for the spec, with the old key if `keep_key` is not NULL (up-referenced). */
bool generate_pair_make(const struct generate_spec *spec, EVP_PKEY *keep_key, struct generate_pair *ret_pair,
                        struct error *err) NODISCARD;

/* Fills the operation's result from a pair. */
void generate_pair_report(const struct generate_spec *spec, const struct generate_pair *pair, json_t *result);
void generate_pair_done(struct generate_pair *pair);

#endif
