/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys: generation, PEM in and out, what they are. */
#ifndef X509_KEY_H
#define X509_KEY_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/secret.h"

struct key_spec {
    bool ec;           /* false: RSA */
    int bits;          /* RSA: 2048, 3072, 4096 */
    const char *curve; /* EC: "P-256", "P-384", "P-521" */
};

enum { KEY_FINGERPRINT_SIZE = 45 }; /* base64 of a SHA-256, with the NUL */

/* A new key; internal if OpenSSL fails, out-of-memory when memory ran out. */
EVP_PKEY *key_generate(const struct key_spec *spec, struct error *err) NODISCARD;

/* Reads the first private key block of `pem` (PKCS#8, encrypted PKCS#8, PKCS#1, SEC 1; other blocks and text around it
 * are skipped). passphrase may be NULL: then an encrypted key is passphrase-wrong; never prompts. invalid-private-key
 * when there is none, it is damaged, over 16 KiB, or neither RSA nor a named-curve EC key. No detail ever quotes the
 * text. */
EVP_PKEY *key_read_pem(const char *pem, size_t length, const struct secret *passphrase, struct error *err) NODISCARD;

/* Unencrypted PKCS#8 PEM ("PRIVATE KEY"), LF, 64 columns, final newline: what nsx-api.md section 3 calls safe. */
bool key_write_pem(EVP_PKEY *key, struct buf *out) NODISCARD;

/* True if type, size or curve are those of `spec`. */
bool key_fits_spec(EVP_PKEY *key, const struct key_spec *spec);

/* Compares the public halves (SubjectPublicKeyInfo). */
bool key_equal_public(EVP_PKEY *a, EVP_PKEY *b);

/* "rsa" or "ec" (else OpenSSL's name), bits, and the curve's NIST name ("P-256", other curves by their short name) or
 * NULL. */
void key_facts(EVP_PKEY *key, const char **ret_type, int *ret_bits, const char **ret_curve);

/* base64(SHA-256(SubjectPublicKeyInfo)), the form of RFC 7469 pins. */
bool key_public_sha256(EVP_PKEY *key, char ret_text[KEY_FINGERPRINT_SIZE]) NODISCARD;

/* The same of a SubjectPublicKeyInfo that is at hand as DER. */
bool key_spki_sha256(const unsigned char *der, size_t length, char ret_text[KEY_FINGERPRINT_SIZE]) NODISCARD;

static inline void auto_pkey_cleanup(EVP_PKEY **key) {
    EVP_PKEY_free(*key);
}
#define auto_pkey AUTO(pkey)

#endif
