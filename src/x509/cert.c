/* SPDX-License-Identifier: Apache-2.0 */
/* One certificate: making it, and comparing it with what is wanted (RFC 5280). */
#include "x509/cert.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "x509/extension.h"
#include "x509/key.h"
#include "x509/openssl.h"
#include "x509/sign.h"
#include "x509/subject.h"

enum { SERIAL_BITS = 159, DAY_SECONDS = 86400, KEY_ID_SIZE = 20 };

static bool set_serial(X509 *cert) {
    BIGNUM *number = BN_new();
    bool set = number != NULL && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
               (!BN_is_zero(number) || BN_one(number) == 1) &&
               BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    return set;
}

static bool set_validity(X509 *cert, const struct cert_spec *spec, X509 *issuer) {
    time_t end = spec->not_before + (time_t)spec->validity_days * DAY_SECONDS;
    if (issuer != NULL && cert_not_after(issuer) < end)
        end = cert_not_after(issuer);
    return ASN1_TIME_set(X509_getm_notBefore(cert), spec->not_before) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(cert), end) != NULL;
}

static bool add_subject_key_id(X509 *cert) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
    bool added = id != NULL && X509_pubkey_digest(cert, EVP_sha1(), digest, &length) == 1 &&
                 ASN1_OCTET_STRING_set(id, digest, (int)length) == 1 &&
                 X509_add1_ext_i2d(cert, NID_subject_key_identifier, id, 0, X509V3_ADD_APPEND) == 1;
    ASN1_OCTET_STRING_free(id);
    return added;
}

/* The issuer's own key identifier, or where it has none the one it would have (RFC 5280 section 4.2.1.2, method 1). */
static ASN1_OCTET_STRING *key_id_of(X509 *issuer) {
    ASN1_OCTET_STRING *id = X509_get_ext_d2i(issuer, NID_subject_key_identifier, NULL, NULL);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (id != NULL || X509_pubkey_digest(issuer, EVP_sha1(), digest, &length) != 1)
        return id;
    id = ASN1_OCTET_STRING_new();
    if (id != NULL && ASN1_OCTET_STRING_set(id, digest, (int)length) == 1)
        return id;
    ASN1_OCTET_STRING_free(id);
    return NULL;
}

static bool add_authority_key_id(X509 *cert, X509 *issuer) {
    AUTHORITY_KEYID *value = AUTHORITY_KEYID_new();
    if (value != NULL)
        value->keyid = key_id_of(issuer);
    bool added = value != NULL && value->keyid != NULL &&
                 X509_add1_ext_i2d(cert, NID_authority_key_identifier, value, 0, X509V3_ADD_APPEND) == 1;
    AUTHORITY_KEYID_free(value);
    return added;
}

static bool add_extensions(X509 *cert, const struct cert_spec *spec, EVP_PKEY *key, X509 *issuer) {
    auto_extensions STACK_OF(X509_EXTENSION) *list = extension_make_list(spec, key);
    bool added = list != NULL;
    for (int i = 0; i < sk_X509_EXTENSION_num(list) && added; i++)
        added = X509_add_ext(cert, sk_X509_EXTENSION_value(list, i), -1) == 1;
    return added && add_subject_key_id(cert) && add_authority_key_id(cert, issuer != NULL ? issuer : cert);
}

/* Everything but the names and the signature. */
static bool fill(X509 *cert, const struct cert_spec *spec, EVP_PKEY *key, X509 *issuer) {
    return X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) && set_validity(cert, spec, issuer) &&
           X509_set_pubkey(cert, key) == 1 && add_extensions(cert, spec, key, issuer);
}

static bool set_names(X509 *cert, const struct cert_spec *spec, X509 *issuer, struct error *err) {
    X509_NAME *subject = subject_make(&spec->subject, err);
    if (subject == NULL)
        return false;
    bool set = X509_set_subject_name(cert, subject) == 1 &&
               X509_set_issuer_name(cert, issuer != NULL ? X509_get_subject_name(issuer) : subject) == 1;
    X509_NAME_free(subject);
    return set || openssl_failed(err, "naming a certificate");
}

/* The issuer's keyUsage, if it has one, must allow signing certificates. */
static bool may_sign(X509 *issuer) {
    ASN1_BIT_STRING *usage = X509_get_ext_d2i(issuer, NID_key_usage, NULL, NULL);
    bool may = usage == NULL || ASN1_BIT_STRING_get_bit(usage, 5) == 1;
    ASN1_BIT_STRING_free(usage);
    return may && cert_is_ca(issuer);
}

bool cert_check_issuer(X509 *issuer, EVP_PKEY *issuer_key, time_t not_before, struct error *err) {
    if (!may_sign(issuer))
        return openssl_refused(
            err, ERROR_INVALID_CERTIFICATE,
            "The issuer's certificate is not one of a CA that may sign certificates (basicConstraints, keyUsage).");
    char text[CLOCK_TEXT_SIZE];
    if (cert_not_after(issuer) <= not_before)
        return openssl_refused(err, ERROR_INVALID_CERTIFICATE, "The issuer's certificate expired at %s.",
                               clock_format(cert_not_after(issuer), text));
    if (cert_not_before(issuer) > not_before)
        return openssl_refused(err, ERROR_INVALID_CERTIFICATE, "The issuer's certificate is not valid before %s.",
                               clock_format(cert_not_before(issuer), text));
    if (!key_equal_public(X509_get0_pubkey(issuer), issuer_key))
        return openssl_refused(err, ERROR_KEY_MISMATCH,
                               "The issuer's private key does not belong to the issuer's certificate.");
    return true;
}

/* A CA limited to some names makes a certificate outside of them that nobody accepts. */
static bool check_name_constraints(X509 *cert, X509 *issuer, struct error *err) {
    NAME_CONSTRAINTS *limits = X509_get_ext_d2i(issuer, NID_name_constraints, NULL, NULL);
    if (limits == NULL)
        return true;
    (void)X509_check_purpose(cert, -1, 0); /* makes OpenSSL read the SAN that the next call looks at */
    int verdict = NAME_CONSTRAINTS_check(cert, limits);
    NAME_CONSTRAINTS_free(limits);
    return verdict == X509_V_OK ||
           openssl_refused(err, ERROR_INVALID_CERTIFICATE, "The issuer may not sign for these names: %s.",
                           X509_verify_cert_error_string(verdict));
}

X509 *cert_make(const struct cert_spec *spec, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key, struct error *err) {
    if (issuer != NULL && !cert_check_issuer(issuer, issuer_key, spec->not_before, err))
        return NULL;
    auto_x509 X509 *cert = X509_new();
    if (cert == NULL || !fill(cert, spec, key, issuer)) {
        openssl_failed(err, "making a certificate");
        return NULL;
    }
    if (!set_names(cert, spec, issuer, err))
        return NULL;
    if (!sign_cert(cert, issuer != NULL ? issuer_key : key, spec->digest)) {
        openssl_failed(err, "signing a certificate");
        return NULL;
    }
    if (issuer != NULL && !check_name_constraints(cert, issuer, err))
        return NULL;
    ERR_clear_error();
    X509 *taken = cert;
    cert = NULL;
    return taken;
}

void reasons_add(struct reasons *list, const char *format, ...) {
    char **items = mem_realloc(list->items, (list->count + 1) * sizeof *items);
    if (items == NULL)
        return;
    list->items = items;
    va_list arguments;
    va_start(arguments, format);
    items[list->count] = mem_vprintf(format, arguments);
    va_end(arguments);
    if (items[list->count] != NULL)
        list->count++;
}

void reasons_done(struct reasons *list) {
    for (size_t i = 0; i < list->count; i++)
        mem_free(list->items[i]);
    mem_free(list->items);
    *list = (struct reasons){0};
}

static void compare_issuer(X509 *cert, X509 *issuer, struct reasons *reasons) {
    X509_NAME *name = issuer != NULL ? X509_get_subject_name(issuer) : X509_get_subject_name(cert);
    EVP_PKEY *key = X509_get0_pubkey(issuer != NULL ? issuer : cert);
    if (X509_NAME_cmp(X509_get_issuer_name(cert), name) == 0 && key != NULL && X509_verify(cert, key) == 1)
        return;
    auto_text char *text = issuer != NULL ? cert_subject_text(issuer) : NULL;
    if (issuer == NULL)
        reasons_add(reasons, "the certificate is not self-signed");
    else
        reasons_add(reasons, "the certificate is not signed by %s", text != NULL ? text : "the issuer");
}

static void compare_digest(X509 *cert, const char *digest, struct reasons *reasons) {
    int now = NID_undef;
    (void)X509_get_signature_info(cert, &now, NULL, NULL, NULL);
    if (now != OBJ_txt2nid(digest))
        reasons_add(reasons, "the signature uses %s, not %s", now != NID_undef ? OBJ_nid2ln(now) : "another digest",
                    digest);
}

void cert_compare_spec(X509 *cert, const struct cert_spec *spec, X509 *issuer, struct reasons *reasons) {
    subject_compare(X509_get_subject_name(cert), &spec->subject, reasons);
    compare_digest(cert, spec->digest, reasons);
    if (X509_get_version(cert) != X509_VERSION_3)
        reasons_add(reasons, "the certificate is not X.509 version 3");
    extension_compare(X509_get0_extensions(cert), spec, X509_get0_pubkey(cert), reasons);
    if (X509_get_ext_by_NID(cert, NID_subject_key_identifier, -1) < 0)
        reasons_add(reasons, "the subject key identifier is missing");
    if (X509_get_ext_by_NID(cert, NID_authority_key_identifier, -1) < 0)
        reasons_add(reasons, "the authority key identifier is missing");
    compare_issuer(cert, issuer, reasons);
    ERR_clear_error();
}
