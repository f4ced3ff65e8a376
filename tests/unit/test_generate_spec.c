/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/generate_spec. */
#include "op/generate_spec.h"

#include <openssl/crypto.h>
#include <string.h>

#include "op_fixture.h"

static enum error_code read_spec(struct run *run, struct generate_spec *spec) {
    auto_error struct error err = {0};
    ck_assert(generate_spec_read(run, spec, &err) == (err.code == ERROR_NONE));
    return err.code;
}

#define CONFIG                                                                                      \
    "'[req]\\ndefault_bits = 3072\\ndefault_md = sha512\\nprompt = no\\ndistinguished_name = dn\\n" \
    "req_extensions = ext\\n[dn]\\nO = Config\\nCN = config.example.com\\n[ext]\\n"                 \
    "subjectAltName = DNS:other.example.com\\n'"

START_TEST(test_members) {
    auto_run struct run run =
        op_run("generate", false,
               "{'kind': 'request', 'common_name': '192.0.2.10', 'key_path': 'k', 'request_path': 'r',"
               " 'san': {'dns': ['b.example.com'], 'ip': ['192.0.2.11']}, 'ip_as_dns': true,"
               " 'key': {'type': 'ec', 'curve': 'P-384'}, 'digest': 'sha384', 'validity_days': 20,"
               " 'renew_before_days': 5, 'issued_after': '2026-01-31T12:00:00Z', 'reuse_key': true}");
    struct generate_spec spec = {0};
    ck_assert_int_eq(read_spec(&run, &spec), ERROR_NONE);
    ck_assert_int_eq(spec.kind, GENERATE_REQUEST);
    ck_assert(spec.key.ec && strcmp(spec.key.curve, "P-384") == 0);
    ck_assert_str_eq(spec.cert.digest, "sha384");
    ck_assert_int_eq(spec.cert.validity_days, 20);
    ck_assert_int_eq(spec.renew_before_days, 5);
    ck_assert_uint_eq(spec.san.ip_count, 2); /* the common name is one of them */
    ck_assert_uint_eq(spec.cert.ip_as_dns_count, 2);
    ck_assert(spec.has_issued_after && spec.issued_after == 1769860800);
    ck_assert(spec.reuse_key && !spec.backup);
    ck_assert_ptr_null(spec.certificate_path);
    generate_spec_done(&spec);
}
END_TEST

START_TEST(test_configuration_gives_what_is_left_out) {
    auto_run struct run run = op_run("generate", false, "{'key_path': 'k', 'openssl_config': " CONFIG "}");
    struct generate_spec spec = {0};
    ck_assert_int_eq(read_spec(&run, &spec), ERROR_NONE);
    ck_assert_int_eq(spec.key.bits, 3072);
    ck_assert_str_eq(spec.cert.digest, "sha512");
    ck_assert_str_eq(spec.cert.subject.organization, "Config");
    ck_assert_uint_eq(spec.san.dns_count, 2);
    ck_assert_int_eq(spec.renew_before_days, -1);
    generate_spec_done(&spec);
}
END_TEST

START_TEST(test_members_win) {
    auto_run struct run run = op_run("generate", false,
                                     "{'key_path': 'k', 'common_name': 'nsx.example.com', 'digest': 'sha256',"
                                     " 'key': {'type': 'rsa', 'bits': 2048}, 'subject': {'country': 'DE'},"
                                     " 'san': {'ip': ['192.0.2.11']}, 'openssl_config': " CONFIG "}");
    struct generate_spec spec = {0};
    ck_assert_int_eq(read_spec(&run, &spec), ERROR_NONE);
    ck_assert_int_eq(spec.key.bits, 2048);
    ck_assert_str_eq(spec.cert.digest, "sha256");
    ck_assert_str_eq(spec.cert.subject.common_name, "nsx.example.com");
    ck_assert_str_eq(spec.cert.subject.organization, "Config");
    ck_assert_str_eq(spec.cert.subject.country, "DE");
    ck_assert_uint_eq(spec.san.dns_count, 1);
    ck_assert_str_eq(spec.san.dns[0], "nsx.example.com");
    generate_spec_done(&spec);
}
END_TEST

static const struct {
    const char *parameters;
    enum error_code code;
} bad[] = {
    {"{'key_path': 'k', 'openssl_config': {'file': '/nonexistent'}}", ERROR_SOURCE_UNAVAILABLE},
    {"{'key_path': 'k', 'openssl_config': '[req]\\nprompt = no\\ndistinguished_name = dn\\n[dn]\\nO = x\\n'}",
     ERROR_INVALID_CONFIG},
    {"{'key_path': 'k', 'common_name': 'a', 'issuer': {'certificate': 'x', 'private_key': {'env': 'UNIT_UNSET'}}}",
     ERROR_SECRET_UNAVAILABLE},
    {"{'key_path': 'k', 'common_name': 'a', 'issuer': {'certificate': 'x', 'private_key': 'x'}}",
     ERROR_INVALID_PRIVATE_KEY},
};

START_TEST(test_refused) {
    auto_run struct run run = op_run("generate", false, bad[_i].parameters);
    struct generate_spec spec = {0};
    ck_assert_int_eq(read_spec(&run, &spec), bad[_i].code);
    generate_spec_done(&spec);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_unchecked_fixture(tests, op_setup, NULL);
    tcase_add_test(tests, test_members);
    tcase_add_test(tests, test_configuration_gives_what_is_left_out);
    tcase_add_test(tests, test_members_win);
    tcase_add_loop_test(tests, test_refused, 0, (int)(sizeof bad / sizeof *bad));
}

int main(void) {
    return unit_run_tests("generate_spec", add);
}
