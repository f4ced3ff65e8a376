/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/generate_pair. */
#include "op/generate_pair.h"

#include <openssl/crypto.h>
#include <string.h>

#include "base/clock.h"
#include "folder_fixture.h"
#include "op_fixture.h"

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

static void add(TCase *tests) {
    tcase_add_unchecked_fixture(tests, op_setup, NULL);
    tcase_add_checked_fixture(tests, folder_setup, folder_teardown);
    tcase_add_test(tests, test_made_is_as_asked);
    tcase_add_test(tests, test_differences);
    tcase_add_test(tests, test_keeps_the_key);
    tcase_add_test(tests, test_reads_or_tells_why_not);
}

int main(void) {
    return unit_run_tests("generate_pair", add);
}
