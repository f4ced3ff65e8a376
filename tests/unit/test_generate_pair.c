/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/generate_pair. */
#include "op/generate_pair.h"

#include <openssl/crypto.h>
#include <string.h>

#include "base/clock.h"
#include "folder_fixture.h"
#include "op_fixture.h"
#include "x509/csr.h"
#include "json/read.h"

#define EC "'key': {'type': 'ec', 'curve': 'P-256'}, "
#define PATHS "'key_path': 'nsx.key', 'certificate_path': 'nsx.crt', 'common_name': 'nsx.example.com', "

/* In place: a spec points into itself. */
static void read_spec(struct run *run, struct generate_spec *spec) {
    auto_error struct error err = {0};
    ck_assert_msg(generate_spec_read(run, spec, &err), "%s", err.problem.detail);
}

static struct generate_pair make(const struct generate_spec *spec, EVP_PKEY *key) {
    auto_error struct error err = {0};
    struct generate_pair pair = {0};
    ck_assert_msg(generate_pair_make(spec, key, &pair, &err), "%s", err.problem.detail);
    return pair;
}

/* The reasons in one text. */
static char *differences(const struct generate_spec *spec, const struct generate_pair *pair, bool *ret_key_fits) {
    auto_reasons struct reasons reasons = {0};
    auto_buf struct buf text;
    buf_init(&text, 0);
    generate_pair_compare(spec, pair, &reasons, ret_key_fits);
    for (size_t i = 0; i < reasons.count; i++)
        buf_printf(&text, "%s;", reasons.items[i]);
    return buf_take(&text);
}

START_TEST(test_made_is_as_asked) {
    auto_run struct run run = op_run("generate", false, "{" EC PATHS "'digest': 'sha256', 'validity_days': 365}");
    struct generate_spec spec = {0};
    read_spec(&run, &spec);
    struct generate_pair pair = make(&spec, NULL);
    bool key_fits = false;
    auto_text char *found = differences(&spec, &pair, &key_fits);
    ck_assert_str_eq(found, "");
    ck_assert(key_fits && generate_pair_belongs(&pair));
    ck_assert_uint_eq(pair.chain.count, 1);
    ck_assert_int_le(labs((long)(cert_not_before(pair.cert) - clock_now())), 5);
    generate_pair_done(&pair);
    generate_spec_done(&spec);
}
END_TEST

START_TEST(test_differences) {
    auto_run struct run before = op_run("generate", false, "{" EC PATHS "'digest': 'sha256', 'validity_days': 365}");
    auto_run struct run after =
        op_run("generate", false,
               "{" PATHS "'digest': 'sha512', 'validity_days': 365, 'key': {'type': 'rsa', 'bits': 2048},"
               "'issued_after': '2026-01-01T00:00:00Z', 'renew_before_days': 365}");
    struct generate_spec old_spec = {0};
    read_spec(&before, &old_spec);
    struct generate_spec new_spec = {0};
    read_spec(&after, &new_spec);
    struct generate_pair pair = make(&old_spec, NULL);
    struct generate_pair other = make(&old_spec, NULL);
    bool key_fits = true;
    new_spec.issued_after = clock_now() + 1000; /* has not come: no reason */
    auto_text char *found = differences(&new_spec, &pair, &key_fits);
    ck_assert(!key_fits);
    ck_assert_ptr_nonnull(strstr(found, "not rsa of 2048"));
    ck_assert_ptr_nonnull(strstr(found, "sha512"));
    ck_assert_ptr_nonnull(strstr(found, "renewal was due"));
    ck_assert_ptr_null(strstr(found, "issued before"));
    EVP_PKEY *key = pair.key;
    pair.key = other.key;
    auto_text char *mismatch = differences(&old_spec, &pair, &key_fits);
    ck_assert_str_eq(mismatch, "the certificate does not belong to the key;");
    pair.key = key;
    generate_pair_done(&pair);
    generate_pair_done(&other);
    generate_spec_done(&old_spec);
    generate_spec_done(&new_spec);
}
END_TEST

START_TEST(test_keeps_the_key) {
    auto_run struct run run = op_run("generate", false, "{" EC PATHS "'digest': 'sha256', 'validity_days': 365}");
    struct generate_spec spec = {0};
    read_spec(&run, &spec);
    struct generate_pair first = make(&spec, NULL);
    struct generate_pair second = make(&spec, first.key);
    struct generate_pair third = make(&spec, NULL);
    ck_assert(key_equal_public(first.key, second.key));
    ck_assert(!key_equal_public(first.key, third.key));
    generate_pair_done(&first);
    generate_pair_done(&second);
    generate_pair_done(&third);
    generate_spec_done(&spec);
}
END_TEST

START_TEST(test_reads_or_tells_why_not) {
    static const char *const texts[] = {NULL, "", "nonsense"};
    static const char *const words[] = {"no key at nsx.key", "cannot be used", "cannot be used"};
    auto_run struct run run = op_run("generate", false, "{" EC PATHS "'digest': 'sha256', 'validity_days': 365}");
    struct generate_spec spec = {0};
    read_spec(&run, &spec);
    struct file_set set = {0};
    file_set_add(&set, "nsx.key", 0600, NULL, 0);
    file_set_add(&set, "nsx.crt", 0644, NULL, 0);
    for (size_t i = 0; i < 3; i++) {
        auto_error struct error err = {0};
        auto_reasons struct reasons reasons = {0};
        struct generate_pair pair = {0};
        if (texts[i] != NULL) {
            folder_write("nsx.key", texts[i]);
            folder_write("nsx.crt", texts[i]);
        }
        ck_assert(generate_pair_read(&spec, &set, &pair, &reasons, &err));
        ck_assert_uint_eq(reasons.count, 2);
        ck_assert_ptr_nonnull(strstr(reasons.items[0], words[i]));
        ck_assert(pair.key == NULL && pair.cert == NULL);
        generate_pair_done(&pair);
    }
    generate_spec_done(&spec);
}
END_TEST

#define CSR "'kind': 'request', 'request_path': 'nsx.csr', "

static void write_pem(const char *path, const struct buf *pem) {
    ck_assert(pem->length > 0);
    folder_write(path, buf_text(pem));
}

static void write_pair(const struct generate_pair *pair) {
    auto_buf struct buf key = {0}, second = {0};
    ck_assert(key_write_pem(pair->key, &key));
    ck_assert(pair->request != NULL ? csr_write_pem(pair->request, &second) : chain_write_pem(&pair->chain, &second));
    write_pem("nsx.key", &key);
    write_pem(pair->request != NULL ? "nsx.csr" : "nsx.crt", &second);
}

static void read_back(const struct generate_spec *spec, struct generate_pair *pair) {
    auto_error struct error err = {0};
    auto_reasons struct reasons reasons = {0};
    struct file_set set = {0};
    file_set_add(&set, "nsx.key", 0600, NULL, 0);
    file_set_add(&set, spec->kind == GENERATE_REQUEST ? "nsx.csr" : "nsx.crt", 0644, NULL, 0);
    ck_assert(generate_pair_read(spec, &set, pair, &reasons, &err));
    ck_assert_uint_eq(reasons.count, 0);
}

START_TEST(test_what_was_written_is_read_and_reported) {
    auto_run struct run run = op_run("generate", false, "{" EC PATHS "'digest': 'sha256', 'validity_days': 365}");
    struct generate_spec spec = {0};
    read_spec(&run, &spec);
    struct generate_pair made = make(&spec, NULL);
    write_pair(&made);
    struct generate_pair pair = {0};
    read_back(&spec, &pair);
    ck_assert(generate_pair_belongs(&pair) && X509_cmp(made.cert, pair.cert) == 0);
    auto_json json_t *result = json_pack("{s:s}", "left", "over");
    generate_pair_report(&spec, &pair, result);
    ck_assert_uint_eq(json_object_size(result), 12);
    ck_assert_ptr_eq(strstr(get_text(result, "certificate_pem", ""), "-----BEGIN CERTIFICATE-----"),
                     get_text(result, "certificate_pem", ""));
    ck_assert_str_eq(get_text(result, "subject", ""), "CN=nsx.example.com");
    ck_assert(json_is_false(json_object_get(result, "renewal_due")));
    ck_assert_uint_eq(strlen(get_text(result, "public_key_sha256", "")), 44);
    ck_assert_str_eq(get_text(get_object(result, "key"), "type", ""), "ec");
    unit_assert_json(json_object_get(result, "paths"),
                     "{'certificate_path': 'nsx.crt', 'key_path': 'nsx.key', 'request_path': null}");
    generate_pair_done(&made);
    generate_pair_done(&pair);
    generate_spec_done(&spec);
}
END_TEST

START_TEST(test_nothing_is_reported_as_null) {
    auto_run struct run run = op_run("generate", false, "{" EC PATHS "'digest': 'sha256', 'validity_days': 365}");
    struct generate_spec spec = {0};
    read_spec(&run, &spec);
    const struct generate_pair none = {0};
    auto_json json_t *result = json_object();
    generate_pair_report(&spec, &none, result);
    json_object_del(result, "paths");
    unit_assert_json(result, "{'certificate_pem': null, 'fingerprint_sha256': null, 'serial': null, 'subject': null,"
                             "'issuer': null, 'san': null, 'not_before': null, 'not_after': null,"
                             "'renewal_due': null, 'public_key_sha256': null, 'key': null}");
    generate_spec_done(&spec);
}
END_TEST

START_TEST(test_a_request_waits_for_its_certificate) {
    auto_run struct run run = op_run("generate", false, "{" EC PATHS CSR "'digest': 'sha256', 'validity_days': 365}");
    auto_run struct run sign = op_run("generate", false, "{" EC PATHS "'digest': 'sha256', 'validity_days': 365}");
    struct generate_spec spec = {0}, signing = {0};
    read_spec(&run, &spec);
    read_spec(&sign, &signing);
    struct generate_pair made = make(&spec, NULL);
    write_pair(&made);
    struct generate_pair waiting = {0}, issued = {0};
    read_back(&spec, &waiting);
    bool key_fits = false;
    auto_text char *found = differences(&spec, &waiting, &key_fits);
    ck_assert_str_eq(found, "");
    ck_assert(key_fits && waiting.cert == NULL);
    auto_json json_t *result = json_object();
    generate_pair_report(&spec, &waiting, result);
    ck_assert(json_is_false(json_object_get(result, "issued")));
    ck_assert(json_is_null(json_object_get(result, "certificate_pem")));
    ck_assert_ptr_nonnull(strstr(get_text(result, "request_pem", ""), "-----BEGIN CERTIFICATE REQUEST-----"));
    ck_assert_uint_eq(strlen(get_text(result, "public_key_sha256", "")), 44);
    /* A stranger's certificate does not count, the one for this key does. */
    for (int own = 0; own < 2; own++) {
        struct generate_pair signed_pair = make(&signing, own == 1 ? made.key : NULL);
        auto_buf struct buf pem = {0};
        ck_assert(chain_write_pem(&signed_pair.chain, &pem));
        write_pem("nsx.crt", &pem);
        read_back(&spec, &issued);
        generate_pair_report(&spec, &issued, result);
        ck_assert_int_eq(json_is_true(json_object_get(result, "issued")), own);
        ck_assert_int_eq(json_is_string(json_object_get(result, "certificate_pem")), own);
        generate_pair_done(&signed_pair);
        generate_pair_done(&issued);
    }
    EVP_PKEY_free(waiting.key);
    struct generate_pair other = make(&signing, NULL);
    EVP_PKEY_up_ref(other.key);
    waiting.key = other.key;
    auto_text char *mismatch = differences(&spec, &waiting, &key_fits);
    ck_assert_str_eq(mismatch, "the request does not belong to the key;");
    generate_pair_done(&made);
    generate_pair_done(&waiting);
    generate_pair_done(&other);
    generate_spec_done(&spec);
    generate_spec_done(&signing);
}
END_TEST

/* Is it said that the chain in the pair is not leaf and `issuers`? */
static bool chain_differs(struct generate_spec *spec, struct generate_pair *pair, struct chain issuers) {
    static const char words[] = "the chain behind the certificate is not the issuer's;";
    bool key_fits;
    spec->issuer_chain = issuers;
    auto_text char *found = differences(spec, pair, &key_fits);
    spec->issuer_chain = (struct chain){0};
    return strstr(found, words) != NULL;
}

START_TEST(test_behind_the_leaf_stands_the_issuers_chain) {
    auto_run struct run run = op_run("generate", false, "{" EC PATHS "'digest': 'sha256', 'validity_days': 365}");
    struct generate_spec spec = {0};
    read_spec(&run, &spec);
    struct generate_pair pair = make(&spec, NULL), ca = make(&spec, NULL), root = make(&spec, NULL);
    X509_up_ref(ca.cert);
    spec.issuer = ca.cert;
    X509_up_ref(ca.cert);
    X509_up_ref(root.cert);
    pair.chain.certs[1] = ca.cert;
    pair.chain.certs[2] = root.cert;
    pair.chain.count = 3;
    ck_assert(!chain_differs(&spec, &pair, (struct chain){.certs = {ca.cert, root.cert}, .count = 2}));
    ck_assert(chain_differs(&spec, &pair, (struct chain){.certs = {ca.cert}, .count = 1}));
    pair.chain.count = 2;
    ck_assert(chain_differs(&spec, &pair, (struct chain){.certs = {ca.cert, root.cert}, .count = 2}));
    ck_assert(chain_differs(&spec, &pair, (struct chain){.certs = {root.cert}, .count = 1}));
    ck_assert(!chain_differs(&spec, &pair, (struct chain){.certs = {ca.cert}, .count = 1}));
    pair.chain.count = 3;
    generate_pair_done(&pair);
    generate_pair_done(&ca);
    generate_pair_done(&root);
    generate_spec_done(&spec);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_unchecked_fixture(tests, op_setup, NULL);
    tcase_add_checked_fixture(tests, folder_setup, folder_teardown);
    tcase_add_test(tests, test_made_is_as_asked);
    tcase_add_test(tests, test_differences);
    tcase_add_test(tests, test_keeps_the_key);
    tcase_add_test(tests, test_reads_or_tells_why_not);
    tcase_add_test(tests, test_what_was_written_is_read_and_reported);
    tcase_add_test(tests, test_nothing_is_reported_as_null);
    tcase_add_test(tests, test_a_request_waits_for_its_certificate);
    tcase_add_test(tests, test_behind_the_leaf_stands_the_issuers_chain);
}

int main(void) {
    return unit_run_tests("generate_pair", add);
}
