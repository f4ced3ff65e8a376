/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate reference of the request: a source, or an id, fingerprint or endpoint that leads to one. */
#ifndef OP_REFERENCE_H
#define OP_REFERENCE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "op/connect.h"
#include "op/run.h"
#include "x509/cert.h"
#include "x509/chain.h"

struct reference {
    bool known;                             /* sha256 is set */
    unsigned char sha256[CERT_SHA256_SIZE]; /* of the leaf */
    struct chain chain;                     /* empty where only a fingerprint is known */
    char *certificate_id;                   /* of {certificate_id}, or NULL */
    char *display_name;                     /* as the manager calls it, or NULL */
};

/* Reads what `value` refers to. {certificate_id} needs `connection` (else missing-member); {endpoint} is looked at on
 * the wire. Errors: source-unavailable, invalid-certificate, certificate-not-found, unreachable, and those of the
 * calls. */
bool reference_read(struct run *run, const json_t *value, const char *pointer, struct connection *connection,
                    struct reference *ret, struct error *err) NODISCARD;
void reference_done(struct reference *reference);

/* Reads a chain that a manager keeps as PEM. False when it holds no readable certificate. */
bool reference_take_pem(struct reference *reference, const char *pem, struct error *err) NODISCARD;

static inline void auto_reference_cleanup(struct reference *reference) {
    reference_done(reference);
}
#define auto_reference AUTO(reference)

#endif
