/* SPDX-License-Identifier: Apache-2.0 */
/* What `generate` is asked to make: the request's parameters, completed by an openssl configuration and the issuer. */
#ifndef OP_GENERATE_SPEC_H
#define OP_GENERATE_SPEC_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <time.h>

#include "op/run.h"
#include "x509/cert.h"
#include "x509/chain.h"
#include "x509/config.h"
#include "x509/key.h"

enum generate_kind { GENERATE_SELF_SIGNED, GENERATE_CA_SIGNED, GENERATE_REQUEST };

struct generate_spec {
    enum generate_kind kind;
    const char *key_path;
    const char *certificate_path; /* may be NULL for a request */
    const char *request_path;     /* for a request only */
    struct key_spec key;
    struct cert_spec cert; /* not_before is set when it is made */
    struct san san;
    char common_name[NAME_HOST_SIZE]; /* in canonical form, so that another spelling of it renews nothing */
    int renew_before_days;            /* -1: by the certificate's own validity */
    bool reuse_key;
    bool backup;
    bool has_issued_after;
    time_t issued_after;
    X509 *issuer;              /* ca_signed: the first of the next */
    struct chain issuer_chain; /* what is put behind the leaf */
    EVP_PKEY *issuer_key;
    struct config config; /* of openssl_config; the texts above may point into it */
};

/* Fills the spec from run->parameters; reads the issuer's and the configuration's sources. Texts are borrowed from the
 * request. */
bool generate_spec_read(struct run *run, struct generate_spec *ret_spec, struct error *err) NODISCARD;
void generate_spec_done(struct generate_spec *spec);

#endif
