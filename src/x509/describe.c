/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates as JSON, in the shape of schema/result.schema.json; the one place where x509 and json meet. */
#include "x509/describe.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "x509/key.h"
#include "x509/openssl.h"
#include "x509/text.h"
#include "json/get.h"

enum { OID_TEXT_SIZE = 128 };

static json_t *describe_set(char *const *items, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        push_text(array, items[i]);
    return array;
}

json_t *describe_san(const struct san *san) {
    json_t *object = json_object();
    put_take(object, "dns", describe_set(san->dns, san->dns_count));
    put_take(object, "ip", describe_set(san->ip, san->ip_count));
    return object;
}

json_t *describe_key(EVP_PKEY *key) {
    const char *type;
    const char *curve;
    int bits;
    json_t *object = json_object();
    if (key == NULL) {
        put_text(object, "type", "unknown");
        return object;
    }
    key_facts(key, &type, &bits, &curve);
    put_text(object, "type", type);
    put_integer(object, "bits", bits);
    if (curve != NULL)
        put_text(object, "curve", curve);
    return object;
}

static void put_owned(json_t *object, const char *name, char *text) {
    put_text(object, name, text);
    mem_free(text);
}

static void put_time(json_t *object, const char *name, time_t moment) {
    char text[CLOCK_TEXT_SIZE];
    put_text(object, name, clock_format(moment, text));
}

json_t *describe_cert_brief(X509 *cert) {
    char fingerprint[CERT_HEX_SIZE];
    char serial[CERT_SERIAL_SIZE];
    auto_san struct san san = {0};
    json_t *object = json_object();
    put_text(object, "fingerprint_sha256", cert_fingerprint(cert, fingerprint) ? fingerprint : NULL);
    put_owned(object, "subject", cert_subject_text(cert));
    put_owned(object, "issuer", cert_issuer_text(cert));
    put_text(object, "serial", cert_serial(cert, serial) ? serial : "unreadable");
    put_time(object, "not_before", cert_not_before(cert));
    put_time(object, "not_after", cert_not_after(cert));
    (void)!cert_san(cert, &san); /* false only without memory: shown empty, and the run ends anyway */
    put_take(object, "san", describe_san(&san));
    return object;
}

/* Names of RFC 5280 section 4.2.1.3, by bit. */
static json_t *describe_key_usage(X509 *cert) {
    static const char *const names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                        "dataEncipherment", "keyAgreement",   "keyCertSign",
                                        "cRLSign",          "encipherOnly",   "decipherOnly"};
    ASN1_BIT_STRING *usage = X509_get_ext_d2i(cert, NID_key_usage, NULL, NULL);
    if (usage == NULL)
        return NULL;
    json_t *array = json_array();
    for (int bit = 0; bit < (int)(sizeof names / sizeof *names); bit++)
        if (ASN1_BIT_STRING_get_bit(usage, bit) == 1)
            push_text(array, names[bit]);
    ASN1_BIT_STRING_free(usage);
    return array;
}

static json_t *describe_extended_key_usage(X509 *cert) {
    EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);
    if (usage == NULL)
        return NULL;
    json_t *array = json_array();
    for (int i = 0; i < sk_ASN1_OBJECT_num(usage); i++) {
        const ASN1_OBJECT *object = sk_ASN1_OBJECT_value(usage, i);
        char oid[OID_TEXT_SIZE] = "";
        int nid = OBJ_obj2nid(object);
        (void)OBJ_obj2txt(oid, sizeof oid, object, 1);
        push_text(array, nid != NID_undef ? OBJ_nid2sn(nid) : oid);
    }
    EXTENDED_KEY_USAGE_free(usage);
    return array;
}

static json_t *describe_basic_constraints(X509 *cert) {
    int critical = 0;
    BASIC_CONSTRAINTS *value = X509_get_ext_d2i(cert, NID_basic_constraints, &critical, NULL);
    if (value == NULL)
        return NULL;
    json_t *object = json_object();
    put_flag(object, "ca", value->ca != 0);
    if (value->pathlen != NULL)
        put_integer(object, "path_length", ASN1_INTEGER_get(value->pathlen));
    else
        put_null(object, "path_length");
    put_flag(object, "critical", critical == 1);
    BASIC_CONSTRAINTS_free(value);
    return object;
}

static void put_octets(json_t *object, const char *name, const ASN1_OCTET_STRING *octets) {
    static const char digits[] = "0123456789abcdef";
    auto_buf struct buf hex = {0};
    const unsigned char *bytes = octets != NULL ? ASN1_STRING_get0_data(octets) : NULL;
    for (int i = 0; octets != NULL && i < ASN1_STRING_length(octets); i++) {
        char pair[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
        buf_add(&hex, pair, sizeof pair);
    }
    put_text(object, name, octets != NULL && !hex.failed ? buf_text(&hex) : NULL);
}

static void put_key_ids(json_t *object, X509 *cert) {
    ASN1_OCTET_STRING *own = X509_get_ext_d2i(cert, NID_subject_key_identifier, NULL, NULL);
    AUTHORITY_KEYID *issuer = X509_get_ext_d2i(cert, NID_authority_key_identifier, NULL, NULL);
    put_octets(object, "subject_key_identifier", own);
    put_octets(object, "authority_key_identifier", issuer != NULL ? issuer->keyid : NULL);
    ASN1_OCTET_STRING_free(own);
    AUTHORITY_KEYID_free(issuer);
}

static void push_urls(json_t *array, const DIST_POINT *point) {
    if (point->distpoint == NULL || point->distpoint->type != 0)
        return;
    const GENERAL_NAMES *names = point->distpoint->name.fullname;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        int kind;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &kind);
        auto_text char *url = kind == GEN_URI ? text_from_string(value) : NULL;
        if (url != NULL)
            push_text(array, url);
    }
}

static json_t *describe_crl_points(X509 *cert) {
    CRL_DIST_POINTS *points = X509_get_ext_d2i(cert, NID_crl_distribution_points, NULL, NULL);
    if (points == NULL)
        return NULL;
    json_t *array = json_array();
    for (int i = 0; i < sk_DIST_POINT_num(points); i++)
        push_urls(array, sk_DIST_POINT_value(points, i));
    CRL_DIST_POINTS_free(points);
    return array;
}

json_t *describe_cert(X509 *cert) {
    char pin[KEY_FINGERPRINT_SIZE];
    json_t *object = describe_cert_brief(cert);
    put_integer(object, "version", X509_get_version(cert) + 1);
    put_text(object, "signature_algorithm", OBJ_nid2ln(X509_get_signature_nid(cert)));
    put_take(object, "key", describe_key(X509_get0_pubkey(cert)));
    if (cert_public_sha256(cert, pin))
        put_text(object, "public_key_sha256", pin);
    put_take(object, "key_usage", describe_key_usage(cert));
    put_take(object, "extended_key_usage", describe_extended_key_usage(cert));
    put_take(object, "basic_constraints", describe_basic_constraints(cert));
    put_key_ids(object, cert);
    put_take(object, "crl_distribution_points", describe_crl_points(cert));
    put_flag(object, "self_signed", cert_is_self_signed(cert));
    ERR_clear_error();
    return object;
}

json_t *describe_chain(const struct chain *chain) {
    json_t *array = json_array();
    for (size_t i = 0; i < chain->count; i++)
        push_take(array, describe_cert(chain->certs[i]));
    return array;
}
