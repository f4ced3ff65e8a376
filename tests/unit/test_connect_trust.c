/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/connect_trust and op/connect: what a request trusts, and whom it talks to. */
#include "op/connect_trust.h"

#include <unistd.h>

#include "unit.h"
#include "x509_fixture.h"
#include "json/get.h"

static X509 *first, *second, *ca, *signed_leaf;
static char *first_pem, *ca_pem;
static char folder[64], path[96], previous[112];

static char *pem_of(X509 *cert) {
    auto_buf struct buf out = {0};
    ck_assert(cert_write_pem(cert, &out));
    return buf_take(&out);
}

static void write_file(const char *name, const char *text) {
    FILE *file = fopen(name, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static X509 *self_signed(const char *name) {
    EVP_PKEY *key = fixture_ec();
    auto_text char *san = mem_printf("subjectAltName=DNS:%s", name);
    X509 *cert = fixture_cert(&(struct fixture_cert){.common_name = name, .key = key, .extensions = {san}});
    EVP_PKEY_free(key);
    return cert;
}

static void set_up(void) {
    EVP_PKEY *ca_key = fixture_ec();
    EVP_PKEY *key = fixture_ec();
    first = self_signed("first.test");
    second = self_signed("second.test");
    ca = fixture_ca("Test Root", ca_key, NULL, NULL);
    signed_leaf = fixture_cert(
        &(struct fixture_cert){.common_name = "nsx.test",
                               .key = key,
                               .issuer = ca,
                               .issuer_key = ca_key,
                               .extensions = {"subjectAltName=DNS:nsx.test", "extendedKeyUsage=serverAuth"}});
    first_pem = pem_of(first);
    ca_pem = pem_of(ca);
    snprintf(folder, sizeof folder, "/tmp/nsxcert-unit-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/nsx.crt", folder);
    snprintf(previous, sizeof previous, "%s.previous", path);
    EVP_PKEY_free(ca_key);
    EVP_PKEY_free(key);
}

static void tear_down(void) {
    X509_free(first);
    X509_free(second);
    X509_free(ca);
    X509_free(signed_leaf);
    mem_free(first_pem);
    mem_free(ca_pem);
    unlink(path);
    unlink(previous);
    rmdir(folder);
}

/* Trust of `tls` (single quotes) with that own source; NULL with the error's code in *ret_code. */
static struct trust *trust_of(struct run *run, const char *tls, json_t *own, enum error_code *ret_code) {
    auto_error struct error err = {0};
    json_t *json = unit_json(tls);
    const struct connect_options options = {.own = {own}};
    struct trust *trust = connect_trust(run, json, &options, &err);
    *ret_code = err.code;
    json_decref(json);
    return trust;
}

static enum trust_kind judge(const struct trust *trust, X509 *leaf, const char *host) {
    return trust_judge(trust, leaf, NULL, host).by;
}

START_TEST(test_own_certificates) {
    struct run run = {0};
    enum error_code code;
    write_file(path, first_pem);
    auto_text char *second_pem = pem_of(second);
    write_file(previous, second_pem);
    json_t *own = json_pack("{s:s}", "file", path);
    auto_trust struct trust *trust = trust_of(&run,
                                              "{'pin_sha256': ['" /* somebody else's */
                                              "0000000000000000000000000000000000000000000000000000000000000000']}",
                                              own, &code);
    ck_assert_int_eq(code, ERROR_NONE);
    ck_assert_int_eq(judge(trust, first, "192.0.2.1"), TRUST_REQUEST);
    ck_assert_int_eq(judge(trust, second, "192.0.2.1"), TRUST_REQUEST);
    ck_assert_int_eq(judge(trust, signed_leaf, "nsx.test"), TRUST_NONE);
    json_decref(own);
}
END_TEST

START_TEST(test_own_that_was_read_already_is_not_read_again) {
    struct run run = {0};
    auto_error struct error err = {0};
    unsigned char sha256[CERT_SHA256_SIZE];
    ck_assert(cert_sha256(second, sha256));
    write_file(path, first_pem);
    write_file(previous, ca_pem);
    json_t *own = json_pack("{s:s}", "file", path);
    const struct connect_options options = {.own = {own}, .own_sha256 = sha256};
    json_t *tls = unit_json("{'system': false}");
    auto_trust struct trust *trust = connect_trust(&run, tls, &options, &err);
    ck_assert_int_eq(judge(trust, second, "192.0.2.1"), TRUST_REQUEST);
    ck_assert_int_eq(judge(trust, ca, "192.0.2.1"), TRUST_REQUEST);
    ck_assert_int_eq(judge(trust, first, "192.0.2.1"), TRUST_NONE);
    json_decref(own);
    json_decref(tls);
}
END_TEST

START_TEST(test_own_that_is_damaged_or_missing_adds_nothing) {
    struct run run = {0};
    enum error_code code;
    const char *const owns[] = {"{'file': '/no/such/file'}", "{'env': 'NO_SUCH_VARIABLE'}", "'damaged'",
                                "{'certificate_id': 'x'}", "{'endpoint': 'nsx.test'}"};
    for (size_t i = 0; i < sizeof owns / sizeof *owns; i++) {
        json_t *own = unit_json(owns[i]);
        auto_trust struct trust *trust = trust_of(&run, "{'system': false}", own, &code);
        ck_assert_int_eq(code, ERROR_NONE);
        ck_assert(trust_is_empty(trust));
        json_decref(own);
    }
}
END_TEST

START_TEST(test_own_told_by_its_fingerprint) {
    struct run run = {0};
    enum error_code code;
    char hex[CERT_HEX_SIZE];
    ck_assert(cert_fingerprint(first, hex));
    json_t *own = json_pack("{s:s}", "fingerprint_sha256", hex);
    auto_trust struct trust *trust = trust_of(&run, "{'system': false}", own, &code);
    ck_assert_int_eq(code, ERROR_NONE);
    ck_assert_int_eq(judge(trust, first, "192.0.2.1"), TRUST_REQUEST);
    ck_assert_int_eq(judge(trust, second, "second.test"), TRUST_NONE);
    json_decref(own);
}
END_TEST

START_TEST(test_ca) {
    struct run run = {0};
    enum error_code code;
    write_file(path, ca_pem);
    auto_text char *tls = mem_printf("{'ca': [{'file': '%s'}]}", path);
    auto_trust struct trust *trust = trust_of(&run, tls, NULL, &code);
    ck_assert_int_eq(code, ERROR_NONE);
    ck_assert_int_eq(judge(trust, signed_leaf, "nsx.test"), TRUST_CA);
    ck_assert_int_eq(judge(trust, signed_leaf, "other.test"), TRUST_NONE);
}
END_TEST

START_TEST(test_bundle) {
    struct run run = {0};
    enum error_code code;
    auto_text char *both = mem_printf("# a comment\n%s\ntext\n%s", first_pem, ca_pem);
    write_file(path, both);
    auto_text char *tls = mem_printf("{'ca': [{'file': '%s'}]}", path);
    auto_trust struct trust *trust = trust_of(&run, tls, NULL, &code);
    ck_assert_int_eq(code, ERROR_NONE);
    ck_assert_int_eq(judge(trust, signed_leaf, "nsx.test"), TRUST_CA);
}
END_TEST

START_TEST(test_missing_ca) {
    struct run run = {0};
    enum error_code code;
    ck_assert_ptr_null(trust_of(&run, "{'ca': [{'file': '/no/such/ca'}]}", NULL, &code));
    ck_assert_int_eq(code, ERROR_SOURCE_UNAVAILABLE);
    json_t *own = json_string(first_pem);
    auto_trust struct trust *trust =
        trust_of(&run, "{'ca': [{'file': '/no/such/ca'}, {'file': '/no/other'}]}", own, &code);
    ck_assert_int_eq(code, ERROR_NONE);
    ck_assert_uint_eq(run.warnings.count, 1);
    ck_assert_str_eq(run.warnings.items[0].code, "ca-not-yet");
    ck_assert_str_eq(run.warnings.items[0].pointer, "/manager/tls/ca/0");
    ck_assert_int_eq(judge(trust, first, "x"), TRUST_REQUEST);
    json_decref(own);
    problems_done(&run.warnings);
}
END_TEST

START_TEST(test_damaged_ca) {
    struct run run = {0};
    enum error_code code;
    ck_assert_ptr_null(trust_of(&run, "{'ca': ['no PEM']}", NULL, &code));
    ck_assert_int_eq(code, ERROR_INVALID_CERTIFICATE);
    auto_text char *torn = mem_printf("%s-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", ca_pem);
    json_t *tls = json_pack("{s:[s]}", "ca", torn);
    auto_error struct error err = {0};
    ck_assert_ptr_null(connect_trust(&run, tls, &(struct connect_options){0}, &err));
    ck_assert_int_eq(err.code, ERROR_INVALID_CERTIFICATE);
    json_decref(tls);
}
END_TEST

START_TEST(test_pin_and_insecure) {
    struct run run = {0};
    enum error_code code;
    char hex[CERT_HEX_SIZE];
    ck_assert(cert_fingerprint(second, hex));
    auto_text char *tls = mem_printf("{'pin_sha256': ['%s']}", hex);
    auto_trust struct trust *pinned = trust_of(&run, tls, NULL, &code);
    ck_assert_int_eq(judge(pinned, second, "x"), TRUST_PIN);
    ck_assert_int_eq(judge(pinned, first, "first.test"), TRUST_NONE);
    ck_assert_uint_eq(run.warnings.count, 0);
    auto_trust struct trust *anybody = trust_of(&run, "{'insecure': true}", NULL, &code);
    ck_assert_int_eq(judge(anybody, first, "x"), TRUST_INSECURE);
    ck_assert(problems_have(&run.warnings, "insecure"));
    problems_done(&run.warnings);
}
END_TEST

/* -- op/connect -- */

static struct connection *open_with(struct run *run, const char *manager, enum error_code *ret_code) {
    json_t *request = json_object();
    put_take(request, "manager", unit_json(manager));
    *run = (struct run){.request = request, .deadline = deadline_after_ms(1000)};
    auto_error struct error err = {0};
    struct connection *connection = connect_open(run, &(struct connect_options){0}, &err);
    *ret_code = err.code;
    return connection;
}

static void close_run(struct run *run, struct connection *connection) {
    connect_close(connection);
    mem_free(run->target_address);
    problems_done(&run->warnings);
    json_decref((json_t *)run->request);
}

START_TEST(test_endpoints) {
    struct run run;
    enum error_code code;
    struct connection *connection = open_with(
        &run,
        "{'address': '[2001:DB8::1]:8443', 'server_name': 'nsx.test',"
        "'nodes': ['192.0.2.11', {'address': 'b.test:443', 'server_name': 'x.test'}], 'tls': {'system': true}}",
        &code);
    ck_assert_int_eq(code, ERROR_NONE);
    ck_assert_str_eq(run.target_address, "[2001:DB8::1]:8443");
    ck_assert_str_eq(connection->address.host, "2001:db8::1");
    ck_assert_str_eq(connection->address.server_name, "nsx.test");
    ck_assert_uint_eq(connection->node_count, 2);
    ck_assert_int_eq(connection->nodes[0].port, 8443);
    ck_assert_ptr_null(connection->nodes[0].server_name);
    ck_assert_int_eq(connection->nodes[1].port, 443);
    ck_assert_str_eq(connection->nodes[1].server_name, "x.test");
    ck_assert_int_eq(connection->auth.kind, AUTH_NONE);
    ck_assert_ptr_null(connect_proxy(connection));
    close_run(&run, connection);
}
END_TEST

START_TEST(test_ways_to_log_in) {
    const struct {
        const char *auth;
        enum auth_kind kind;
    } ways[] = {
        {"{'username': 'a', 'password': 'p', 'scheme': 'basic'}", AUTH_BASIC},
        {"{'username': 'a', 'password': 'p', 'scheme': 'session'}", AUTH_SESSION},
        {"{'username': 'a', 'password': 'p', 'scheme': 'remote'}", AUTH_REMOTE},
        {"{'token': 't'}", AUTH_TOKEN},
        {"{'client_certificate': 'c', 'client_key': 'k'}", AUTH_CLIENT_CERTIFICATE},
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct run run;
        enum error_code code;
        auto_text char *manager =
            mem_printf("{'address': 'nsx.test', 'auth': %s, 'proxy': {'url': 'http://p:1', 'username': 'u',"
                       "'password': 'q'}}",
                       ways[i].auth);
        struct connection *connection = open_with(&run, manager, &code);
        ck_assert_int_eq(code, ERROR_NONE);
        ck_assert_int_eq(connection->auth.kind, ways[i].kind);
        ck_assert_str_eq(connect_proxy(connection)->username, "u");
        close_run(&run, connection);
    }
}
END_TEST

START_TEST(test_unset_secret) {
    struct run run;
    enum error_code code;
    struct connection *connection =
        open_with(&run, "{'address': 'nsx.test', 'auth': {'username': 'a', 'password': {'env': 'NO_SUCH_VARIABLE'}}}",
                  &code);
    ck_assert_ptr_null(connection);
    ck_assert_int_eq(code, ERROR_SECRET_UNAVAILABLE);
    close_run(&run, connection);
}
END_TEST

FIXTURE_MAIN_WITH(set_up, tear_down, "connect", test_own_certificates, test_own_told_by_its_fingerprint,
                  test_own_that_was_read_already_is_not_read_again, test_own_that_is_damaged_or_missing_adds_nothing,
                  test_ca, test_bundle, test_missing_ca, test_damaged_ca, test_pin_and_insecure, test_endpoints,
                  test_ways_to_log_in, test_unset_secret)
