/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/lint_gate. */
#include "op/lint_gate.h"

#include <openssl/crypto.h>
#include <string.h>

#include "op_fixture.h"
#include "x509_fixture.h"

/* A certificate without SAN and with an EC key, judged for 2.4: errors; its validity over 398 days is a hint. */
static bool gate(struct run *run, bool enforce, struct error *err) {
    EVP_PKEY *key = fixture_ec();
    struct chain chain = {.count = 1, .path_count = 1};
    chain.certs[0] = fixture_cert(
        &(struct fixture_cert){.common_name = "nsx.example.com", .key = key, .from_days = -1, .to_days = 500});
    struct lint_subject subject = {.chain = &chain,
                                   .version = {2, 4, 0},
                                   .scopes = LINT_CERTIFICATE,
                                   .ca_signed_only = -1,
                                   .crl_checking = -1,
                                   .auto_renewal = -1};
    bool ok = lint_gate(run, &subject, enforce, ERROR_CERTIFICATE_UNFIT, err);
    chain_done(&chain);
    EVP_PKEY_free(key);
    return ok;
}

START_TEST(test_enforced) {
    auto_error struct error err = {0};
    auto_run struct run run = op_run("import", false, "{}");
    ck_assert(!gate(&run, true, &err));
    ck_assert_int_eq(err.code, ERROR_CERTIFICATE_UNFIT);
    ck_assert(problems_have(&err.errors, "san-missing") && problems_have(&err.errors, "key-type-ec"));
    ck_assert_uint_eq(run.warnings.count, 0);
}
END_TEST

START_TEST(test_warned) {
    auto_error struct error err = {0};
    auto_run struct run run = op_run("import", false, "{}");
    ck_assert(gate(&run, false, &err));
    ck_assert_int_eq(err.code, ERROR_NONE);
    ck_assert(problems_have(&run.warnings, "san-missing") && problems_have(&run.warnings, "key-type-ec"));
    ck_assert(!problems_have(&run.warnings, "validity-over-398"));
    for (size_t i = 0; i < run.warnings.count; i++)
        ck_assert_int_eq(run.warnings.items[i].severity, SEVERITY_WARNING);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_unchecked_fixture(tests, op_setup, NULL);
    tcase_add_test(tests, test_enforced);
    tcase_add_test(tests, test_warned);
}

int main(void) {
    return unit_run_tests("lint_gate", add);
}
