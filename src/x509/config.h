/* SPDX-License-Identifier: Apache-2.0 */
/* An openssl request configuration (as for `openssl req -config`, man 5 config), read for what it says about a server's
 * key and certificate. The text is parsed by OpenSSL itself, from memory: it can include no file and read no
 * environment variable. */
#ifndef X509_CONFIG_H
#define X509_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "x509/cert.h"
#include "x509/name.h"

enum { CONFIG_BYTES_MAX = 64 * 1024, CONFIG_PART_COUNT = 6 };

struct config {
    int bits;               /* [req] default_bits: 2048, 3072 or 4096; 0 when not given */
    const char *digest;     /* [req] default_md: "sha256", "sha384", "sha512" (static), or NULL */
    struct subject subject; /* the distinguished_name section; its texts are owned by `parts` */
    struct san san; /* subjectAltName of x509_extensions and req_extensions; an IP given as DNS.n counts as IP */
    char *parts[CONFIG_PART_COUNT];
};

/* Reads [req] of `text`: default_bits, default_md, distinguished_name (with prompt = no its values, else its
 * NAME_default values, as an empty answer at the prompt would give), x509_extensions and req_extensions. Whatever else
 * a configuration says is ignored, but a subject part or SAN entry that the certificate cannot have is refused.
 * invalid-config, with the line in error.context where it is known: also over 64 KiB, `.include`, `ENV::`, more than 64
 * variables. */
bool config_read(const char *text, size_t length, struct config *ret_config, struct error *err) NODISCARD;
void config_done(struct config *config);

static inline void auto_config_cleanup(struct config *config) {
    config_done(config);
}
#define auto_config AUTO(config)

#endif
