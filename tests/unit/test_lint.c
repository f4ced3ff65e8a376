/* SPDX-License-Identifier: Apache-2.0 */
/* Every lint rule: raised by what it is about, silent otherwise, with the severity of the version. */
#include "x509/lint.h"

#include <openssl/x509v3.h>

#include "x509_fixture.h"

static EVP_PKEY *rsa; /* one for the whole suite: RSA keys are slow to make */

#define GOOD_RSA                                                                                \
    "basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature,keyEncipherment", \
        "extendedKeyUsage=serverAuth", "subjectAltName=IP:192.0.2.10,DNS:nsx.example.com"

struct judged {
    struct problems findings;
    struct chain chain;
};

static struct judged judge(const struct lint_subject *subject, X509 *leaf) {
    struct judged judged = {0};
    struct lint_subject filled = *subject;
    STACK_OF(X509) *stack = sk_X509_new_null();
    sk_X509_push(stack, leaf);
    ck_assert(chain_from_stack(stack, &judged.chain));
    sk_X509_free(stack);
    filled.chain = &judged.chain;
    if (filled.scopes == 0)
        filled.scopes = LINT_CERTIFICATE | LINT_NAMES;
    lint_check(&filled, &judged.findings);
    return judged;
}

static void judged_done(struct judged *judged) {
    problems_done(&judged->findings);
    chain_done(&judged->chain);
}

static const struct problem *find(const struct problems *list, const char *code) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].code, code) == 0)
            return &list->items[i];
    return NULL;
}

static const char *codes(const struct problems *list) {
    static char text[1024];
    text[0] = '\0';
    for (size_t i = 0; i < list->count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", list->items[i].code);
    return text;
}

/* `severity` -1: the rule must be silent. */
static void expect(const struct lint_subject *subject, X509 *leaf, const char *code, int severity) {
    struct judged judged = judge(subject, leaf);
    const struct problem *item = find(&judged.findings, code);
    if (severity < 0)
        ck_assert_msg(item == NULL, "%s was raised: %s", code, item != NULL ? item->detail : "");
    else
        ck_assert_msg(item != NULL && (int)item->severity == severity && item->detail != NULL && item->remedy != NULL &&
                          item->title != NULL,
                      "%s is missing or has another severity; found: %s", code, codes(&judged.findings));
    judged_done(&judged);
}

static const struct lint_subject newest = {0};
static struct lint_subject at(int major, int minor, int patch) {
    return (struct lint_subject){.version = {major, minor, patch}};
}
static void expect_at(int major, int minor, int patch, X509 *leaf, const char *code, int severity) {
    struct lint_subject subject = at(major, minor, patch);
    expect(&subject, leaf, code, severity);
}

static X509 *with(EVP_PKEY *key, const char *a, const char *b, const char *c, const char *d, const char *e) {
    return fixture_cert(&(struct fixture_cert){.common_name = "192.0.2.10", .key = key, .extensions = {a, b, c, d, e}});
}

START_TEST(test_a_good_certificate_has_no_finding) {
    auto_x509 X509 *good = with(rsa, GOOD_RSA, NULL);
    const char *nodes[] = {"192.0.2.10"};
    static const int versions[][3] = {{2, 4, 0}, {3, 0, 0}, {3, 2, 0}, {4, 1, 0}, {4, 2, 1}, {9, 1, 0}, {0, 0, 0}};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        struct lint_subject subject = at(versions[i][0], versions[i][1], versions[i][2]);
        subject.key = rsa;
        subject.vip = "192.0.2.10";
        subject.vip_fqdn = "NSX.example.com";
        subject.nodes = nodes;
        subject.node_count = 1;
        subject.common_name_is_address = true;
        struct judged judged = judge(&subject, good);
        ck_assert_msg(judged.findings.count == 0, "%s", codes(&judged.findings));
        judged_done(&judged);
    }
}
END_TEST

START_TEST(test_basic_constraints) {
    auto_x509 X509 *none = with(rsa, "subjectAltName=IP:192.0.2.10", NULL, NULL, NULL, NULL);
    expect(&newest, none, "basic-constraints-missing", SEVERITY_ERROR);
    expect_at(3, 0, 0, none, "basic-constraints-missing", SEVERITY_ERROR);
    expect_at(2, 5, 0, none, "basic-constraints-missing", SEVERITY_WARNING);
    expect(&newest, none, "is-ca", -1);
    auto_x509 X509 *ca = with(rsa, "basicConstraints=CA:TRUE", NULL, NULL, NULL, NULL);
    expect_at(2, 4, 0, ca, "is-ca", SEVERITY_ERROR);
    expect(&newest, ca, "basic-constraints-missing", -1);
}
END_TEST

START_TEST(test_weak_signature_and_small_key) {
    auto_x509 X509 *sha1 = fixture_cert(
        &(struct fixture_cert){.common_name = "x", .key = rsa, .digest = EVP_sha1(), .extensions = {GOOD_RSA}});
    expect(&newest, sha1, "signature-weak", SEVERITY_ERROR);
    expect_at(4, 1, 9, sha1, "signature-weak", SEVERITY_WARNING);
    auto_pkey EVP_PKEY *small = fixture_key(&(struct key_spec){.bits = 1024});
    auto_x509 X509 *short_key = with(small, GOOD_RSA, NULL);
    expect_at(4, 2, 0, short_key, "key-too-small", SEVERITY_ERROR);
    expect_at(4, 1, 0, short_key, "key-too-small", SEVERITY_WARNING);
    expect(&newest, short_key, "signature-weak", -1);
}
END_TEST

START_TEST(test_ec_keys) {
    auto_pkey EVP_PKEY *p256 = fixture_ec();
    auto_pkey EVP_PKEY *koblitz = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1");
    auto_x509 X509 *ec = with(p256, "basicConstraints=CA:FALSE", "keyUsage=digitalSignature", NULL, NULL, NULL);
    expect_at(3, 1, 0, ec, "key-type-ec", SEVERITY_ERROR);
    expect_at(3, 2, 0, ec, "key-type-ec", SEVERITY_WARNING);
    expect(&newest, ec, "key-type-ec", SEVERITY_WARNING);
    expect(&newest, ec, "ec-curve-not-fips", -1);
    expect(&newest, ec, "ku-no-key-encipherment", -1);
    auto_x509 X509 *odd = with(koblitz, "basicConstraints=CA:FALSE", NULL, NULL, NULL, NULL);
    expect(&newest, odd, "ec-curve-not-fips", SEVERITY_WARNING);
    expect_at(3, 2, 0, odd, "ec-curve-not-fips", -1);
}
END_TEST

START_TEST(test_usages) {
    auto_x509 X509 *cert = with(rsa, "keyUsage=digitalSignature", "extendedKeyUsage=clientAuth", NULL, NULL, NULL);
    expect_at(3, 0, 0, cert, "ku-no-key-encipherment", SEVERITY_ERROR);
    expect_at(2, 5, 0, cert, "ku-no-key-encipherment", -1);
    expect_at(3, 0, 0, cert, "eku-no-server-auth", SEVERITY_ERROR);
    expect_at(2, 5, 0, cert, "eku-no-server-auth", -1);
    auto_x509 X509 *twice = with(rsa, "extendedKeyUsage=serverAuth,serverAuth", NULL, NULL, NULL, NULL);
    expect(&newest, twice, "eku-duplicate", SEVERITY_WARNING);
    expect(&newest, cert, "eku-duplicate", -1);
    struct lint_subject tn = {.used_for_aph_tn = true};
    expect(&tn, twice, "eku-no-client-auth", SEVERITY_INFO);
    expect(&tn, cert, "eku-no-client-auth", -1);
    expect(&newest, twice, "eku-no-client-auth", -1);
}
END_TEST

START_TEST(test_names) {
    auto_x509 X509 *cert =
        with(rsa, "subjectAltName=IP:192.0.2.10,DNS:192.0.2.11,DNS:nsx.example.com,DNS:*.example.org", NULL, NULL, NULL,
             NULL);
    const char *nodes[] = {"192.0.2.10", "192.0.2.11", "a.example.org"};
    struct lint_subject subject = {.vip = "192.0.2.11",
                                   .vip_fqdn = "other.example.com",
                                   .nodes = nodes,
                                   .node_count = 3};
    expect(&subject, cert, "san-lacks-vip", SEVERITY_ERROR);
    expect(&subject, cert, "san-lacks-vip-fqdn", SEVERITY_ERROR);
    expect(&subject, cert, "san-lacks-node", SEVERITY_WARNING);
    expect(&subject, cert, "san-ip-as-dns-only", SEVERITY_WARNING);
    expect(&subject, cert, "wildcard-san", SEVERITY_INFO);
    expect(&subject, cert, "san-missing", -1);
    struct judged judged = judge(&subject, cert);
    ck_assert_str_eq(find(&judged.findings, "san-lacks-node")->endpoint, "192.0.2.11");
    judged_done(&judged);
    subject.given_to_nodes = true;
    expect(&subject, cert, "san-lacks-node", SEVERITY_WARNING);
    subject.scopes = LINT_CERTIFICATE;
    expect(&subject, cert, "san-lacks-vip", -1);
    expect(&subject, cert, "san-lacks-node", -1);
    auto_x509 X509 *none = with(rsa, "basicConstraints=CA:FALSE", NULL, NULL, NULL, NULL);
    expect(&newest, none, "san-missing", SEVERITY_ERROR);
    expect(&newest, none, "san-lacks-vip", -1);
}
END_TEST

START_TEST(test_ca_signed_names_and_ops_manager) {
    auto_pkey EVP_PKEY *ca_key = fixture_ec();
    auto_x509 X509 *ca = fixture_ca("CA", ca_key, NULL, NULL);
    auto_x509 X509 *leaf = fixture_cert(&(struct fixture_cert){
        .common_name = "nsx.example.com", .key = rsa, .issuer = ca, .issuer_key = ca_key, .extensions = {GOOD_RSA}});
    const char *nodes[] = {"192.0.2.12"};
    struct lint_subject subject = {
        .nodes = nodes, .node_count = 1, .given_to_nodes = true, .vip = "192.0.2.99", .common_name_is_address = true};
    expect(&subject, leaf, "san-lacks-node", SEVERITY_ERROR);
    expect(&subject, leaf, "subject-issuer-differ", SEVERITY_ERROR);
    expect(&subject, leaf, "cn-not-endpoint", SEVERITY_ERROR);
    subject.vip_fqdn = "NSX.example.com";
    expect(&subject, leaf, "cn-not-endpoint", -1);
    subject.common_name_is_address = false;
    expect(&subject, leaf, "subject-issuer-differ", -1);
    expect(&subject, leaf, "chain-incomplete", SEVERITY_ERROR);
    expect(&subject, leaf, "chain-root-not-self-signed", -1);
    subject.ca_signed_only = 1;
    expect(&subject, leaf, "self-signed-refused", -1);
}
END_TEST

static struct problems judge_pem(X509 *const *certs, size_t count, const char *extra) {
    auto_buf struct buf pem = {0};
    auto_error struct error err = {0};
    auto_chain struct chain chain = {0};
    struct problems findings = {0};
    for (size_t i = 0; i < count; i++)
        ck_assert(cert_write_pem(certs[i], &pem));
    buf_add_text(&pem, extra);
    ck_ok(chain_read_pem(pem.bytes, pem.length, NULL, &chain, &err), err);
    lint_check(&(struct lint_subject){.chain = &chain, .scopes = LINT_CERTIFICATE}, &findings);
    return findings;
}

static void expect_pem(const struct problems *findings, const char *code, int severity) {
    const struct problem *item = find(findings, code);
    ck_assert_msg(severity < 0 ? item == NULL : item != NULL && (int)item->severity == severity, "%s: %s", code,
                  codes(findings));
}

START_TEST(test_chains) {
    auto_pkey EVP_PKEY *root_key = fixture_ec();
    auto_pkey EVP_PKEY *middle_key = fixture_ec();
    auto_x509 X509 *root = fixture_ca("Root", root_key, NULL, NULL);
    auto_x509 X509 *middle = fixture_ca("Middle", middle_key, root, root_key);
    auto_x509 X509 *stranger = fixture_ca("Stranger", middle_key, NULL, NULL);
    auto_x509 X509 *leaf = fixture_cert(&(struct fixture_cert){
        .common_name = "x", .key = rsa, .issuer = middle, .issuer_key = middle_key, .extensions = {GOOD_RSA}});
    auto_problems struct problems whole = judge_pem((X509 *[]){leaf, middle, root}, 3, "");
    ck_assert_msg(whole.count == 0, "%s", codes(&whole));
    auto_problems struct problems no_root = judge_pem((X509 *[]){leaf, middle}, 2, "");
    expect_pem(&no_root, "chain-incomplete", SEVERITY_ERROR);
    expect_pem(&no_root, "chain-root-not-self-signed", SEVERITY_ERROR);
    auto_problems struct problems mixed = judge_pem((X509 *[]){root, leaf, middle}, 3, "some words\n");
    expect_pem(&mixed, "chain-order", SEVERITY_INFO);
    expect_pem(&mixed, "extra-pem", SEVERITY_INFO);
    expect_pem(&mixed, "chain-incomplete", -1);
    auto_problems struct problems foreign = judge_pem((X509 *[]){leaf, middle, root, stranger}, 4, "");
    expect_pem(&foreign, "chain-order", SEVERITY_ERROR);
    auto_problems struct problems with_key =
        judge_pem((X509 *[]){leaf, middle, root}, 3, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    expect_pem(&with_key, "extra-pem", SEVERITY_ERROR);
}
END_TEST

START_TEST(test_keys) {
    auto_pkey EVP_PKEY *other = fixture_ec();
    auto_x509 X509 *good = with(rsa, GOOD_RSA, NULL);
    struct lint_subject subject = {.key = other};
    expect(&subject, good, "key-mismatch", SEVERITY_ERROR);
    subject.key = rsa;
    expect(&subject, good, "key-mismatch", -1);
    expect(&subject, good, "key-encrypted-no-passphrase", -1);
    subject.key_encrypted_no_passphrase = true;
    expect(&subject, good, "key-encrypted-no-passphrase", SEVERITY_ERROR);
}
END_TEST

START_TEST(test_switches) {
    auto_x509 X509 *good = with(rsa, GOOD_RSA, NULL);
    auto_x509 X509 *crl = with(rsa, GOOD_RSA, "crlDistributionPoints=URI:http://crl.example.com/a.crl");
    struct lint_subject subject = {.ca_signed_only = 1, .crl_checking = 1, .auto_renewal = 1};
    expect(&subject, good, "self-signed-refused", SEVERITY_ERROR);
    expect(&subject, good, "crl-point-present", -1);
    expect(&subject, crl, "crl-point-present", SEVERITY_WARNING);
    expect(&subject, good, "auto-renew-will-replace", SEVERITY_WARNING);
    subject.now = cert_not_after(good) - 30 * DAY;
    expect(&subject, good, "auto-renew-will-replace", SEVERITY_ERROR);
    subject.version = (struct lint_version){4, 2, 0};
    expect(&subject, good, "auto-renew-will-replace", -1);
    subject.version = (struct lint_version){2, 5, 0};
    expect(&subject, crl, "crl-point-present", -1);
    subject = (struct lint_subject){.ca_signed_only = -1, .crl_checking = -1, .auto_renewal = -1};
    struct judged judged = judge(&subject, crl);
    ck_assert_msg(judged.findings.count == 0, "%s", codes(&judged.findings));
    judged_done(&judged);
    subject.other_class = "APH";
    expect(&subject, good, "shared-with-other-class", SEVERITY_ERROR);
    subject.version = (struct lint_version){4, 1, 0};
    expect(&subject, good, "shared-with-other-class", -1);
}
END_TEST

START_TEST(test_time) {
    auto_x509 X509 *good = with(rsa, GOOD_RSA, NULL);
    struct lint_subject subject = {.now = cert_not_after(good) + 1};
    expect(&subject, good, "expired", SEVERITY_ERROR);
    subject.now = cert_not_after(good);
    expect(&subject, good, "expired", -1);
    subject.now = cert_not_before(good) - 1;
    expect(&subject, good, "not-yet-valid", SEVERITY_ERROR);
    subject.now = cert_not_before(good);
    expect(&subject, good, "not-yet-valid", -1);
    subject.manager_clock = subject.now - 1;
    expect(&subject, good, "clock-skew", SEVERITY_ERROR);
    subject.manager_clock = subject.now + 1;
    expect(&subject, good, "clock-skew", -1);
    static const struct {
        int days;
        const char *code;
    } rows[] = {{398, NULL}, {399, "validity-over-398"}, {825, "validity-over-398"}, {826, "validity-over-825"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture_cert want = {
            .common_name = "x", .key = rsa, .extensions = {GOOD_RSA}, .from_days = -1, .to_days = rows[i].days - 1};
        auto_x509 X509 *cert = fixture_cert(&want);
        struct judged judged = judge(&newest, cert);
        ck_assert_uint_eq(judged.findings.count, rows[i].code != NULL);
        if (rows[i].code != NULL)
            ck_assert_str_eq(judged.findings.items[0].code, rows[i].code);
        judged_done(&judged);
    }
}
END_TEST

START_TEST(test_versions) {
    struct lint_version version = {0};
    ck_assert(lint_parse_version("4.2.1.0.0.123", &version));
    ck_assert(version.major == 4 && version.minor == 2 && version.patch == 1);
    ck_assert(lint_parse_version("3", &version));
    ck_assert(version.major == 3 && version.minor == 0 && version.patch == 0);
    ck_assert(lint_parse_version("3.1", &version) && version.minor == 1);
    ck_assert(lint_parse_version("99999999999999999999.1", &version) && version.major > 4);
    ck_assert(!lint_parse_version("", &version));
    ck_assert(!lint_parse_version("v4", &version));
    ck_assert_int_lt(lint_compare_version((struct lint_version){3, 10, 0}, (struct lint_version){4, 0, 0}), 0);
    ck_assert_int_gt(lint_compare_version((struct lint_version){3, 10, 0}, (struct lint_version){3, 9, 9}), 0);
    ck_assert_int_eq(lint_compare_version((struct lint_version){3, 1, 2}, (struct lint_version){3, 1, 2}), 0);
}
END_TEST

START_TEST(test_table) {
    ck_assert_uint_eq(lint_rule_count(), 33);
    for (size_t i = 0; i < lint_rule_count(); i++) {
        const struct lint_rule_info *rule = lint_rule(i);
        ck_assert_uint_eq(strspn(rule->name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(rule->name));
        ck_assert(*rule->versions != '\0' && *rule->title != '\0' && *rule->why != '\0' && *rule->remedy != '\0');
        ck_assert_msg(rule->title[strlen(rule->title) - 1] != '.', "%s", rule->title);
        ck_assert_msg(error_code_from_name(rule->name) == ERROR_NONE || strcmp(rule->name, "key-mismatch") == 0, "%s",
                      rule->name);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(rule->name, lint_rule(k)->name);
    }
}
END_TEST

START_TEST(test_no_memory) {
    auto_x509 X509 *bad =
        with(rsa, "subjectAltName=DNS:192.0.2.11,DNS:*.example.com", "extendedKeyUsage=clientAuth", NULL, NULL, NULL);
    const char *nodes[] = {"192.0.2.12", "192.0.2.13"};
    struct lint_subject subject = {.nodes = nodes, .node_count = 2, .vip = "192.0.2.1", .common_name_is_address = true};
    struct judged whole = judge(&subject, bad);
    subject.chain = &whole.chain;
    subject.scopes = LINT_CERTIFICATE | LINT_NAMES;
    bool done = false;
    for (unsigned long nth = 1; !done; nth++) {
        struct problems findings = {0};
        mem_fail_after(nth);
        lint_check(&subject, &findings);
        done = mem_count() < nth;
        mem_fail_after(0);
        ck_assert_uint_le(findings.count, whole.findings.count);
        ck_assert(!done || findings.count == whole.findings.count);
        ck_assert(done || mem_exhausted());
        problems_done(&findings);
    }
    judged_done(&whole);
}
END_TEST

static void make_rsa(void) {
    rsa = fixture_key(&(struct key_spec){.bits = 2048});
}
static void free_rsa(void) {
    EVP_PKEY_free(rsa);
}

FIXTURE_MAIN_WITH(make_rsa, free_rsa, "lint", test_a_good_certificate_has_no_finding, test_basic_constraints,
                  test_weak_signature_and_small_key, test_ec_keys, test_usages, test_names,
                  test_ca_signed_names_and_ops_manager, test_chains, test_keys, test_switches, test_time, test_versions,
                  test_table, test_no_memory)
