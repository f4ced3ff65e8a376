/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates as JSON. */
#include "x509/describe.h"

#include "x509_fixture.h"
#include "json/get.h"

static EVP_PKEY *rsa;

static X509 *full_certificate(void) {
    return fixture_cert(
        &(struct fixture_cert){.common_name = "192.0.2.10",
                               .key = rsa,
                               .extensions = {"basicConstraints=critical,CA:TRUE,pathlen:3",
                                              "keyUsage=digitalSignature,keyCertSign",
                                              "extendedKeyUsage=serverAuth,1.2.3.4.5",
                                              "subjectAltName=IP:192.0.2.10,IP:2001:db8::1,DNS:NSX.example.com",
                                              "subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid:always",
                                              "crlDistributionPoints=URI:http://crl.example.com/a.crl,URI:ldap://x"}});
}

static void expect_text(const json_t *object, const char *name, const char *text) {
    ck_assert_str_eq(get_text(object, name, "(absent)"), text);
}

static void expect_array(const json_t *object, const char *name, size_t count, const char *const *items) {
    const json_t *array = get_array(object, name);
    ck_assert_uint_eq(json_array_size(array), count);
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(json_string_value(json_array_get(array, i)), items[i]);
}

START_TEST(test_every_field) {
    auto_x509 X509 *cert = full_certificate();
    char fingerprint[CERT_HEX_SIZE];
    char time[CLOCK_TEXT_SIZE];
    ck_assert(cert_fingerprint(cert, fingerprint));
    json_t *object = describe_cert(cert);
    expect_text(object, "subject", "CN=192.0.2.10");
    expect_text(object, "issuer", "CN=192.0.2.10");
    expect_text(object, "fingerprint_sha256", fingerprint);
    expect_text(object, "not_before", clock_format(cert_not_before(cert), time));
    expect_text(object, "not_after", clock_format(cert_not_after(cert), time));
    expect_text(object, "signature_algorithm", "sha256WithRSAEncryption");
    ck_assert_int_eq(get_integer(object, "version", 0), 3);
    ck_assert(get_flag(object, "self_signed", false));
    ck_assert_uint_eq(strlen(get_text(object, "public_key_sha256", "")), 44);
    ck_assert_uint_eq(strlen(get_text(object, "subject_key_identifier", "")), 40);
    expect_text(object, "authority_key_identifier", get_text(object, "subject_key_identifier", ""));
    expect_array(object, "key_usage", 2, (const char *const[]){"digitalSignature", "keyCertSign"});
    expect_array(object, "extended_key_usage", 2, (const char *const[]){"serverAuth", "1.2.3.4.5"});
    expect_array(object, "crl_distribution_points", 2,
                 (const char *const[]){"http://crl.example.com/a.crl", "ldap://x"});
    const json_t *san = get_object(object, "san");
    expect_array(san, "dns", 1, (const char *const[]){"nsx.example.com"});
    expect_array(san, "ip", 2, (const char *const[]){"192.0.2.10", "2001:db8::1"});
    const json_t *constraints = get_object(object, "basic_constraints");
    ck_assert(get_flag(constraints, "ca", false) && get_flag(constraints, "critical", false));
    ck_assert_int_eq(get_integer(constraints, "path_length", -1), 3);
    const json_t *key = get_object(object, "key");
    expect_text(key, "type", "rsa");
    ck_assert_int_eq(get_integer(key, "bits", 0), 2048);
    ck_assert_ptr_null(json_object_get(key, "curve"));
    json_decref(object);
}
END_TEST

START_TEST(test_missing_extensions_are_null) {
    auto_pkey EVP_PKEY *ec = fixture_ec();
    auto_x509 X509 *cert = fixture_cert(&(struct fixture_cert){.common_name = "x", .key = ec});
    json_t *object = describe_cert(cert);
    static const char *const names[] = {"key_usage",
                                        "extended_key_usage",
                                        "basic_constraints",
                                        "subject_key_identifier",
                                        "authority_key_identifier",
                                        "crl_distribution_points"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(json_is_null(json_object_get(object, names[i])), "%s", names[i]);
    ck_assert_uint_eq(json_array_size(get_array(get_object(object, "san"), "dns")), 0);
    expect_text(get_object(object, "key"), "curve", "P-256");
    json_decref(object);
}
END_TEST

START_TEST(test_brief_and_chain) {
    auto_x509 X509 *cert = full_certificate();
    json_t *brief = describe_cert_brief(cert);
    ck_assert_uint_eq(json_object_size(brief), 7);
    json_decref(brief);
    STACK_OF(X509) *stack = sk_X509_new_null();
    sk_X509_push(stack, cert);
    auto_chain struct chain chain = {0};
    ck_assert(chain_from_stack(stack, &chain));
    sk_X509_free(stack);
    json_t *array = describe_chain(&chain);
    ck_assert_uint_eq(json_array_size(array), 1);
    json_decref(array);
}
END_TEST

START_TEST(test_unknown_key) {
    json_t *object = describe_key(NULL);
    expect_text(object, "type", "unknown");
    json_decref(object);
}
END_TEST

START_TEST(test_no_memory) {
    auto_x509 X509 *cert = full_certificate();
    json_set_alloc_funcs(mem_alloc, mem_free);
    json_t *whole = describe_cert(cert);
    bool done = false;
    for (unsigned long nth = 1; !done; nth++) {
        mem_fail_after(nth);
        json_t *object = describe_cert(cert);
        done = mem_count() < nth;
        mem_fail_after(0);
        ck_assert(done || mem_exhausted());
        ck_assert(!done || json_equal(object, whole));
        json_decref(object);
    }
    json_decref(whole);
}
END_TEST

static void make_rsa(void) {
    rsa = fixture_key(&(struct key_spec){.bits = 2048});
}
static void free_rsa(void) {
    EVP_PKEY_free(rsa);
}

FIXTURE_MAIN_WITH(make_rsa, free_rsa, "describe", test_every_field, test_missing_extensions_are_null,
                  test_brief_and_chain, test_unknown_key, test_no_memory)
