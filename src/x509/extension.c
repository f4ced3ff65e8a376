/* SPDX-License-Identifier: Apache-2.0 */
/* The extensions that certificates and requests of ours share (RFC 5280 section 4.2): making and comparing them. */
#include "x509/extension.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <string.h>

#include "base/mem.h"
#include "x509/text.h"

/* RFC 8813: an EC key does not encipher. */
static unsigned usage_of(EVP_PKEY *key) {
    return EVP_PKEY_is_a(key, "EC") ? KU_DIGITAL_SIGNATURE : KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT;
}

static bool add_basic_constraints(STACK_OF(X509_EXTENSION) * *list) {
    BASIC_CONSTRAINTS *value = BASIC_CONSTRAINTS_new();
    bool added = value != NULL && X509V3_add1_i2d(list, NID_basic_constraints, value, 1, X509V3_ADD_APPEND) == 1;
    BASIC_CONSTRAINTS_free(value);
    return added;
}

static bool add_key_usage(STACK_OF(X509_EXTENSION) * *list, unsigned usage) {
    ASN1_BIT_STRING *value = ASN1_BIT_STRING_new();
    bool added = value != NULL;
    for (int bit = 0; bit < 8 && added; bit++)
        if ((usage & (0x80U >> bit)) != 0)
            added = ASN1_BIT_STRING_set_bit(value, bit, 1) == 1;
    added = added && X509V3_add1_i2d(list, NID_key_usage, value, 1, X509V3_ADD_APPEND) == 1;
    ASN1_BIT_STRING_free(value);
    return added;
}

static bool add_server_auth(STACK_OF(X509_EXTENSION) * *list) {
    EXTENDED_KEY_USAGE *value = EXTENDED_KEY_USAGE_new();
    /* A built-in object is static: freeing the stack does not touch it. */
    bool added = value != NULL && sk_ASN1_OBJECT_push(value, OBJ_nid2obj(NID_server_auth)) > 0 &&
                 X509V3_add1_i2d(list, NID_ext_key_usage, value, 0, X509V3_ADD_APPEND) == 1;
    EXTENDED_KEY_USAGE_free(value);
    return added;
}

/* Takes over `value`. */
static bool push_name(GENERAL_NAMES *names, int kind, ASN1_STRING *value) {
    GENERAL_NAME *name = GENERAL_NAME_new();
    if (name == NULL || value == NULL) {
        GENERAL_NAME_free(name);
        ASN1_STRING_free(value);
        return false;
    }
    GENERAL_NAME_set0_value(name, kind, value);
    if (sk_GENERAL_NAME_push(names, name) > 0)
        return true;
    GENERAL_NAME_free(name);
    return false;
}

static bool push_bytes(GENERAL_NAMES *names, int kind, int type, const void *bytes, size_t length) {
    ASN1_STRING *value = ASN1_STRING_type_new(type);
    if (value != NULL && ASN1_STRING_set(value, bytes, (int)length) != 1) {
        ASN1_STRING_free(value);
        value = NULL;
    }
    return push_name(names, kind, value);
}

static bool push_dns(GENERAL_NAMES *names, const char *text) {
    return push_bytes(names, GEN_DNS, V_ASN1_IA5STRING, text, strlen(text));
}

static bool push_ip(GENERAL_NAMES *names, const char *text) {
    unsigned char address[16];
    bool v6 = strchr(text, ':') != NULL;
    return inet_pton(v6 ? AF_INET6 : AF_INET, text, address) == 1 &&
           push_bytes(names, GEN_IPADD, V_ASN1_OCTET_STRING, address, v6 ? 16 : 4);
}

static bool fill_names(GENERAL_NAMES *names, const struct cert_spec *spec) {
    for (size_t i = 0; i < spec->san->dns_count; i++)
        if (!push_dns(names, spec->san->dns[i]))
            return false;
    for (size_t i = 0; i < spec->ip_as_dns_count; i++)
        if (!push_dns(names, spec->ip_as_dns[i]))
            return false;
    for (size_t i = 0; i < spec->san->ip_count; i++)
        if (!push_ip(names, spec->san->ip[i]))
            return false;
    return true;
}

static bool subject_is_empty(const struct subject *subject) {
    return subject->common_name == NULL && subject->country == NULL && subject->state == NULL &&
           subject->locality == NULL && subject->organization == NULL && subject->organizational_unit == NULL;
}

/* RFC 5280 section 4.2.1.6: critical where the subject is empty. */
static bool add_san(STACK_OF(X509_EXTENSION) * *list, const struct cert_spec *spec) {
    if (spec->san == NULL || spec->san->dns_count + spec->san->ip_count + spec->ip_as_dns_count == 0)
        return true;
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    bool added =
        names != NULL && fill_names(names, spec) &&
        X509V3_add1_i2d(list, NID_subject_alt_name, names, subject_is_empty(&spec->subject), X509V3_ADD_APPEND) == 1;
    GENERAL_NAMES_free(names);
    return added;
}

STACK_OF(X509_EXTENSION) * extension_make_list(const struct cert_spec *spec, EVP_PKEY *key) {
    STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
    if (list != NULL && add_basic_constraints(&list) && add_key_usage(&list, usage_of(key)) && add_server_auth(&list) &&
        add_san(&list, spec))
        return list;
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
    return NULL;
}

static bool read_ip(const ASN1_STRING *value, char ret_text[NAME_IP_SIZE]) {
    int length = ASN1_STRING_length(value);
    if (length != 4 && length != 16)
        return false;
    return inet_ntop(length == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(value), ret_text, NAME_IP_SIZE) != NULL;
}

static bool read_name(const GENERAL_NAME *name, struct san *san) {
    auto_error struct error ignored = {0};
    int kind;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &kind);
    char ip[NAME_IP_SIZE];
    if (kind == GEN_IPADD && read_ip(value, ip))
        return san_add_ip(san, ip, &ignored);
    if (kind != GEN_DNS) {
        san->other = true;
        return true;
    }
    auto_text char *dns = text_from_string(value);
    return dns != NULL && san_add_raw_dns(san, dns, &ignored);
}

bool extension_read_san(const STACK_OF(X509_EXTENSION) * list, struct san *ret_san) {
    auto_san struct san san = {0};
    GENERAL_NAMES *names = X509V3_get_d2i(list, NID_subject_alt_name, NULL, NULL);
    bool read = names != NULL || !mem_exhausted();
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && read; i++)
        read = read_name(sk_GENERAL_NAME_value(names, i), &san);
    GENERAL_NAMES_free(names);
    ERR_clear_error();
    if (!read)
        return false;
    *ret_san = san;
    san = (struct san){0};
    return true;
}

static void compare_basic_constraints(const STACK_OF(X509_EXTENSION) * list, struct reasons *reasons) {
    int critical = 0;
    BASIC_CONSTRAINTS *value = X509V3_get_d2i(list, NID_basic_constraints, &critical, NULL);
    if (value == NULL)
        reasons_add(reasons, "basicConstraints is missing");
    else if (value->ca != 0 || value->pathlen != NULL || critical != 1)
        reasons_add(reasons, "basicConstraints is not critical CA:FALSE");
    BASIC_CONSTRAINTS_free(value);
}

static void compare_key_usage(const STACK_OF(X509_EXTENSION) * list, EVP_PKEY *key, struct reasons *reasons) {
    int critical = 0;
    unsigned usage = usage_of(key);
    ASN1_BIT_STRING *value = X509V3_get_d2i(list, NID_key_usage, &critical, NULL);
    bool same = value != NULL && critical == 1;
    for (int bit = 0; bit < 9 && same; bit++)
        same = ASN1_BIT_STRING_get_bit(value, bit) == (bit < 8 && (usage & (0x80U >> bit)) != 0);
    if (!same)
        reasons_add(reasons, "keyUsage is not critical %s",
                    usage == KU_DIGITAL_SIGNATURE ? "digitalSignature" : "digitalSignature and keyEncipherment");
    ASN1_BIT_STRING_free(value);
}

static void compare_server_auth(const STACK_OF(X509_EXTENSION) * list, struct reasons *reasons) {
    EXTENDED_KEY_USAGE *value = X509V3_get_d2i(list, NID_ext_key_usage, NULL, NULL);
    if (sk_ASN1_OBJECT_num(value) != 1 || OBJ_obj2nid(sk_ASN1_OBJECT_value(value, 0)) != NID_server_auth)
        reasons_add(reasons, "extendedKeyUsage is not serverAuth alone");
    EXTENDED_KEY_USAGE_free(value);
}

static bool wants_dns(const struct cert_spec *spec, const char *text) {
    for (size_t i = 0; i < spec->ip_as_dns_count; i++)
        if (strcmp(spec->ip_as_dns[i], text) == 0)
            return true;
    return spec->san != NULL && san_has_dns(spec->san, text);
}

static void compare_lacking(const struct san *san, const struct cert_spec *spec, struct reasons *reasons) {
    for (size_t i = 0; spec->san != NULL && i < spec->san->dns_count; i++)
        if (!san_has_dns(san, spec->san->dns[i]))
            reasons_add(reasons, "the SAN lacks %s", spec->san->dns[i]);
    for (size_t i = 0; spec->san != NULL && i < spec->san->ip_count; i++)
        if (!san_has_ip(san, spec->san->ip[i]))
            reasons_add(reasons, "the SAN lacks %s", spec->san->ip[i]);
    for (size_t i = 0; i < spec->ip_as_dns_count; i++)
        if (!san_has_dns(san, spec->ip_as_dns[i]))
            reasons_add(reasons, "the SAN lacks %s as a DNS entry", spec->ip_as_dns[i]);
}

static void compare_san(const STACK_OF(X509_EXTENSION) * list, const struct cert_spec *spec, struct reasons *reasons) {
    auto_san struct san san = {0};
    if (!extension_read_san(list, &san)) {
        reasons_add(reasons, "the SAN cannot be read");
        return;
    }
    compare_lacking(&san, spec, reasons);
    for (size_t i = 0; i < san.dns_count; i++)
        if (!wants_dns(spec, san.dns[i]))
            reasons_add(reasons, "the SAN has %s as a DNS entry, which is not asked for", san.dns[i]);
    for (size_t i = 0; i < san.ip_count; i++)
        if (spec->san == NULL || !san_has_ip(spec->san, san.ip[i]))
            reasons_add(reasons, "the SAN has %s, which is not asked for", san.ip[i]);
    if (san.other)
        reasons_add(reasons, "the SAN has entries that are neither DNS nor IP");
}

void extension_compare(const STACK_OF(X509_EXTENSION) * list, const struct cert_spec *spec, EVP_PKEY *key,
                       struct reasons *reasons) {
    compare_san(list, spec, reasons);
    compare_basic_constraints(list, reasons);
    if (key != NULL)
        compare_key_usage(list, key, reasons);
    compare_server_auth(list, reasons);
    ERR_clear_error();
}
