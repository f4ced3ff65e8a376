/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates for the tests of the x509 room, made at run time. */
#ifndef TEST_X509_FIXTURE_H
#define TEST_X509_FIXTURE_H

#include <check.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "x509/cert.h"
#include "x509/chain.h"
#include "x509/key.h"
#include "x509/library.h"

enum { DAY = 86400 };

#define ck_ok(call, err) \
    ck_assert_msg((call), "%s: %s", #call, (err).problem.detail != NULL ? (err).problem.detail : "")

static inline EVP_PKEY *fixture_key(const struct key_spec *spec) {
    auto_error struct error err = {0};
    EVP_PKEY *key = key_generate(spec, &err);
    ck_ok(key != NULL, err);
    return key;
}

static inline EVP_PKEY *fixture_ec(void) {
    return fixture_key(&(struct key_spec){.ec = true, .curve = "P-256"});
}

static inline struct cert_spec fixture_spec(const char *common_name, const struct san *san) {
    return (struct cert_spec){.subject = {.common_name = common_name},
                              .san = san,
                              .digest = "sha256",
                              .validity_days = 365,
                              .not_before = clock_now() - 60};
}

/* `names` are separated by spaces. */
static inline struct san fixture_san(const char *names) {
    auto_error struct error err = {0};
    struct san san = {0};
    char copy[1024];
    snprintf(copy, sizeof copy, "%s", names);
    char *state = NULL;
    for (char *name = strtok_r(copy, " ", &state); name != NULL; name = strtok_r(NULL, " ", &state))
        ck_ok(san_add_host(&san, name, &err), err);
    return san;
}

/* A certificate by the calls of OpenSSL alone, so that it can be wrong in any way: `extensions` are lines
 * "name=value" as in openssl's configuration, ended by NULL. `issuer` NULL: self-signed. */
struct fixture_cert {
    const char *common_name;
    EVP_PKEY *key;
    X509 *issuer;
    EVP_PKEY *issuer_key;
    const char *extensions[10];
    const EVP_MD *digest;
    int from_days, to_days; /* relative to now; both 0: yesterday to one year */
};

static inline X509 *fixture_cert(const struct fixture_cert *want) {
    X509 *cert = X509_new();
    X509_NAME *name = X509_NAME_new();
    ck_assert_int_eq(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)want->common_name, -1,
                                                -1, 0),
                     1);
    X509_set_version(cert, X509_VERSION_3);
    X509_set_subject_name(cert, name);
    X509_set_issuer_name(cert, want->issuer != NULL ? X509_get_subject_name(want->issuer) : name);
    X509_NAME_free(name);
    static long serial = 1;
    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
    bool given = want->from_days != 0 || want->to_days != 0;
    X509_gmtime_adj(X509_getm_notBefore(cert), (given ? want->from_days : -1) * (long)DAY);
    X509_gmtime_adj(X509_getm_notAfter(cert), (given ? want->to_days : 364) * (long)DAY);
    X509_set_pubkey(cert, want->key);
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, want->issuer != NULL ? want->issuer : cert, cert, NULL, NULL, 0);
    for (int i = 0; i < 10 && want->extensions[i] != NULL; i++) {
        char line[512];
        snprintf(line, sizeof line, "%s", want->extensions[i]);
        char *value = strchr(line, '=');
        *value++ = '\0';
        X509_EXTENSION *extension = X509V3_EXT_conf(NULL, &context, line, value);
        ck_assert_msg(extension != NULL, "%s", want->extensions[i]);
        X509_add_ext(cert, extension, -1);
        X509_EXTENSION_free(extension);
    }
    ck_assert_int_gt(X509_sign(cert, want->issuer != NULL ? want->issuer_key : want->key,
                               want->digest != NULL ? want->digest : EVP_sha256()),
                     0);
    return cert;
}

static inline X509 *fixture_ca(const char *common_name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key) {
    return fixture_cert(
        &(struct fixture_cert){.common_name = common_name,
                               .key = key,
                               .issuer = issuer,
                               .issuer_key = issuer_key,
                               .from_days = -10,
                               .to_days = 3650,
                               .extensions = {"basicConstraints=critical,CA:TRUE",
                                              "keyUsage=critical,keyCertSign,cRLSign", "subjectKeyIdentifier=hash",
                                              "authorityKeyIdentifier=keyid"}});
}

/* Runs a suite of one case; CK_FORK=no and friends work as ever. */
static inline int fixture_run(SFun setup, SFun teardown, const char *name, const TTest *const *tests, size_t count) {
    library_init();
    /* The program leaves this out, to end quickly; here it would hide or make leaks. */
    (void)atexit(OPENSSL_cleanup);
    library_warm_up();
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 120);
    tcase_add_unchecked_fixture(tcase, setup, teardown);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
/* A program that runs these tests, with something made once before them. */
#define FIXTURE_MAIN_WITH(setup, teardown, name, ...)                                   \
    int main(void) {                                                                    \
        const TTest *const tests[] = {__VA_ARGS__};                                     \
        return fixture_run(setup, teardown, name, tests, sizeof tests / sizeof *tests); \
    }
#define FIXTURE_MAIN(name, ...) FIXTURE_MAIN_WITH(NULL, NULL, name, __VA_ARGS__)

#endif
