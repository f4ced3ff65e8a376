/* SPDX-License-Identifier: Apache-2.0 */
/* trust: what is accepted and why, and the strict checks one by one. */
#include "net/trust.h"

#include <check.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/trust_system.h"
#include "tls_server.c"

enum { DAY_S = 86400 };

/* A CA, an issuer under it, and leaves of several kinds. */
static struct pair root, middle, leaf, self;

static void set_up(void) {
    root = pair_make(&(struct pair_spec){.common_name = "root", .ca = true});
    middle = pair_make(&(struct pair_spec){.common_name = "middle", .ca = true, .issuer = &root});
    leaf = pair_make(
        &(struct pair_spec){.common_name = "leaf", .san = "IP:192.0.2.10,DNS:nsx.example", .issuer = &middle});
    self = pair_make(&(struct pair_spec){.common_name = "192.0.2.10", .san = "IP:192.0.2.10"});
}

static void tear_down(void) {
    pair_done(&root);
    pair_done(&middle);
    pair_done(&leaf);
    pair_done(&self);
}

static STACK_OF(X509) * stack(X509 *first, X509 *second) {
    STACK_OF(X509) *chain = sk_X509_new_null();
    ck_assert_int_gt(sk_X509_push(chain, first), 0);
    if (second != NULL)
        ck_assert_int_gt(sk_X509_push(chain, second), 0);
    return chain;
}

static struct trust_verdict judge(const struct trust *trust, X509 *cert, X509 *issuer, const char *host) {
    STACK_OF(X509) *chain = stack(cert, issuer);
    struct trust_verdict verdict = trust_judge(trust, cert, chain, host);
    sk_X509_free(chain);
    return verdict;
}

static struct trust *trust_in(X509 *ca) {
    struct trust *trust = trust_new();
    ck_assert(trust_add_ca(trust, ca));
    return trust;
}

static void digest_of(X509 *cert, unsigned char digest[CERT_SHA256_SIZE]) {
    ck_assert(cert_sha256(cert, digest));
}

START_TEST(nothing_is_trusted_at_first) {
    auto_trust struct trust *trust = trust_new();
    ck_assert(trust_is_empty(trust));
    struct trust_verdict verdict = judge(trust, self.cert, NULL, "192.0.2.10");
    ck_assert_int_eq(verdict.by, TRUST_NONE);
    ck_assert_ptr_nonnull(verdict.reason);
    ck_assert_ptr_null(trust_kind_name(TRUST_NONE));
    ck_assert_str_eq(trust_kind_name(TRUST_PIN), "pin");
    ck_assert_str_eq(trust_kind_name(TRUST_REQUEST), "request");
}
END_TEST

START_TEST(pin_judges_neither_name_nor_validity) {
    struct pair old = pair_make(
        &(struct pair_spec){.common_name = "tomcat", .usage = "clientAuth", .begin_s = -2 * DAY_S, .end_s = -DAY_S});
    unsigned char digest[CERT_SHA256_SIZE];
    digest_of(old.cert, digest);
    auto_trust struct trust *pins = trust_new();
    ck_assert(trust_add_pin(pins, digest));
    ck_assert(!trust_is_empty(pins));
    struct trust_verdict verdict = judge(pins, old.cert, NULL, "other.example");
    ck_assert_int_eq(verdict.by, TRUST_PIN);
    ck_assert(verdict.expired);
    ck_assert_int_eq(judge(pins, self.cert, NULL, "192.0.2.10").by, TRUST_NONE);
    auto_trust struct trust *leaves = trust_new();
    ck_assert(trust_add_leaf(leaves, digest));
    ck_assert_int_eq(judge(leaves, old.cert, NULL, "other.example").by, TRUST_REQUEST);
    pair_done(&old);
}
END_TEST

START_TEST(pin_wins_over_request_and_ca) {
    unsigned char digest[CERT_SHA256_SIZE];
    digest_of(leaf.cert, digest);
    auto_trust struct trust *trust = trust_in(root.cert);
    ck_assert_int_eq(judge(trust, leaf.cert, middle.cert, "192.0.2.10").by, TRUST_CA);
    ck_assert(trust_add_leaf(trust, digest));
    ck_assert_int_eq(judge(trust, leaf.cert, middle.cert, "192.0.2.10").by, TRUST_REQUEST);
    ck_assert(trust_add_pin(trust, digest));
    struct trust_verdict verdict = judge(trust, leaf.cert, middle.cert, "192.0.2.10");
    ck_assert_int_eq(verdict.by, TRUST_PIN);
    ck_assert(!verdict.expired);
}
END_TEST

START_TEST(ca_needs_chain_and_name) {
    auto_trust struct trust *trust = trust_in(root.cert);
    ck_assert_int_eq(judge(trust, leaf.cert, middle.cert, "192.0.2.10").by, TRUST_CA);
    ck_assert_int_eq(judge(trust, leaf.cert, middle.cert, "nsx.example").by, TRUST_CA);
    ck_assert_int_eq(judge(trust, leaf.cert, middle.cert, "NSX.example").by, TRUST_CA);
    ck_assert_int_eq(judge(trust, leaf.cert, middle.cert, "192.0.2.11").by, TRUST_NONE);
    ck_assert_int_eq(judge(trust, leaf.cert, middle.cert, "other.example").by, TRUST_NONE);
    /* The chain is cut: the issuer was not sent. */
    ck_assert_int_eq(judge(trust, leaf.cert, NULL, "192.0.2.10").by, TRUST_NONE);
    ck_assert_int_eq(trust_judge(trust, leaf.cert, NULL, "192.0.2.10").by, TRUST_NONE);
    /* An issuer may itself be the anchor, a certificate that was merely sent may not. */
    auto_trust struct trust *partial = trust_in(middle.cert);
    ck_assert_int_eq(judge(partial, leaf.cert, NULL, "192.0.2.10").by, TRUST_CA);
    auto_trust struct trust *other = trust_in(self.cert);
    ck_assert_int_eq(judge(other, leaf.cert, middle.cert, "192.0.2.10").by, TRUST_NONE);
    ck_assert_int_eq(judge(other, self.cert, NULL, "192.0.2.10").by, TRUST_CA);
}
END_TEST

/* What a CA of the right name does not excuse. */
static const struct pair_spec unfit[] = {
    {.common_name = "192.0.2.10"},                 /* common name alone */
    {.common_name = "x", .san = "DNS:192.0.2.10"}, /* an IP address as a DNS entry */
    {.common_name = "x", .san = "IP:192.0.2.10", .begin_s = -2 * DAY_S, .end_s = -DAY_S}, /* expired */
    {.common_name = "x", .san = "IP:192.0.2.10", .begin_s = DAY_S, .end_s = 2 * DAY_S},   /* not valid yet */
    {.common_name = "x", .san = "IP:192.0.2.10", .usage = "clientAuth"},
};

START_TEST(unfit_leaf_is_refused) {
    struct pair_spec spec = unfit[_i];
    spec.issuer = &root;
    struct pair bad = pair_make(&spec);
    auto_trust struct trust *trust = trust_in(root.cert);
    struct trust_verdict verdict = judge(trust, bad.cert, NULL, "192.0.2.10");
    ck_assert_int_eq(verdict.by, TRUST_NONE);
    ck_assert_ptr_nonnull(verdict.reason);
    pair_done(&bad);
}
END_TEST

START_TEST(common_name_never_counts_for_dns) {
    struct pair bad = pair_make(&(struct pair_spec){.common_name = "nsx.example", .issuer = &root});
    auto_trust struct trust *trust = trust_in(root.cert);
    ck_assert_int_eq(judge(trust, bad.cert, NULL, "nsx.example").by, TRUST_NONE);
    pair_done(&bad);
}
END_TEST

START_TEST(leaf_cannot_issue) {
    struct pair forged =
        pair_make(&(struct pair_spec){.common_name = "forged", .san = "IP:192.0.2.66", .issuer = &leaf});
    STACK_OF(X509) *chain = stack(forged.cert, leaf.cert);
    ck_assert_int_gt(sk_X509_push(chain, middle.cert), 0);
    auto_trust struct trust *trust = trust_in(root.cert);
    ck_assert_int_eq(trust_judge(trust, forged.cert, chain, "192.0.2.66").by, TRUST_NONE);
    sk_X509_free(chain);
    pair_done(&forged);
}
END_TEST

START_TEST(short_key_is_refused) {
    struct pair weak = pair_make(&(struct pair_spec){.common_name = "weak", .san = "IP:192.0.2.10"});
    EVP_PKEY *short_key = EVP_RSA_gen(1024);
    X509_set_pubkey(weak.cert, short_key);
    ck_assert_int_gt(X509_sign(weak.cert, short_key, EVP_sha256()), 0);
    EVP_PKEY_free(short_key);
    auto_trust struct trust *trust = trust_in(weak.cert);
    ck_assert_int_eq(judge(trust, weak.cert, NULL, "192.0.2.10").by, TRUST_NONE);
    pair_done(&weak);
}
END_TEST

START_TEST(insecure_trusts_last) {
    auto_trust struct trust *trust = trust_new();
    trust_use_insecure(trust);
    ck_assert(!trust_is_empty(trust));
    ck_assert_int_eq(judge(trust, leaf.cert, NULL, "x.example").by, TRUST_INSECURE);
    ck_assert(trust_add_ca(trust, self.cert));
    ck_assert_int_eq(judge(trust, self.cert, NULL, "192.0.2.10").by, TRUST_CA);
}
END_TEST

static void write_pem(const char *path, X509 *cert) {
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(PEM_write_X509(file, cert), 1);
    fclose(file);
}

START_TEST(environment_does_not_widen_the_system) {
    char path[] = "/tmp/test_trust_XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    write_pem(path, self.cert);
    setenv("SSL_CERT_FILE", path, 1);
    setenv("SSL_CERT_DIR", "/tmp", 1);
    auto_trust struct trust *trust = trust_new();
    trust_use_system(trust);
    ck_assert(!trust_is_empty(trust));
    ck_assert_int_eq(judge(trust, self.cert, NULL, "192.0.2.10").by, TRUST_NONE);
    unlink(path);
}
END_TEST

static bool store_trusts(X509_STORE *store, X509 *cert) {
    struct trust_checks checks;
    trust_check_strict(store, cert, NULL, "192.0.2.10", &checks);
    X509_STORE_free(store);
    return checks.chain;
}

START_TEST(system_directory_comes_before_bundle) {
    char folder[] = "/tmp/test_trust_XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    auto_text char *plain = mem_printf("%s/ca.pem", folder);
    auto_text char *hashed = mem_printf("%s/%08lx.0", folder, X509_subject_name_hash(self.cert));
    write_pem(plain, self.cert);
    const char *const directories[] = {"/nonexistent", folder, NULL};
    const char *const bundles[] = {"/nonexistent", plain, NULL};
    const char *const none[] = {NULL};
    /* Not hashed: the bundle serves. */
    ck_assert_ptr_null(trust_system_store_from(directories, none));
    ck_assert(store_trusts(trust_system_store_from(directories, bundles), self.cert));
    ck_assert_int_eq(rename(plain, hashed), 0);
    ck_assert(store_trusts(trust_system_store_from(directories, bundles), self.cert));
    unlink(hashed);
    rmdir(folder);
}
END_TEST

START_TEST(strict_checks_do_not_hide_each_other) {
    struct pair bad = pair_make(&(struct pair_spec){
        .common_name = "192.0.2.10", .usage = "clientAuth", .issuer = &root, .begin_s = -2 * DAY_S, .end_s = -DAY_S});
    X509_STORE *store = trust_store_new(&root.cert, 1);
    struct trust_checks checks;
    trust_check_strict(store, bad.cert, NULL, "192.0.2.10", &checks);
    ck_assert(checks.chain);
    ck_assert_ptr_null(checks.chain_reason);
    ck_assert(!checks.validity);
    ck_assert(!checks.name);
    ck_assert(!checks.server_auth);
    /* The other way round: only the chain fails. */
    trust_check_strict(store, self.cert, NULL, "192.0.2.10", &checks);
    ck_assert(!checks.chain);
    ck_assert_ptr_nonnull(checks.chain_reason);
    ck_assert(checks.validity && checks.name && checks.server_auth);
    X509_STORE_free(store);
    pair_done(&bad);
}
END_TEST

START_TEST(strict_check_blames_an_expired_issuer) {
    struct pair old = pair_make(
        &(struct pair_spec){.common_name = "old", .ca = true, .issuer = &root, .begin_s = -2 * DAY_S, .end_s = -DAY_S});
    struct pair young = pair_make(&(struct pair_spec){.common_name = "x", .san = "DNS:*.corp.example", .issuer = &old});
    X509_STORE *store = trust_store_new(&root.cert, 1);
    STACK_OF(X509) *chain = stack(young.cert, old.cert);
    struct trust_checks checks;
    trust_check_strict(store, young.cert, chain, "nsx.corp.example", &checks);
    ck_assert(!checks.chain);
    ck_assert_ptr_nonnull(strstr(checks.chain_reason, "expired"));
    ck_assert(checks.validity && checks.name);
    sk_X509_free(chain);
    X509_STORE_free(store);
    pair_done(&old);
    pair_done(&young);
}
END_TEST

START_TEST(leaf_may_be_its_own_anchor) {
    X509 *anchors[] = {leaf.cert, self.cert};
    X509_STORE *store = trust_store_new(anchors, 2);
    struct trust_checks checks;
    trust_check_strict(store, leaf.cert, NULL, "nsx.example", &checks);
    ck_assert(checks.chain && checks.validity && checks.name && checks.server_auth);
    trust_check_strict(store, self.cert, NULL, "192.0.2.10", &checks);
    ck_assert(checks.chain && checks.validity && checks.name && checks.server_auth);
    X509_STORE_free(store);
    store = trust_store_new(NULL, 0);
    trust_check_strict(store, self.cert, NULL, "192.0.2.10", &checks);
    ck_assert(!checks.chain);
    X509_STORE_free(store);
}
END_TEST

static Suite *suite(void) {
    Suite *all = suite_create("trust");
    TCase *group = tcase_create("trust");
    tcase_add_checked_fixture(group, set_up, tear_down);
    tcase_add_test(group, nothing_is_trusted_at_first);
    tcase_add_test(group, pin_judges_neither_name_nor_validity);
    tcase_add_test(group, pin_wins_over_request_and_ca);
    tcase_add_test(group, ca_needs_chain_and_name);
    tcase_add_loop_test(group, unfit_leaf_is_refused, 0, (int)(sizeof unfit / sizeof *unfit));
    tcase_add_test(group, common_name_never_counts_for_dns);
    tcase_add_test(group, leaf_cannot_issue);
    tcase_add_test(group, short_key_is_refused);
    tcase_add_test(group, insecure_trusts_last);
    tcase_add_test(group, environment_does_not_widen_the_system);
    tcase_add_test(group, system_directory_comes_before_bundle);
    tcase_add_test(group, strict_checks_do_not_hide_each_other);
    tcase_add_test(group, strict_check_blames_an_expired_issuer);
    tcase_add_test(group, leaf_may_be_its_own_anchor);
    suite_add_tcase(all, group);
    return all;
}

int main(void) {
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
