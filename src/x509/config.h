/* SPDX-License-Identifier: Apache-2.0 */
/* An openssl request configuration (the procedure's nsx-cert.cnf; openssl req(1), config(5)) as defaults for a
 * certificate. */
#ifndef X509_CONFIG_H
#define X509_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "x509/cert.h"
#include "x509/name.h"

enum { CONFIG_BYTES_MAX = 64 * 1024, CONFIG_OWNED_MAX = 16 };

struct config {
    struct subject subject; /* members absent in the file are NULL; texts belong to the config */
    struct san san;
    int bits;           /* default_bits; 0: not given */
    const char *digest; /* default_md, "sha256", "sha384" or "sha512"; NULL: not given or "default" */
    char *owned[CONFIG_OWNED_MAX];
    size_t owned_count;
};

/* Reads the text with OpenSSL's own parser, from memory: .include and $ENV:: are refused. Section [req] names the rest
 * (distinguished_name, req_extensions or x509_extensions, subjectAltName with @section). invalid-config, with the line
 * where OpenSSL tells one. */
bool config_read(const char *text, size_t length, struct config *ret_config, struct error *err) NODISCARD;
void config_done(struct config *config);

#endif
