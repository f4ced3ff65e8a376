/* SPDX-License-Identifier: Apache-2.0 */
/* Making and reading certificates. */
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "x509/text.h"
#include "x509_fixture.h"

static X509 *make(const struct cert_spec *spec, EVP_PKEY *key) {
    auto_error struct error err = {0};
    X509 *cert = cert_make(spec, key, NULL, NULL, &err);
    ck_ok(cert != NULL, err);
    return cert;
}

START_TEST(test_self_signed_says_what_was_asked) {
    auto_pkey EVP_PKEY *key = fixture_ec();
    auto_san struct san san = fixture_san("nsx.example.com 192.0.2.10 2001:db8::1 192.0.2.9");
    const char *ip_as_dns[] = {"192.0.2.10"};
    struct cert_spec spec = fixture_spec("192.0.2.10", &san);
    spec.subject = (struct subject){"192.0.2.10", "DE", "Bayern", "München", "Example, Ltd", "Ops"};
    spec.ip_as_dns = ip_as_dns;
    spec.ip_as_dns_count = 1;
    auto_x509 X509 *cert = make(&spec, key);
    auto_text char *subject = cert_subject_text(cert);
    ck_assert_str_eq(subject, "CN=192.0.2.10, OU=Ops, O=Example\\, Ltd, L=München, ST=Bayern, C=DE");
    auto_text char *common_name = cert_common_name(cert);
    ck_assert_str_eq(common_name, "192.0.2.10");
    ck_assert_int_eq(cert_not_before(cert), spec.not_before);
    ck_assert_int_eq(cert_not_after(cert), spec.not_before + 365 * DAY);
    ck_assert(cert_is_self_signed(cert));
    ck_assert(!cert_is_ca(cert));
    ck_assert(cert_allows_server_auth(cert));
    auto_san struct san read = {0};
    ck_assert(cert_san(cert, &read));
    ck_assert_uint_eq(read.dns_count, 2);
    ck_assert_str_eq(read.dns[0], "192.0.2.10");
    ck_assert_uint_eq(read.ip_count, 3);
    auto_reasons struct reasons reasons = {0};
    cert_compare_spec(cert, &spec, NULL, &reasons);
    ck_assert_msg(reasons.count == 0, "%s", reasons.count > 0 ? reasons.items[0] : "");
    ck_assert_int_eq(X509_get_ext_by_critical(cert, 1, -1), 0);
    ck_assert(X509_check_ip_asc(cert, "2001:db8::1", 0) == 1);
    ck_assert(X509_check_host(cert, "nsx.example.com", 0, 0, NULL) == 1);
}
END_TEST

START_TEST(test_serial_is_random_positive_and_at_most_20_bytes) {
    auto_pkey EVP_PKEY *key = fixture_ec();
    auto_san struct san san = fixture_san("192.0.2.10");
    struct cert_spec spec = fixture_spec("192.0.2.10", &san);
    char last[CERT_SERIAL_SIZE] = "";
    for (int i = 0; i < 20; i++) {
        auto_x509 X509 *cert = make(&spec, key);
        char serial[CERT_SERIAL_SIZE];
        ck_assert(cert_serial(cert, serial));
        ck_assert_str_ne(serial, last);
        ck_assert(serial[0] != '-' && strlen(serial) <= 40 && strlen(serial) > 20);
        ck_assert_int_le(i2d_ASN1_INTEGER(X509_get_serialNumber(cert), NULL), 22);
        memcpy(last, serial, sizeof last);
    }
}
END_TEST

static void check_refused(const struct subject *subject) {
    auto_pkey EVP_PKEY *key = fixture_ec();
    auto_san struct san san = fixture_san("192.0.2.10");
    struct cert_spec spec = fixture_spec("x", &san);
    auto_error struct error err = {0};
    spec.subject = *subject;
    ck_assert_ptr_null(cert_make(&spec, key, NULL, NULL, &err));
    ck_assert_int_eq(err.code, ERROR_INVALID_VALUE);
    ck_assert_uint_eq(ERR_peek_error(), 0);
}

START_TEST(test_subject_parts_out_of_bounds_are_refused) {
    const char *long_name = "a123456789b123456789c123456789d123456789e123456789f12345678912345";
    ck_assert_uint_eq(strlen(long_name), 65);
    check_refused(&(struct subject){.common_name = long_name});
    check_refused(&(struct subject){.common_name = ""});
    check_refused(&(struct subject){.common_name = "x", .country = "DEU"});
    check_refused(&(struct subject){.common_name = "x", .country = "D\xc3\xa9"});
    check_refused(&(struct subject){.common_name = "x", .organization = "\xff\xfe"});
}
END_TEST

START_TEST(test_san_is_critical_without_a_subject) {
    auto_pkey EVP_PKEY *key = fixture_ec();
    auto_san struct san san = fixture_san("192.0.2.10");
    for (int named = 0; named < 2; named++) {
        struct cert_spec spec = fixture_spec(named ? "192.0.2.10" : NULL, &san);
        auto_x509 X509 *cert = make(&spec, key);
        int at = X509_get_ext_by_NID(cert, NID_subject_alt_name, -1);
        ck_assert_int_eq(X509_EXTENSION_get_critical(X509_get_ext(cert, at)), !named);
    }
}
END_TEST

START_TEST(test_ca_signed_verifies_and_ends_with_its_issuer) {
    auto_pkey EVP_PKEY *ca_key = fixture_ec();
    auto_pkey EVP_PKEY *key = fixture_ec();
    auto_x509 X509 *ca = fixture_ca("Test CA", ca_key, NULL, NULL);
    auto_san struct san san = fixture_san("nsx.example.com");
    struct cert_spec spec = fixture_spec("nsx.example.com", &san);
    spec.validity_days = 7300;
    auto_error struct error err = {0};
    auto_x509 X509 *cert = cert_make(&spec, key, ca, ca_key, &err);
    ck_ok(cert != NULL, err);
    ck_assert_int_eq(X509_verify(cert, ca_key), 1);
    ck_assert_int_eq(X509_check_issued(ca, cert), X509_V_OK);
    ck_assert_int_eq(cert_not_after(cert), cert_not_after(ca));
    ck_assert(!cert_is_self_signed(cert));
    auto_reasons struct reasons reasons = {0};
    cert_compare_spec(cert, &spec, ca, &reasons);
    ck_assert_uint_eq(reasons.count, 0);
    cert_compare_spec(cert, &spec, NULL, &reasons);
    ck_assert_uint_eq(reasons.count, 1);
    ck_assert_str_eq(reasons.items[0], "the certificate is not self-signed");
}
END_TEST

static enum error_code sign_with(X509 *issuer, EVP_PKEY *issuer_key, const char *name) {
    auto_pkey EVP_PKEY *key = fixture_ec();
    auto_san struct san san = fixture_san(name);
    struct cert_spec spec = fixture_spec(name, &san);
    auto_error struct error err = {0};
    auto_x509 X509 *cert = cert_make(&spec, key, issuer, issuer_key, &err);
    ck_assert(cert == NULL || err.code == ERROR_NONE);
    return err.code;
}

START_TEST(test_unfit_issuers_are_refused) {
    auto_pkey EVP_PKEY *key = fixture_ec();
    auto_pkey EVP_PKEY *other = fixture_ec();
    struct fixture_cert want = {.common_name = "CA", .key = key};
    auto_x509 X509 *no_ca = fixture_cert(&want);
    want.extensions[0] = "basicConstraints=critical,CA:TRUE";
    auto_x509 X509 *plain = fixture_cert(&want);
    want.from_days = -10;
    want.to_days = -1;
    auto_x509 X509 *expired = fixture_cert(&want);
    want.from_days = 1;
    want.to_days = 10;
    auto_x509 X509 *future = fixture_cert(&want);
    want.from_days = want.to_days = 0;
    want.extensions[1] = "keyUsage=critical,digitalSignature";
    auto_x509 X509 *no_sign = fixture_cert(&want);
    want.extensions[1] = "nameConstraints=critical,permitted;DNS:example.org";
    auto_x509 X509 *limited = fixture_cert(&want);
    ck_assert_int_eq(sign_with(plain, key, "a.example.com"), ERROR_NONE);
    ck_assert_int_eq(sign_with(no_ca, key, "a.example.com"), ERROR_INVALID_CERTIFICATE);
    ck_assert_int_eq(sign_with(expired, key, "a.example.com"), ERROR_INVALID_CERTIFICATE);
    ck_assert_int_eq(sign_with(future, key, "a.example.com"), ERROR_INVALID_CERTIFICATE);
    ck_assert_int_eq(sign_with(no_sign, key, "a.example.com"), ERROR_INVALID_CERTIFICATE);
    ck_assert_int_eq(sign_with(plain, other, "a.example.com"), ERROR_KEY_MISMATCH);
    ck_assert_int_eq(sign_with(limited, key, "a.example.com"), ERROR_INVALID_CERTIFICATE);
    ck_assert_int_eq(sign_with(limited, key, "a.example.org"), ERROR_NONE);
}
END_TEST

START_TEST(test_every_difference_is_a_reason) {
    auto_pkey EVP_PKEY *key = fixture_ec();
    auto_san struct san san = fixture_san("192.0.2.10 nsx.example.com");
    auto_san struct san other_san = fixture_san("192.0.2.11 nsx.example.com");
    struct cert_spec spec = fixture_spec("192.0.2.10", &san);
    const char *ip_as_dns[] = {"192.0.2.10"};
    auto_x509 X509 *cert = make(&spec, key);
    struct cert_spec wanted = spec;
    wanted.subject.common_name = "192.0.2.11";
    wanted.subject.organization = "Example";
    wanted.san = &other_san;
    wanted.digest = "sha384";
    wanted.ip_as_dns = ip_as_dns;
    wanted.ip_as_dns_count = 1;
    auto_reasons struct reasons reasons = {0};
    cert_compare_spec(cert, &wanted, NULL, &reasons);
    const char *expected[] = {"the subject is CN=192.0.2.10, not CN=192.0.2.11, O=Example",
                              "the signature uses sha256, not sha384", "the SAN lacks 192.0.2.11",
                              "the SAN lacks 192.0.2.10 as a DNS entry",
                              "the SAN has 192.0.2.10, which is not asked for"};
    ck_assert_uint_eq(reasons.count, 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_str_eq(reasons.items[i], expected[i]);
}
END_TEST

START_TEST(test_foreign_extensions_are_reasons) {
    auto_pkey EVP_PKEY *key = fixture_ec();
    auto_san struct san san = fixture_san("192.0.2.10");
    struct cert_spec spec = fixture_spec("192.0.2.10", &san);
    auto_x509 X509 *cert = fixture_cert(&(struct fixture_cert){
        .common_name = "192.0.2.10",
        .key = key,
        .extensions = {"basicConstraints=CA:FALSE", "keyUsage=critical,digitalSignature,keyAgreement",
                       "extendedKeyUsage=serverAuth,clientAuth", "subjectAltName=IP:192.0.2.10,email:a@example.com"}});
    auto_reasons struct reasons reasons = {0};
    cert_compare_spec(cert, &spec, NULL, &reasons);
    ck_assert_uint_eq(reasons.count, 6);
    ck_assert_str_eq(reasons.items[0], "the SAN has entries that are neither DNS nor IP");
    ck_assert_str_eq(reasons.items[1], "basicConstraints is not critical CA:FALSE");
    ck_assert_str_eq(reasons.items[2], "keyUsage is not critical digitalSignature");
    ck_assert_str_eq(reasons.items[3], "extendedKeyUsage is not serverAuth alone");
    ck_assert_str_eq(reasons.items[4], "the subject key identifier is missing");
}
END_TEST

START_TEST(test_renewal_window) {
    auto_pkey EVP_PKEY *key = fixture_ec();
    auto_san struct san san = fixture_san("192.0.2.10");
    static const int rows[][3] = {{365, -1, 121}, {10, -1, 5}, {11, -1, 3}, {1, -1, 0}, {365, 30, 30}, {365, 0, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cert_spec spec = fixture_spec("192.0.2.10", &san);
        spec.validity_days = rows[i][0];
        auto_x509 X509 *cert = make(&spec, key);
        ck_assert_int_eq(cert_not_after(cert) - cert_renewal_at(cert, rows[i][1]), rows[i][2] * DAY);
    }
}
END_TEST

START_TEST(test_fingerprint_text) {
    unsigned char digest[CERT_SHA256_SIZE];
    char hex[CERT_HEX_SIZE];
    const char *plain = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    char colons[3 * CERT_SHA256_SIZE] = "";
    for (size_t i = 0; i < CERT_SHA256_SIZE; i++)
        snprintf(colons + 3 * i, 4, "%.2s%s", plain + 2 * i, i == CERT_SHA256_SIZE - 1 ? "" : ":");
    ck_assert(cert_parse_hex(plain, digest));
    cert_hex(digest, hex);
    ck_assert_str_eq(hex, plain);
    ck_assert(cert_parse_hex(colons, digest));
    ck_assert(cert_parse_hex("9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08", digest));
    ck_assert(!cert_parse_hex("", digest));
    ck_assert(!cert_parse_hex("9f8", digest));
    ck_assert(!cert_parse_hex("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a0g", digest));
    ck_assert(!cert_parse_hex("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a0800", digest));
}
END_TEST

START_TEST(test_serial_text) {
    auto_x509 X509 *cert = X509_new();
    char hex[CERT_SERIAL_SIZE];
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 0);
    ck_assert(cert_serial(cert, hex));
    ck_assert_str_eq(hex, "00");
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 0xABC);
    ck_assert(cert_serial(cert, hex));
    ck_assert_str_eq(hex, "0abc");
}
END_TEST

START_TEST(test_hostile_names_are_escaped) {
    auto_pkey EVP_PKEY *key = fixture_ec();
    auto_x509 X509 *cert = fixture_cert(&(struct fixture_cert){.common_name = "a\x1b[31mb", .key = key});
    auto_text char *text = cert_subject_text(cert);
    ck_assert_str_eq(text, "CN=a\\1B[31mb");
    ASN1_STRING *broken = ASN1_STRING_type_new(V_ASN1_UTF8STRING);
    ck_assert_int_eq(ASN1_STRING_set(broken, "a\xff\xfe", 3), 1);
    auto_text char *bytes = text_from_string(broken);
    ck_assert_str_eq(bytes, "a\\FF\\FE");
    ASN1_STRING_free(broken);
    ASN1_STRING *empty = ASN1_STRING_type_new(V_ASN1_IA5STRING);
    auto_text char *nothing = text_from_string(empty);
    ck_assert_str_eq(nothing, "");
    ASN1_STRING_free(empty);
}
END_TEST

START_TEST(test_dates_beyond_2050) {
    auto_pkey EVP_PKEY *key = fixture_ec();
    auto_san struct san san = fixture_san("192.0.2.10");
    struct cert_spec spec = fixture_spec("192.0.2.10", &san);
    spec.not_before = 2524607000; /* minutes before 2050: UTCTime, then GeneralizedTime */
    auto_x509 X509 *cert = make(&spec, key);
    ck_assert_int_eq(X509_get0_notBefore(cert)->type, V_ASN1_UTCTIME);
    ck_assert_int_eq(X509_get0_notAfter(cert)->type, V_ASN1_GENERALIZEDTIME);
    ck_assert_int_eq(cert_not_after(cert), spec.not_before + 365 * DAY);
}
END_TEST

static void sweep(EVP_PKEY *ca_key, EVP_PKEY *key) {
    auto_x509 X509 *ca = fixture_ca("CA", ca_key, NULL, NULL);
    auto_san struct san san = fixture_san("192.0.2.10 nsx.example.com");
    struct cert_spec spec = fixture_spec("192.0.2.10", &san);
    auto_error struct error warm = {0};
    auto_x509 X509 *warm_up = cert_make(&spec, key, ca, ca_key, &warm);
    ck_assert(!mem_exhausted());
    for (unsigned long nth = 1;; nth++) {
        auto_error struct error err = {0};
        auto_buf struct buf pem = {0};
        auto_san struct san read = {0};
        auto_reasons struct reasons reasons = {0};
        mem_fail_after(nth);
        auto_x509 X509 *cert = cert_make(&spec, key, ca, ca_key, &err);
        bool read_back = cert != NULL && cert_san(cert, &read) && cert_write_pem(cert, &pem);
        if (cert != NULL)
            cert_compare_spec(cert, &spec, ca, &reasons);
        unsigned long used = mem_count();
        mem_fail_after(0);
        ck_assert(cert != NULL || err.code == ERROR_OUT_OF_MEMORY);
        if (used < nth) {
            ck_assert(read_back);
            ck_assert_uint_eq(reasons.count, 0);
            break;
        }
    }
}

START_TEST(test_no_memory) {
    auto_pkey EVP_PKEY *ec = fixture_ec();
    auto_pkey EVP_PKEY *rsa = fixture_key(&(struct key_spec){.bits = 2048});
    sweep(rsa, ec);
}
END_TEST

START_TEST(test_no_memory_ec) {
    auto_pkey EVP_PKEY *ec = fixture_ec();
    auto_pkey EVP_PKEY *rsa = fixture_key(&(struct key_spec){.bits = 2048});
    sweep(ec, rsa);
}
END_TEST

FIXTURE_MAIN("cert", test_self_signed_says_what_was_asked, test_serial_is_random_positive_and_at_most_20_bytes,
             test_subject_parts_out_of_bounds_are_refused, test_san_is_critical_without_a_subject,
             test_ca_signed_verifies_and_ends_with_its_issuer, test_unfit_issuers_are_refused,
             test_every_difference_is_a_reason, test_foreign_extensions_are_reasons, test_renewal_window,
             test_fingerprint_text, test_serial_text, test_hostile_names_are_escaped, test_dates_beyond_2050,
             test_no_memory, test_no_memory_ec)
