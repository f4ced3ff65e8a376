/* SPDX-License-Identifier: Apache-2.0 */
/* What one certificate says: fingerprint, names, times, purposes (RFC 5280). */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "base/mem.h"
#include "x509/cert.h"
#include "x509/extension.h"
#include "x509/key.h"
#include "x509/openssl.h"
#include "x509/text.h"

enum { DAY_SECONDS = 86400, SHORT_LIVED_DAYS = 10 };

bool cert_sha256(X509 *cert, unsigned char ret_digest[CERT_SHA256_SIZE]) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    bool done = X509_digest(cert, EVP_sha256(), digest, &length) == 1 && length == CERT_SHA256_SIZE;
    ERR_clear_error();
    if (done)
        memcpy(ret_digest, digest, CERT_SHA256_SIZE);
    return done;
}

bool cert_fingerprint(X509 *cert, char ret_hex[CERT_HEX_SIZE]) {
    unsigned char digest[CERT_SHA256_SIZE];
    if (!cert_sha256(cert, digest))
        return false;
    cert_hex(digest, ret_hex);
    return true;
}

void cert_hex(const unsigned char digest[CERT_SHA256_SIZE], char ret_hex[CERT_HEX_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < CERT_SHA256_SIZE; i++) {
        ret_hex[2 * i] = digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_hex[CERT_HEX_SIZE - 1] = '\0';
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool cert_parse_hex(const char *text, unsigned char ret_digest[CERT_SHA256_SIZE]) {
    unsigned char digest[CERT_SHA256_SIZE];
    for (size_t i = 0; i < CERT_SHA256_SIZE; i++) {
        if (i > 0 && *text == ':')
            text++;
        int high = hex_value(text[0]);
        int low = high < 0 ? -1 : hex_value(text[1]);
        if (low < 0)
            return false;
        digest[i] = (unsigned char)(high * 16 + low);
        text += 2;
    }
    if (*text != '\0')
        return false;
    memcpy(ret_digest, digest, sizeof digest);
    return true;
}

bool cert_serial(X509 *cert, char ret_hex[CERT_SERIAL_SIZE]) {
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    char *hex = number != NULL ? BN_bn2hex(number) : NULL;
    bool done = hex != NULL && strlen(hex) < CERT_SERIAL_SIZE;
    if (done) {
        size_t length = 0;
        for (; hex[length] != '\0'; length++)
            ret_hex[length] = (char)(hex[length] >= 'A' && hex[length] <= 'F' ? hex[length] | 0x20 : hex[length]);
        ret_hex[length] = '\0';
        if (strcmp(ret_hex, "0") == 0)
            memcpy(ret_hex, "00", sizeof "00");
    }
    OPENSSL_free(hex);
    BN_free(number);
    ERR_clear_error();
    return done;
}

bool cert_public_sha256(X509 *cert, char ret_text[KEY_FINGERPRINT_SIZE]) {
    unsigned char *der = NULL;
    int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
    bool done = length > 0 && key_spki_sha256(der, (size_t)length, ret_text);
    OPENSSL_free(der);
    ERR_clear_error();
    return done;
}

char *cert_subject_text(X509 *cert) {
    return text_from_name(X509_get_subject_name(cert));
}

char *cert_issuer_text(X509 *cert) {
    return text_from_name(X509_get_issuer_name(cert));
}

char *cert_common_name(X509 *cert) {
    X509_NAME *subject = X509_get_subject_name(cert);
    int last = -1;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;)
        last = at;
    return last < 0 ? NULL : text_from_string(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
}

/* A date that cannot be read counts as 1970: expired. */
static time_t moment(const ASN1_TIME *time) {
    struct tm parts;
    bool read = ASN1_TIME_to_tm(time, &parts) == 1;
    ERR_clear_error();
    return read ? timegm(&parts) : 0;
}

time_t cert_not_before(X509 *cert) {
    return moment(X509_get0_notBefore(cert));
}

time_t cert_not_after(X509 *cert) {
    return moment(X509_get0_notAfter(cert));
}

bool cert_san(X509 *cert, struct san *ret_san) {
    return extension_read_san(X509_get0_extensions(cert), ret_san);
}

bool cert_is_self_signed(X509 *cert) {
    EVP_PKEY *key = X509_get0_pubkey(cert);
    bool self_signed = key != NULL && X509_NAME_cmp(X509_get_subject_name(cert), X509_get_issuer_name(cert)) == 0 &&
                       X509_verify(cert, key) == 1;
    ERR_clear_error();
    return self_signed;
}

bool cert_is_ca(X509 *cert) {
    BASIC_CONSTRAINTS *value = X509_get_ext_d2i(cert, NID_basic_constraints, NULL, NULL);
    bool ca = value != NULL && value->ca != 0;
    BASIC_CONSTRAINTS_free(value);
    ERR_clear_error();
    return ca;
}

bool cert_allows_server_auth(X509 *cert) {
    if (X509_get_ext_by_NID(cert, NID_ext_key_usage, -1) < 0)
        return true;
    EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);
    bool allowed = false;
    for (int i = 0; i < sk_ASN1_OBJECT_num(usage) && !allowed; i++) {
        int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, i));
        allowed = nid == NID_server_auth || nid == NID_anyExtendedKeyUsage;
    }
    EXTENDED_KEY_USAGE_free(usage);
    ERR_clear_error();
    return allowed;
}

time_t cert_renewal_at(X509 *cert, int renew_before_days) {
    time_t end = cert_not_after(cert);
    time_t days = (end - cert_not_before(cert)) / DAY_SECONDS;
    time_t window = renew_before_days >= 0 ? renew_before_days : days <= SHORT_LIVED_DAYS ? days / 2 : days / 3;
    return end - window * DAY_SECONDS;
}

bool cert_write_pem(X509 *cert, struct buf *out) {
    auto_bio BIO *bio = BIO_new(BIO_s_mem());
    bool written = bio != NULL && PEM_write_bio_X509(bio, cert) == 1 && openssl_bio_into(bio, out);
    ERR_clear_error();
    return written;
}
