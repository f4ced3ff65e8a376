/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/inspect: files that are there, are not, or are not there yet. */
#include <openssl/crypto.h>
#include <string.h>

#include "base/buf.h"
#include "folder_fixture.h"
#include "op_fixture.h"
#include "x509_fixture.h"

static void write_certificate(void) {
    EVP_PKEY *key = fixture_ec();
    auto_buf struct buf pem;
    buf_init(&pem, 0);
    X509 *cert = fixture_cert(&(struct fixture_cert){.common_name = "nsx.example.com", .key = key});
    ck_assert(cert_write_pem(cert, &pem));
    folder_write("nsx.crt", buf_text(&pem));
    X509_free(cert);
    EVP_PKEY_free(key);
}

static bool inspect(struct run *run, struct error *err) {
    return run->operation->plan(run, err) && steps_run(run, err);
}

START_TEST(test_tells) {
    auto_error struct error err = {0};
    write_certificate();
    auto_run struct run run = op_run("inspect", false, "{'certificate': {'file': 'nsx.crt'}, 'nsx_version': '2.4'}");
    ck_ok(inspect(&run, &err), err);
    ck_assert_uint_eq(json_array_size(json_object_get(run.result, "certificates")), 1);
    ck_assert_uint_gt(json_array_size(json_object_get(run.result, "findings")), 0); /* no SAN, an EC key */
    ck_assert(json_is_null(json_object_get(run.result, "key_matches")));
    ck_assert(!steps_any_changed(&run.steps));
}
END_TEST

START_TEST(test_missing_file) {
    auto_error struct error err = {0};
    auto_run struct run run = op_run("inspect", false, "{'certificate': {'file': 'nsx.crt'}}");
    ck_assert(!inspect(&run, &err));
    ck_assert_int_eq(err.code, ERROR_SOURCE_UNAVAILABLE);
    ck_assert_str_eq(err.problem.pointer, "/parameters/certificate");
}
END_TEST

START_TEST(test_not_there_yet) {
    auto_error struct error err = {0};
    auto_run struct run run =
        op_run("inspect", true, "{'certificate': {'file': 'nsx.crt'}, 'private_key': {'file': 'nsx.key'}}");
    ck_ok(inspect(&run, &err), err);
    ck_assert_uint_eq(run.steps.count, 1);
    ck_assert_int_eq(run.steps.items[0].outcome, STEP_PLANNED);
    unit_assert_json(run.steps.items[0].reasons, "['not there yet']");
    ck_assert_uint_eq(run.warnings.count, 2);
    ck_assert_str_eq(run.warnings.items[1].pointer, "/parameters/private_key");
}
END_TEST

static void add(TCase *tests) {
    tcase_add_unchecked_fixture(tests, op_setup, NULL);
    tcase_add_checked_fixture(tests, folder_setup, folder_teardown);
    tcase_add_test(tests, test_tells);
    tcase_add_test(tests, test_missing_file);
    tcase_add_test(tests, test_not_there_yet);
}

int main(void) {
    return unit_run_tests("inspect", add);
}
