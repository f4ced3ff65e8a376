/* SPDX-License-Identifier: Apache-2.0 */
/* One certificate: making it, and what it says (RFC 5280). */
#ifndef X509_CERT_H
#define X509_CERT_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/buf.h"
#include "base/error.h"
#include "x509/key.h"
#include "x509/name.h"

enum { CERT_SHA256_SIZE = 32, CERT_HEX_SIZE = 65, CERT_SERIAL_SIZE = 64 };

/* Subject of a new certificate or request; NULL members are left out. Order in the DN: C, ST, L, O, OU, CN. UTF-8. */
struct subject {
    const char *common_name;
    const char *country;
    const char *state;
    const char *locality;
    const char *organization;
    const char *organizational_unit;
};

/* What a server certificate or a PKCS#10 request is to say. */
struct cert_spec {
    struct subject subject;
    const struct san *san;        /* with ip_as_dns below */
    const char *const *ip_as_dns; /* IP texts to add as DNS entries too, in this order */
    size_t ip_as_dns_count;
    const char *digest; /* "sha256", "sha384", "sha512" */
    int validity_days;  /* certificates only: notAfter = notBefore + days * 86400 */
    time_t not_before;  /* certificates only */
};

/* A self-signed certificate (issuer NULL) or one signed by `issuer`/`issuer_key`, for `key`: v3, 159-bit random
 * positive serial, basicConstraints critical CA:FALSE, keyUsage critical digitalSignature[+keyEncipherment for RSA],
 * extendedKeyUsage serverAuth, SAN, SKI, AKI (RFC 5280 §4.2.1). Refuses an issuer that is no CA, has expired, or is not
 * issuer_key's (invalid-certificate, key-mismatch); notAfter never outlasts the issuer's (then it is cut to it). */
X509 *cert_make(const struct cert_spec *spec, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key, struct error *err)
    NODISCARD;

/* What cert_make() asks of an issuer for a certificate that begins at `not_before`; the same errors. */
bool cert_check_issuer(X509 *issuer, EVP_PKEY *issuer_key, time_t not_before, struct error *err) NODISCARD;

/* What differs between `cert` and what cert_make() would make of the spec, in words ("SAN lacks 192.0.2.10"), one per
 * difference, added to `reasons` (a list of strings the caller frees with cert_reasons_done). Compared: subject, SAN
 * set, digest, extensions (KU, EKU, basicConstraints, SKI/AKI presence), issuer (self-signed or `issuer`). Not:
 * validity, serial, key. */
struct reasons {
    char **items;
    size_t count;
};
void reasons_add(struct reasons *list, const char *format, ...) PRINTF_LIKE(2, 3);
void reasons_done(struct reasons *list);
void cert_compare_spec(X509 *cert, const struct cert_spec *spec, X509 *issuer, struct reasons *reasons);

/* SHA-256 of the DER. */
bool cert_sha256(X509 *cert, unsigned char ret_digest[CERT_SHA256_SIZE]) NODISCARD;

/* The same as lowercase hex. */
bool cert_fingerprint(X509 *cert, char ret_hex[CERT_HEX_SIZE]) NODISCARD;

/* Lowercase hex of any digest / parse of hex with optional colons, any case; false if it is not 32 bytes. */
void cert_hex(const unsigned char digest[CERT_SHA256_SIZE], char ret_hex[CERT_HEX_SIZE]);
bool cert_parse_hex(const char *text, unsigned char ret_digest[CERT_SHA256_SIZE]);

/* Borrowed facts. serial: lowercase hex, no leading zeros beyond one byte. Names as RFC 4514-like one line ("CN=…,
 * O=…"), UTF-8; the caller frees. */
bool cert_serial(X509 *cert, char ret_hex[CERT_SERIAL_SIZE]) NODISCARD;
char *cert_subject_text(X509 *cert);
char *cert_issuer_text(X509 *cert);
/* The (last) common name, or NULL; the caller frees. */
char *cert_common_name(X509 *cert);
time_t cert_not_before(X509 *cert);
time_t cert_not_after(X509 *cert);

/* The SAN, empty if there is none. An IP address written as a DNS entry is kept as such in `dns`. */
bool cert_san(X509 *cert, struct san *ret_san) NODISCARD;
bool cert_is_self_signed(X509 *cert); /* subject = issuer and its own key verifies it */
bool cert_is_ca(X509 *cert);
bool cert_allows_server_auth(X509 *cert); /* no EKU, anyExtendedKeyUsage, or serverAuth */

/* When renewal is due: not_after minus `renew_before_days`; -1: a third of its own validity (half at 10 days or less),
 * rounded down to whole days. */
time_t cert_renewal_at(X509 *cert, int renew_before_days);

/* PEM with LF, 64 columns, final newline. */
bool cert_write_pem(X509 *cert, struct buf *out) NODISCARD;

/* base64(SHA-256(SubjectPublicKeyInfo)), as key_public_sha256(), of the bytes in the certificate. */
bool cert_public_sha256(X509 *cert, char ret_text[KEY_FINGERPRINT_SIZE]) NODISCARD;

static inline void auto_x509_cleanup(X509 **cert) {
    X509_free(*cert);
}
#define auto_x509 AUTO(x509)
static inline void auto_reasons_cleanup(struct reasons *list) {
    reasons_done(list);
}
#define auto_reasons AUTO(reasons)

#endif
