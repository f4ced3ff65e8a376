/* SPDX-License-Identifier: Apache-2.0 */
/* What import is given: certificate, key and name, read, checked and brought into the form that every manager takes. */
#ifndef OP_IMPORT_INPUT_H
#define OP_IMPORT_INPUT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "op/run.h"
#include "x509/cert.h"
#include "x509/chain.h"
#include "x509/key.h"
#include "x509/lint.h"

struct import_input {
    struct chain chain;
    EVP_PKEY *key;
    bool key_is_previous; /* the certificate is that of the key in FILE.previous */
    unsigned char sha256[CERT_SHA256_SIZE];
    char fingerprint[CERT_HEX_SIZE];
    char not_after[CLOCK_TEXT_SIZE];
    char *display_name;         /* with its marks replaced */
    bool name_has_mark;         /* so that the renewed certificate gets another name */
    struct buf certificate_pem; /* leaf first, root last, LF */
    struct secret *key_pem;     /* one unencrypted PKCS#8 block */
};

/* The path of a source that does not exist yet, and its pointer; NULL if all are there. */
const char *import_input_not_yet(const json_t *parameters, const char **ret_pointer);

/* Reads `certificate`, `private_key`, `passphrase` and `display_name`. Errors: those of sources, chain_read_pem() and
 * key_read_pem(), key-mismatch (with neither the key nor the one before it), invalid-value (a name that got too long).
 */
bool import_input_read(const json_t *parameters, struct import_input *ret_input, struct error *err) NODISCARD;

/* Judges it for that version: certificate-unfit with all findings, or (lint warn, or no error among them) the findings
 * become warnings of the run. Rules about names are left to register and verify. */
bool import_input_lint(const struct import_input *input, struct lint_version version, struct run *run,
                       struct error *err) NODISCARD;

void import_input_done(struct import_input *input);

#endif
