/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys: every form they come in, and none of their text in an error. */
#include "x509/key.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "x509_fixture.h"

static EVP_PKEY *rsa;
static EVP_PKEY *ec;

static EVP_PKEY *read_key(const char *pem, const char *passphrase, struct error *err) {
    auto_secret struct secret *secret = passphrase != NULL ? secret_new(passphrase, strlen(passphrase), false) : NULL;
    return key_read_pem(pem, strlen(pem), secret, err);
}

static void expect_key(const char *pem, const char *passphrase, EVP_PKEY *same) {
    auto_error struct error err = {0};
    auto_pkey EVP_PKEY *key = read_key(pem, passphrase, &err);
    ck_ok(key != NULL, err);
    ck_assert(key_equal_public(key, same));
    ck_assert_uint_eq(ERR_peek_error(), 0);
}

static void expect_error(const char *pem, const char *passphrase, enum error_code code) {
    auto_error struct error err = {0};
    ck_assert_ptr_null(read_key(pem, passphrase, &err));
    ck_assert_msg(err.code == code, "%s: %s", error_info(err.code)->name, err.problem.detail);
    /* No line of the key's text may be quoted. */
    for (const char *line = pem; (line = strchr(line, '\n')) != NULL; line++) {
        char part[17] = "";
        snprintf(part, sizeof part, "%.16s", line + 1);
        ck_assert(strlen(part) < 16 || part[0] == '-' || strstr(err.problem.detail, part) == NULL);
    }
    ck_assert_uint_eq(ERR_peek_error(), 0);
}

enum form { PKCS8, PKCS1_OR_SEC1, PKCS8_ENCRYPTED, OLD_ENCRYPTED };

static char *written(EVP_PKEY *key, enum form form) {
    BIO *bio = BIO_new(BIO_s_mem());
    unsigned char word[] = "secret word";
    int length = (int)sizeof word - 1;
    int ok = form == PKCS8           ? PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)
             : form == PKCS1_OR_SEC1 ? PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL)
             : form == PKCS8_ENCRYPTED
                 ? PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_256_cbc(), (char *)word, length, NULL, NULL)
                 : PEM_write_bio_PrivateKey_traditional(bio, key, EVP_aes_128_cbc(), word, length, NULL, NULL);
    ck_assert_int_eq(ok, 1);
    char *bytes;
    long size = BIO_get_mem_data(bio, &bytes);
    char *text = mem_strndup(bytes, (size_t)size);
    BIO_free(bio);
    return text;
}

START_TEST(test_generated_keys_fit) {
    static const struct key_spec specs[] = {{.ec = true, .curve = "P-256"},
                                            {.ec = true, .curve = "P-384"},
                                            {.ec = true, .curve = "P-521"},
                                            {.bits = 2048}};
    static const int bits[] = {256, 384, 521, 2048};
    for (size_t i = 0; i < 4; i++) {
        auto_pkey EVP_PKEY *key = fixture_key(&specs[i]);
        const char *type;
        const char *curve;
        int size;
        key_facts(key, &type, &size, &curve);
        ck_assert_str_eq(type, specs[i].ec ? "ec" : "rsa");
        ck_assert_int_eq(size, bits[i]);
        if (specs[i].ec)
            ck_assert_str_eq(curve, specs[i].curve);
        else
            ck_assert_ptr_null(curve);
        for (size_t k = 0; k < 4; k++)
            ck_assert(key_fits_spec(key, &specs[k]) == (i == k));
    }
}
END_TEST

START_TEST(test_every_form_is_read) {
    EVP_PKEY *keys[] = {rsa, ec};
    for (size_t i = 0; i < 2; i++)
        for (enum form form = PKCS8; form <= OLD_ENCRYPTED; form++) {
            auto_text char *pem = written(keys[i], form);
            expect_key(pem, form >= PKCS8_ENCRYPTED ? "secret word" : NULL, keys[i]);
            if (form < PKCS8_ENCRYPTED) {
                expect_key(pem, "not needed", keys[i]);
                continue;
            }
            expect_error(pem, NULL, ERROR_PASSPHRASE_WRONG);
            expect_error(pem, "wrong", ERROR_PASSPHRASE_WRONG);
            expect_error(pem, "", ERROR_PASSPHRASE_WRONG);
        }
}
END_TEST

START_TEST(test_passphrase_longer_than_openssl_takes) {
    auto_text char *pem = written(ec, PKCS8_ENCRYPTED);
    char word[4096];
    memset(word, 'x', sizeof word);
    word[sizeof word - 1] = '\0';
    expect_error(pem, word, ERROR_PASSPHRASE_WRONG);
}
END_TEST

START_TEST(test_other_blocks_and_text_are_skipped) {
    auto_text char *pem = written(rsa, PKCS8);
    auto_text char *text =
        mem_printf("\xef\xbb\xbf"
                   "Bag Attributes\n  friendlyName: nsx\n"
                   "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
                   "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n%sgr\xc3\xbc\xc3\x9f",
                   pem);
    expect_key(text, NULL, rsa);
}
END_TEST

/* The text with every line end replaced; `with` may be "". */
static char *with_line_ends(const char *pem, const char *with) {
    struct buf out = {0};
    for (const char *c = pem; *c != '\0'; c++)
        if (*c == '\n')
            buf_add_text(&out, with);
        else
            buf_add(&out, c, 1);
    return buf_take(&out);
}

START_TEST(test_line_ends) {
    EVP_PKEY *keys[] = {rsa, ec};
    for (size_t i = 0; i < 2; i++) {
        auto_text char *pem = written(keys[i], PKCS8);
        static const char *const ends[] = {"\r\n", "\r", " ", "", "\n\n", " \t\r\n "};
        for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
            auto_text char *text = with_line_ends(pem, ends[k]);
            expect_key(text, NULL, keys[i]);
        }
        auto_text char *old = written(keys[i], OLD_ENCRYPTED);
        auto_text char *crlf = with_line_ends(old, "\r\n");
        expect_key(crlf, "secret word", keys[i]);
    }
}
END_TEST

START_TEST(test_damaged_and_unsupported) {
    expect_error("", NULL, ERROR_INVALID_PRIVATE_KEY);
    expect_error("no key here", NULL, ERROR_INVALID_PRIVATE_KEY);
    expect_error("-----BEGIN PRIVATE KEY-----\n", NULL, ERROR_INVALID_PRIVATE_KEY);
    expect_error("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", NULL, ERROR_INVALID_PRIVATE_KEY);
    expect_error("-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n", NULL, ERROR_INVALID_PRIVATE_KEY);
    expect_error("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", NULL, ERROR_INVALID_PRIVATE_KEY);
    auto_text char *pem = written(rsa, PKCS8);
    auto_text char *cut = mem_strndup(pem, strlen(pem) / 2);
    expect_error(cut, NULL, ERROR_INVALID_PRIVATE_KEY);
    pem[200] = pem[200] == 'A' ? 'B' : 'A';
    pem[30] = pem[30] == 'A' ? 'B' : 'A';
    expect_error(pem, NULL, ERROR_INVALID_PRIVATE_KEY);
    EVP_PKEY *odd = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    auto_text char *ed25519 = written(odd, PKCS8);
    expect_error(ed25519, NULL, ERROR_INVALID_PRIVATE_KEY);
    EVP_PKEY_free(odd);
    auto_buf struct buf big = {0};
    buf_add_text(&big, "-----BEGIN PRIVATE KEY-----\n");
    for (int i = 0; i < 300; i++)
        buf_add_text(&big, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
    buf_add_text(&big, "-----END PRIVATE KEY-----\n");
    expect_error(buf_text(&big), NULL, ERROR_INVALID_PRIVATE_KEY);
}
END_TEST

START_TEST(test_explicit_curve_is_refused) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    ck_assert_int_eq(EVP_PKEY_keygen_init(context), 1);
    ck_assert_int_eq(EVP_PKEY_CTX_set_group_name(context, "P-256"), 1);
    ck_assert_int_eq(EVP_PKEY_CTX_set_ec_param_enc(context, OPENSSL_EC_EXPLICIT_CURVE), 1);
    ck_assert_int_eq(EVP_PKEY_keygen(context, &key), 1);
    auto_text char *pem = written(key, PKCS8);
    expect_error(pem, NULL, ERROR_INVALID_PRIVATE_KEY);
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(context);
}
END_TEST

START_TEST(test_written_form) {
    EVP_PKEY *keys[] = {rsa, ec};
    for (size_t i = 0; i < 2; i++) {
        auto_buf struct buf pem = {0};
        ck_assert(key_write_pem(keys[i], &pem));
        ck_assert_int_eq(strncmp(pem.bytes, "-----BEGIN PRIVATE KEY-----\n", 28), 0);
        ck_assert_str_eq(pem.bytes + pem.length - 26, "-----END PRIVATE KEY-----\n");
        ck_assert_ptr_null(strchr(pem.bytes, '\r'));
        ck_assert_uint_le(strcspn(pem.bytes + 28, "\n"), 64);
        expect_key(pem.bytes, NULL, keys[i]);
    }
}
END_TEST

START_TEST(test_public_fingerprint) {
    auto_x509 X509 *cert = fixture_cert(&(struct fixture_cert){.common_name = "x", .key = ec});
    char of_key[KEY_FINGERPRINT_SIZE];
    char of_cert[KEY_FINGERPRINT_SIZE];
    ck_assert(key_public_sha256(ec, of_key));
    ck_assert(cert_public_sha256(cert, of_cert));
    ck_assert_str_eq(of_key, of_cert);
    ck_assert_uint_eq(strlen(of_key), 44);
    ck_assert(!key_equal_public(ec, rsa));
    ck_assert(!key_equal_public(NULL, rsa));
}
END_TEST

static void sweep(const char *pem, const struct secret *passphrase) {
    auto_error struct error warm = {0};
    auto_pkey EVP_PKEY *first = key_read_pem(pem, strlen(pem), passphrase, &warm);
    ck_ok(first != NULL, warm);
    bool done = false;
    /* Reading a key makes thousands of allocations: all of the first 100, then every so often. */
    for (unsigned long nth = 1; !done; nth += 1 + nth / 100 * nth / 200) {
        auto_error struct error err = {0};
        auto_buf struct buf out = {0};
        char pin[KEY_FINGERPRINT_SIZE];
        mem_fail_after(nth);
        auto_pkey EVP_PKEY *key = key_read_pem(pem, strlen(pem), passphrase, &err);
        bool whole = key != NULL && key_write_pem(key, &out) && key_public_sha256(key, pin);
        done = mem_count() < nth;
        mem_fail_after(0);
        ck_assert(!done || whole);
        ck_assert_msg(key != NULL || err.code == ERROR_OUT_OF_MEMORY, "%lu: %s", nth, err.problem.detail);
    }
}

START_TEST(test_no_memory_reading) {
    auto_text char *plain = written(rsa, PKCS8);
    auto_text char *locked = written(ec, PKCS8_ENCRYPTED);
    auto_secret struct secret *word = secret_new("secret word", 11, false);
    sweep(plain, NULL);
    sweep(locked, word);
}
END_TEST

START_TEST(test_no_memory_making) {
    const struct key_spec spec = {.ec = true, .curve = "P-256"};
    auto_pkey EVP_PKEY *warm_up = fixture_key(&spec);
    bool done = false;
    for (unsigned long nth = 1; !done; nth++) {
        auto_error struct error err = {0};
        mem_fail_after(nth);
        auto_pkey EVP_PKEY *key = key_generate(&spec, &err);
        done = mem_count() < nth;
        mem_fail_after(0);
        ck_assert(key != NULL ? err.code == ERROR_NONE : err.code == ERROR_OUT_OF_MEMORY);
        ck_assert(!done || key != NULL);
    }
}
END_TEST

static void make_keys(void) {
    rsa = fixture_key(&(struct key_spec){.bits = 2048});
    ec = fixture_ec();
}
static void free_keys(void) {
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
}

FIXTURE_MAIN_WITH(make_keys, free_keys, "key", test_generated_keys_fit, test_every_form_is_read,
                  test_passphrase_longer_than_openssl_takes, test_other_blocks_and_text_are_skipped, test_line_ends,
                  test_damaged_and_unsupported, test_explicit_curve_is_refused, test_written_form,
                  test_public_fingerprint, test_no_memory_reading, test_no_memory_making)
