/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#10 requests. */
#include "x509/csr.h"

#include "x509_fixture.h"

static EVP_PKEY *rsa;

START_TEST(test_request_says_what_was_asked) {
    auto_error struct error err = {0};
    auto_san struct san san = fixture_san("192.0.2.10 nsx.example.com");
    struct cert_spec spec = fixture_spec("192.0.2.10", &san);
    spec.digest = "sha384";
    auto_csr X509_REQ *made = csr_make(&spec, rsa, &err);
    ck_ok(made != NULL, err);
    auto_buf struct buf pem = {0};
    ck_assert(csr_write_pem(made, &pem));
    ck_assert_int_eq(strncmp(pem.bytes, "-----BEGIN CERTIFICATE REQUEST-----\n", 36), 0);
    auto_csr X509_REQ *csr = csr_read_pem(pem.bytes, pem.length, &err);
    ck_ok(csr != NULL, err);
    ck_assert_int_eq(X509_REQ_verify(csr, rsa), 1);
    auto_reasons struct reasons reasons = {0};
    csr_compare_spec(csr, &spec, &reasons);
    ck_assert_uint_eq(reasons.count, 0);
    auto_san struct san other = fixture_san("192.0.2.11 nsx.example.com");
    spec.san = &other;
    spec.digest = "sha256";
    spec.subject.organization = "Example";
    csr_compare_spec(csr, &spec, &reasons);
    ck_assert_uint_eq(reasons.count, 4);
    ck_assert_str_eq(reasons.items[0], "the subject is CN=192.0.2.10, not CN=192.0.2.10, O=Example");
    ck_assert_str_eq(reasons.items[1], "the signature does not use sha256");
    ck_assert_str_eq(reasons.items[2], "the SAN lacks 192.0.2.11");
    ck_assert_str_eq(reasons.items[3], "the SAN has 192.0.2.10, which is not asked for");
}
END_TEST

START_TEST(test_damaged) {
    auto_error struct error err = {0};
    static const char *const texts[] = {
        "", "x", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        "-----BEGIN CERTIFICATE REQUEST-----\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ck_assert_ptr_null(csr_read_pem(texts[i], strlen(texts[i]), &err));
        ck_assert_int_eq(err.code, ERROR_INVALID_CERTIFICATE);
    }
}
END_TEST

START_TEST(test_bad_subject_is_refused) {
    auto_error struct error err = {0};
    auto_san struct san san = fixture_san("192.0.2.10");
    struct cert_spec spec = fixture_spec("192.0.2.10", &san);
    spec.subject.country = "Germany";
    ck_assert_ptr_null(csr_make(&spec, rsa, &err));
    ck_assert_int_eq(err.code, ERROR_INVALID_VALUE);
}
END_TEST

START_TEST(test_no_memory) {
    auto_error struct error warm = {0};
    auto_san struct san san = fixture_san("192.0.2.10 nsx.example.com");
    struct cert_spec spec = fixture_spec("192.0.2.10", &san);
    auto_csr X509_REQ *warm_up = csr_make(&spec, rsa, &warm);
    auto_buf struct buf text = {0};
    ck_assert(csr_write_pem(warm_up, &text));
    auto_csr X509_REQ *read_once = csr_read_pem(text.bytes, text.length, &warm);
    bool done = false;
    for (unsigned long nth = 1; !done; nth++) {
        auto_error struct error err = {0};
        auto_reasons struct reasons reasons = {0};
        auto_buf struct buf pem = {0};
        mem_fail_after(nth);
        auto_csr X509_REQ *csr = csr_make(&spec, rsa, &err);
        bool written = csr != NULL && csr_write_pem(csr, &pem);
        auto_csr X509_REQ *again = written ? csr_read_pem(pem.bytes, pem.length, &err) : NULL;
        if (again != NULL)
            csr_compare_spec(again, &spec, &reasons);
        done = mem_count() < nth;
        mem_fail_after(0);
        ck_assert(csr != NULL || err.code == ERROR_OUT_OF_MEMORY);
        ck_assert(!done || (again != NULL && reasons.count == 0));
    }
}
END_TEST

static void make_rsa(void) {
    rsa = fixture_key(&(struct key_spec){.bits = 2048});
}
static void free_rsa(void) {
    EVP_PKEY_free(rsa);
}

FIXTURE_MAIN_WITH(make_rsa, free_rsa, "csr", test_request_says_what_was_asked, test_damaged,
                  test_bad_subject_is_refused, test_no_memory)
