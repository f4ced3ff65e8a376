/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/reference and op/look: what a reference of the request leads to. */
#include "op/reference.h"

#include "op/look.h"

/* unit.h comes first: a parameter in it has the name of a function of tls_server.c. */
/* clang-format off */
#include "unit.h"
#include "tls_server.c"
/* clang-format on */

static struct run looking;
static struct reference reference;
static struct error err;
static struct pair pair;

static void set_up(void) {
    looking.deadline = deadline_after_ms(30000);
    pair = pair_make(&(struct pair_spec){.common_name = "nsx.test", .san = "DNS:nsx.test"});
}

static void tear_down(void) {
    reference_done(&reference);
    error_done(&err);
    pair_done(&pair);
}

static bool read_json(json_t *value) {
    bool ok = reference_read(&looking, value, "/parameters/expected", NULL, &reference, &err);
    json_decref(value);
    return ok;
}

START_TEST(a_text_gives_chain_and_fingerprint) {
    char *pem = pair_cert_pem(&pair);
    ck_assert(read_json(json_string(pem)));
    OPENSSL_free(pem);
    unsigned char sha256[CERT_SHA256_SIZE];
    ck_assert(cert_sha256(pair.cert, sha256));
    ck_assert(reference.known);
    ck_assert_mem_eq(reference.sha256, sha256, sizeof sha256);
    ck_assert_uint_eq(reference.chain.count, 1);
    ck_assert_ptr_null(reference.certificate_id);
}
END_TEST

START_TEST(a_fingerprint_gives_no_chain) {
    ck_assert(read_json(
        unit_json("{'fingerprint_sha256': 'abababababababababababababababababababababababababababababababab'}")));
    ck_assert(reference.known);
    ck_assert_uint_eq(reference.sha256[31], 0xab);
    ck_assert_uint_eq(reference.chain.count, 0);
}
END_TEST

START_TEST(an_id_needs_a_login) {
    ck_assert(!read_json(unit_json("{'certificate_id': 'x'}")));
    ck_assert_int_eq(err.code, ERROR_MISSING_MEMBER);
    ck_assert_str_eq(err.problem.pointer, "/parameters/expected");
}
END_TEST

START_TEST(a_text_without_certificate_is_told_where_it_stands) {
    ck_assert(!read_json(json_string("no PEM")));
    ck_assert_int_eq(err.code, ERROR_INVALID_CERTIFICATE);
    ck_assert_str_eq(err.problem.pointer, "/parameters/expected");
    ck_assert(!reference.known);
}
END_TEST

START_TEST(an_endpoint_is_looked_at) {
    struct server *server = server_start(&(struct server_options){.pair = &pair});
    ck_assert(read_json(json_pack("{s:o}", "endpoint", json_sprintf("127.0.0.1:%d", server_port(server, 0)))));
    ck_assert(reference.known);
    ck_assert_uint_eq(reference.chain.count, 1);
    server_stop(server);
}
END_TEST

START_TEST(an_endpoint_that_is_dead_is_named) {
    ck_assert(!read_json(unit_json("{'endpoint': '127.0.0.1:1'}")));
    ck_assert_int_eq(err.code, ERROR_UNREACHABLE);
    ck_assert_str_eq(err.problem.endpoint, "127.0.0.1:1");
}
END_TEST

START_TEST(a_look_keeps_what_was_presented) {
    struct server *server = server_start(&(struct server_options){.pair = &pair});
    json_t *value = json_sprintf("127.0.0.1:%d", server_port(server, 0));
    auto_look struct look look = {0};
    ck_assert(look_at(&looking, value, "/parameters/endpoint", NULL, &look, &err));
    ck_assert_int_eq(sk_X509_num(look.presented), 1);
    ck_assert_str_eq(look.endpoint, json_string_value(value));
    ck_assert_ptr_nonnull(look.tls_version);
    json_decref(value);
    server_stop(server);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_text_gives_chain_and_fingerprint);
    tcase_add_test(tests, a_fingerprint_gives_no_chain);
    tcase_add_test(tests, an_id_needs_a_login);
    tcase_add_test(tests, a_text_without_certificate_is_told_where_it_stands);
    tcase_add_test(tests, an_endpoint_is_looked_at);
    tcase_add_test(tests, an_endpoint_that_is_dead_is_named);
    tcase_add_test(tests, a_look_keeps_what_was_presented);
}

int main(void) {
    return unit_run_tests("reference", add);
}
