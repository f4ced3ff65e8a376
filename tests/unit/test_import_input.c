/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/import_input: names, keys, and the form that is sent. */
#include "op/import_input.h"

#include "x509_fixture.h"
#include "json/get.h"

static char *leaf_pem, *key_pem, *other_key_pem, *date;

static char *write_key(EVP_PKEY *key) {
    auto_buf struct buf out = {0};
    ck_assert(key_write_pem(key, &out));
    return buf_take(&out);
}

static X509 *make_leaf(EVP_PKEY *key, const char *names) {
    auto_error struct error err = {0};
    struct san san = fixture_san(names);
    struct cert_spec spec = fixture_spec("vip.test", &san);
    X509 *leaf = cert_make(&spec, key, NULL, NULL, &err);
    ck_ok(leaf != NULL, err);
    san_done(&san);
    return leaf;
}

static void set_up(void) {
    EVP_PKEY *key = fixture_key(&(struct key_spec){.bits = 2048});
    EVP_PKEY *other = fixture_ec();
    X509 *leaf = make_leaf(key, "vip.test 192.0.2.10");
    auto_buf struct buf out = {0};
    ck_assert(cert_write_pem(leaf, &out));
    leaf_pem = buf_take(&out);
    key_pem = write_key(key);
    other_key_pem = write_key(other);
    char text[CLOCK_TEXT_SIZE];
    date = mem_strndup(clock_format(cert_not_before(leaf), text), 10);
    X509_free(leaf);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

static void tear_down(void) {
    mem_free(leaf_pem);
    mem_free(key_pem);
    mem_free(other_key_pem);
    mem_free(date);
}

/* Parameters of those values; NULL leaves one out. */
static json_t *parameters(const char *certificate, const char *key, const char *name) {
    json_t *json = json_object();
    put_text(json, "certificate", certificate);
    if (key != NULL)
        put_text(json, "private_key", key);
    if (name != NULL)
        put_text(json, "display_name", name);
    return json;
}

static enum error_code read_input(json_t *json, struct import_input *input, const char **ret_pointer) {
    static char pointer[64];
    auto_error struct error err = {0};
    bool ok = import_input_read(json, input, &err);
    ck_assert(ok == (err.code == ERROR_NONE));
    snprintf(pointer, sizeof pointer, "%s", err.problem.pointer == NULL ? "" : err.problem.pointer);
    if (ret_pointer != NULL)
        *ret_pointer = pointer;
    json_decref(json);
    return err.code;
}

START_TEST(test_default_name_and_sent_form) {
    struct import_input input = {0};
    auto_text char *text = mem_printf("Bag Attributes\n%s\n%s", key_pem, leaf_pem);
    ck_assert_int_eq(read_input(parameters(text, NULL, NULL), &input, NULL), ERROR_NONE);
    auto_text char *name = mem_printf("vip.test-%.12s", input.fingerprint);
    ck_assert_str_eq(input.display_name, name);
    ck_assert(input.name_has_mark);
    ck_assert_str_eq(buf_text(&input.certificate_pem), leaf_pem);
    ck_assert_str_eq(secret_reveal(input.key_pem), key_pem);
    ck_assert(!input.chain.has_key);
    import_input_done(&input);
}
END_TEST

START_TEST(test_names) {
    const struct {
        const char *given, *expected; /* F, D: fingerprint, date */
        bool marked;
    } names[] = {
        {"nsx", "nsx", false},
        {"{fingerprint}", "F", true},
        {"a{not_before}b{fingerprint}c", "aDbFc", true},
        {"{finger}", "{finger}", false},
        {"{{not_before}}", "{D}", true},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct import_input input = {0};
        ck_assert_int_eq(read_input(parameters(leaf_pem, key_pem, names[i].given), &input, NULL), ERROR_NONE);
        auto_buf struct buf expected = {0};
        for (const char *at = names[i].expected; *at != '\0'; at++) {
            if (*at == 'F')
                buf_add(&expected, input.fingerprint, 12);
            else if (*at == 'D')
                buf_add_text(&expected, date);
            else
                buf_add(&expected, at, 1);
        }
        ck_assert_str_eq(input.display_name, buf_text(&expected));
        ck_assert(input.name_has_mark == names[i].marked);
        import_input_done(&input);
    }
}
END_TEST

START_TEST(test_name_that_gets_too_long) {
    char name[256];
    memset(name, 'x', sizeof name);
    snprintf(name + 243, sizeof name - 243, "{not_before}");
    struct import_input input = {0};
    const char *pointer;
    ck_assert_int_eq(read_input(parameters(leaf_pem, key_pem, name), &input, &pointer), ERROR_NONE); /* 253 bytes */
    import_input_done(&input);
    memset(name, 'x', 243);
    auto_text char *longer = mem_printf("xxx%s", name);
    input = (struct import_input){0};
    ck_assert_int_eq(read_input(parameters(leaf_pem, key_pem, longer), &input, &pointer), ERROR_INVALID_VALUE);
    ck_assert_str_eq(pointer, "/parameters/display_name");
    import_input_done(&input);
}
END_TEST

START_TEST(test_refusals) {
    const struct {
        const char *certificate, *key, *pointer;
        enum error_code code;
    } cases[] = {
        {leaf_pem, other_key_pem, "/parameters/private_key", ERROR_KEY_MISMATCH},
        {leaf_pem, NULL, "/parameters/private_key", ERROR_INVALID_PRIVATE_KEY},
        {leaf_pem, "nothing", "/parameters/private_key", ERROR_INVALID_PRIVATE_KEY},
        {"nothing", key_pem, "/parameters/certificate", ERROR_INVALID_CERTIFICATE},
        {key_pem, key_pem, "/parameters/certificate", ERROR_INVALID_CERTIFICATE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct import_input input = {0};
        const char *pointer;
        ck_assert_int_eq(read_input(parameters(cases[i].certificate, cases[i].key, NULL), &input, &pointer),
                         cases[i].code);
        ck_assert_str_eq(pointer, cases[i].pointer);
        import_input_done(&input);
    }
}
END_TEST

START_TEST(test_not_yet) {
    json_t *json = json_object();
    const char *pointer = NULL;
    put_take(json, "certificate", json_pack("{s:s}", "file", "/dev/null"));
    put_text(json, "private_key", "x");
    ck_assert_ptr_null(import_input_not_yet(json, &pointer));
    put_take(json, "private_key", json_pack("{s:s}", "file", "/no/such.key"));
    ck_assert_str_eq(import_input_not_yet(json, &pointer), "/no/such.key");
    ck_assert_str_eq(pointer, "/parameters/private_key");
    json_decref(json);
}
END_TEST

static void lint_as(const char *mode, enum error_code code, bool warned) {
    struct import_input input = {0};
    auto_error struct error err = {0};
    EVP_PKEY *key = fixture_key(&(struct key_spec){.bits = 2048});
    X509 *unfit = fixture_cert(
        &(struct fixture_cert){.common_name = "vip.test",
                               .key = key,
                               .extensions = {"basicConstraints=critical,CA:TRUE", "subjectAltName=DNS:vip.test"}});
    ck_assert(X509_up_ref(unfit));
    input.chain = (struct chain){.certs = {unfit}, .count = 1};
    input.key = key;
    json_t *json = json_pack("{s:s}", "lint", mode);
    struct run run = {.parameters = json};
    ck_assert(import_input_lint(&input, (struct lint_version){4, 1, 0}, &run, &err) == (code == ERROR_NONE));
    ck_assert_int_eq(err.code, code);
    ck_assert(problems_have(&run.warnings, "is-ca") == warned);
    ck_assert(problems_have(&err.errors, "is-ca") != warned);
    for (size_t i = 0; i < run.warnings.count; i++)
        ck_assert_int_ne(run.warnings.items[i].severity, SEVERITY_ERROR);
    problems_done(&run.warnings);
    json_decref(json);
    import_input_done(&input);
    X509_free(unfit);
}

START_TEST(test_lint) {
    lint_as("enforce", ERROR_CERTIFICATE_UNFIT, false);
    lint_as("warn", ERROR_NONE, true);
}
END_TEST

FIXTURE_MAIN_WITH(set_up, tear_down, "import_input", test_default_name_and_sent_form, test_names,
                  test_name_that_gets_too_long, test_refusals, test_not_yet, test_lint)
