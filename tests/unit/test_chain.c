/* SPDX-License-Identifier: Apache-2.0 */
/* Chains: every form of PEM text, and the order in which certificates hang together. */
#include "x509/chain.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "x509_fixture.h"

/* Root → Middle → Leaf, and the root once more, cross-signed by Old. */
static EVP_PKEY *old_key, *root_key, *middle_key, *leaf_key;
static X509 *old, *root, *cross, *middle, *leaf;

static X509 *issue(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key) {
    return fixture_cert(
        &(struct fixture_cert){.common_name = name,
                               .key = key,
                               .issuer = issuer,
                               .issuer_key = issuer_key,
                               .extensions = {"basicConstraints=CA:FALSE", "authorityKeyIdentifier=keyid"}});
}

static void make_all(void) {
    old_key = fixture_ec();
    root_key = fixture_ec();
    middle_key = fixture_ec();
    leaf_key = fixture_ec();
    old = fixture_ca("Old", old_key, NULL, NULL);
    root = fixture_ca("Root", root_key, NULL, NULL);
    cross = fixture_ca("Root", root_key, old, old_key);
    middle = fixture_ca("Middle", middle_key, root, root_key);
    leaf = issue("leaf", leaf_key, middle, middle_key);
}

static void free_all(void) {
    X509 *certs[] = {old, root, cross, middle, leaf};
    EVP_PKEY *keys[] = {old_key, root_key, middle_key, leaf_key};
    for (size_t i = 0; i < 5; i++)
        X509_free(certs[i]);
    for (size_t i = 0; i < 4; i++)
        EVP_PKEY_free(keys[i]);
}

static struct chain read_text(const char *pem, EVP_PKEY *key) {
    auto_error struct error err = {0};
    struct chain chain = {0};
    ck_ok(chain_read_pem(pem, strlen(pem), key, &chain, &err), err);
    ck_assert_uint_eq(ERR_peek_error(), 0);
    return chain;
}

/* `given` and `wanted` end with NULL. */
static struct chain expect_order(X509 *const *given, X509 *const *wanted, EVP_PKEY *key) {
    auto_buf struct buf pem = {0};
    for (size_t i = 0; given[i] != NULL; i++)
        ck_assert(cert_write_pem(given[i], &pem));
    struct chain chain = read_text(pem.bytes, key);
    size_t count = 0;
    for (; wanted[count] != NULL; count++) {
        ck_assert_uint_lt(count, chain.count);
        ck_assert_msg(X509_cmp(chain.certs[count], wanted[count]) == 0, "certificate %zu is another", count);
    }
    ck_assert_uint_eq(chain.count, count);
    return chain;
}
#define LIST(...)         \
    (X509 *const[]) {     \
        __VA_ARGS__, NULL \
    }

START_TEST(test_order) {
    X509 *const *wanted = LIST(leaf, middle, root);
    X509 *const *orders[] = {LIST(leaf, middle, root), LIST(leaf, root, middle), LIST(middle, leaf, root),
                             LIST(middle, root, leaf), LIST(root, leaf, middle), LIST(root, middle, leaf)};
    for (size_t i = 0; i < 6; i++) {
        auto_chain struct chain chain = expect_order(orders[i], wanted, i % 2 == 0 ? leaf_key : NULL);
        ck_assert(chain.reordered == (i != 0));
        ck_assert(!chain.incomplete && !chain.unrelated && !chain.extra_text && !chain.has_key && !chain.alternatives);
        ck_assert_uint_eq(chain.path_count, 3);
        ck_assert(chain_last(&chain) == chain.certs[2]);
    }
}
END_TEST

START_TEST(test_incomplete) {
    auto_chain struct chain no_root = expect_order(LIST(leaf, middle), LIST(leaf, middle), NULL);
    ck_assert(no_root.incomplete && !no_root.unrelated);
    auto_chain struct chain alone = expect_order(LIST(leaf), LIST(leaf), NULL);
    ck_assert(alone.incomplete);
    auto_chain struct chain gap = expect_order(LIST(leaf, root), LIST(leaf, root), NULL);
    ck_assert(gap.incomplete && gap.unrelated);
    ck_assert_uint_eq(gap.path_count, 1);
    auto_chain struct chain ca = expect_order(LIST(root), LIST(root), NULL);
    ck_assert(!ca.incomplete);
}
END_TEST

START_TEST(test_cross_signed) {
    auto_chain struct chain both = expect_order(LIST(leaf, middle, cross, root, old), LIST(leaf, middle, root), NULL);
    ck_assert(!both.incomplete && !both.unrelated && both.alternatives);
    auto_chain struct chain longer = expect_order(LIST(old, cross, middle, leaf), LIST(leaf, middle, cross, old), NULL);
    ck_assert(!longer.incomplete && !longer.unrelated && !longer.alternatives);
    auto_chain struct chain cut = expect_order(LIST(leaf, middle, cross), LIST(leaf, middle, cross), NULL);
    ck_assert(cut.incomplete && !cut.alternatives);
}
END_TEST

START_TEST(test_same_name_other_key) {
    auto_pkey EVP_PKEY *key = fixture_ec();
    auto_x509 X509 *impostor = fixture_ca("Middle", key, root, root_key);
    auto_chain struct chain chain =
        expect_order(LIST(impostor, leaf, middle, root), LIST(leaf, middle, root, impostor), NULL);
    ck_assert(chain.unrelated && !chain.incomplete);
    ck_assert_uint_eq(chain.path_count, 3);
    auto_chain struct chain broken = expect_order(LIST(leaf, impostor, root), LIST(leaf, impostor, root), NULL);
    ck_assert(broken.unrelated && broken.incomplete);
    ck_assert_uint_eq(broken.path_count, 1);
}
END_TEST

START_TEST(test_same_name_without_key_identifiers) {
    auto_pkey EVP_PKEY *key = fixture_ec();
    struct fixture_cert want = {.common_name = "CA", .key = key, .extensions = {"basicConstraints=CA:TRUE"}};
    auto_x509 X509 *wrong = fixture_cert(&want);
    want.key = old_key;
    auto_x509 X509 *right = fixture_cert(&want);
    auto_x509 X509 *signed_by_right = fixture_cert(
        &(struct fixture_cert){.common_name = "x", .key = leaf_key, .issuer = right, .issuer_key = old_key});
    auto_chain struct chain chain =
        expect_order(LIST(signed_by_right, wrong, right), LIST(signed_by_right, right, wrong), NULL);
    ck_assert(chain.unrelated && !chain.incomplete);
}
END_TEST

START_TEST(test_duplicates_and_leaf_by_key) {
    auto_chain struct chain chain =
        expect_order(LIST(leaf, middle, leaf, root, middle), LIST(leaf, middle, root), NULL);
    ck_assert(!chain.reordered);
    auto_pkey EVP_PKEY *other_key = fixture_ec();
    auto_x509 X509 *other = issue("other", other_key, middle, middle_key);
    auto_chain struct chain by_key =
        expect_order(LIST(leaf, other, middle, root), LIST(other, middle, root, leaf), other_key);
    ck_assert(by_key.unrelated);
    auto_chain struct chain first =
        expect_order(LIST(leaf, other, middle, root), LIST(leaf, middle, root, other), NULL);
    ck_assert(first.unrelated);
}
END_TEST

START_TEST(test_signed_in_a_circle) {
    auto_x509 X509 *a = fixture_ca("A", old_key, NULL, NULL);
    auto_x509 X509 *b = fixture_ca("B", root_key, NULL, NULL);
    auto_x509 X509 *a_by_b = fixture_ca("A", old_key, b, root_key);
    auto_x509 X509 *b_by_a = fixture_ca("B", root_key, a, old_key);
    auto_chain struct chain chain = expect_order(LIST(a_by_b, b_by_a), LIST(a_by_b, b_by_a), NULL);
    ck_assert(chain.incomplete);
}
END_TEST

static char *pem_of(X509 *cert, const char *begin, const char *line_end, const char *end) {
    auto_buf struct buf pem = {0};
    struct buf out = {0};
    ck_assert(cert_write_pem(cert, &pem));
    const char *body = strchr(pem.bytes, '\n') + 1;
    buf_add_text(&out, begin);
    for (; *body != '-'; body++)
        if (*body == '\n')
            buf_add_text(&out, line_end);
        else
            buf_add(&out, body, 1);
    buf_add_text(&out, end);
    return buf_take(&out);
}

START_TEST(test_forms_of_text) {
    static const struct {
        const char *begin, *line_end, *end;
        bool extra_text;
    } rows[] = {
        {"-----BEGIN CERTIFICATE-----\n", "\n", "-----END CERTIFICATE-----\n", false},
        {"-----BEGIN CERTIFICATE-----\n", "\n", "-----END CERTIFICATE-----", false},
        {"-----BEGIN CERTIFICATE-----\r\n", "\r\n", "-----END CERTIFICATE-----\r\n", false},
        {"\n\n-----BEGIN CERTIFICATE-----\n", "", "\n-----END CERTIFICATE-----\n", false},
        {"-----BEGIN CERTIFICATE----- ", " ", "-----END CERTIFICATE-----", false},
        {"-----BEGIN X509 CERTIFICATE-----\n", "\n", "-----END X509 CERTIFICATE-----\n", false},
        {"-----BEGIN TRUSTED CERTIFICATE-----\n", "\n", "-----END TRUSTED CERTIFICATE-----\n", false},
        {"Bag Attributes\n    friendlyName: nsx\nsubject=CN = x\n-----BEGIN CERTIFICATE-----\n", "\n",
         "-----END CERTIFICATE-----\n", true},
        {"gr\xc3\xbc\xc3\x9f dich\n-----BEGIN CERTIFICATE-----\n", "\n", "-----END CERTIFICATE-----\n\xe2\x82\xac",
         true},
        {"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n-----BEGIN CERTIFICATE-----\n",
         "\n", "-----END CERTIFICATE-----\n", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_text char *text = pem_of(leaf, rows[i].begin, rows[i].line_end, rows[i].end);
        auto_chain struct chain chain = read_text(text, NULL);
        ck_assert_uint_eq(chain.count, 1);
        ck_assert_int_eq(X509_cmp(chain.certs[0], leaf), 0);
        ck_assert_msg(chain.extra_text == rows[i].extra_text, "row %zu", i);
        ck_assert(!chain.has_key);
    }
}
END_TEST

START_TEST(test_openssl_trusted_form) {
    BIO *bio = BIO_new(BIO_s_mem());
    auto_x509 X509 *copy = X509_dup(leaf);
    ck_assert_int_eq(X509_alias_set1(copy, (const unsigned char *)"nick", 4), 1);
    ck_assert_int_eq(PEM_write_bio_X509_AUX(bio, copy), 1);
    char *bytes;
    long size = BIO_get_mem_data(bio, &bytes);
    auto_text char *text = mem_strndup(bytes, (size_t)size);
    BIO_free(bio);
    auto_chain struct chain chain = read_text(text, NULL);
    auto_buf struct buf pem = {0};
    auto_buf struct buf plain = {0};
    ck_assert(chain_write_pem(&chain, &pem) && cert_write_pem(leaf, &plain));
    ck_assert_str_eq(pem.bytes, plain.bytes);
}
END_TEST

START_TEST(test_key_in_the_text) {
    auto_buf struct buf pem = {0};
    ck_assert(key_write_pem(leaf_key, &pem) && cert_write_pem(leaf, &pem));
    auto_chain struct chain chain = read_text(pem.bytes, NULL);
    ck_assert(chain.has_key && !chain.extra_text);
    auto_buf struct buf out = {0};
    ck_assert(chain_write_pem(&chain, &out));
    ck_assert_ptr_null(strstr(out.bytes, "PRIVATE"));
}
END_TEST

static void expect_refusal(const char *pem, size_t length, const char *part) {
    auto_error struct error err = {0};
    struct chain chain = {0};
    ck_assert(!chain_read_pem(pem, length, NULL, &chain, &err));
    ck_assert_int_eq(err.code, ERROR_INVALID_CERTIFICATE);
    ck_assert_msg(strstr(err.problem.detail, part) != NULL, "%s", err.problem.detail);
    ck_assert_uint_eq(chain.count, 0);
    ck_assert_uint_eq(ERR_peek_error(), 0);
}

START_TEST(test_refusals) {
    expect_refusal("", 0, "no PEM block");
    expect_refusal("hello", 5, "no PEM block");
    expect_refusal("\x30\x82\x01\x01", 4, "binary (DER)");
    auto_buf struct buf pem = {0};
    ck_assert(cert_write_pem(leaf, &pem));
    expect_refusal(pem.bytes, pem.length - 30, "number 1 is damaged");
    size_t whole = pem.length;
    ck_assert(cert_write_pem(middle, &pem));
    pem.bytes[whole + 100] = '!';
    expect_refusal(pem.bytes, pem.length, "number 2 is damaged");
    auto_text char *padded = pem_of(leaf, "-----BEGIN CERTIFICATE-----\n====", "\n", "-----END CERTIFICATE-----\n");
    expect_refusal(padded, strlen(padded), "damaged");
    auto_text char *longer = pem_of(leaf, "-----BEGIN CERTIFICATE-----\n", "\n", "AAAA\n-----END CERTIFICATE-----\n");
    expect_refusal(longer, strlen(longer), "damaged");
    static char big[CHAIN_PEM_BYTES_MAX + 1];
    expect_refusal(big, sizeof big, "64 KiB");
}
END_TEST

START_TEST(test_at_most_sixteen) {
    auto_buf struct buf pem = {0};
    for (int i = 0; i < CHAIN_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        auto_x509 X509 *cert = issue(name, leaf_key, NULL, NULL);
        ck_assert(cert_write_pem(cert, &pem));
    }
    auto_chain struct chain chain = read_text(pem.bytes, NULL);
    ck_assert_uint_eq(chain.count, CHAIN_MAX);
    ck_assert(cert_write_pem(leaf, &pem));
    expect_refusal(pem.bytes, pem.length, "more than 16");
}
END_TEST

START_TEST(test_knot_of_cross_signatures_ends) {
    /* Every one is signed by every other: the number of paths explodes, the work must not. */
    EVP_PKEY *keys[4];
    X509 *self[4];
    auto_buf struct buf pem = {0};
    for (int i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "K%d", i);
        keys[i] = fixture_ec();
        self[i] = fixture_ca(name, keys[i], NULL, NULL);
    }
    for (int subject = 0; subject < 4; subject++)
        for (int issuer = 0; issuer < 4; issuer++) {
            char name[16];
            snprintf(name, sizeof name, "K%d", subject);
            if (subject == issuer)
                continue;
            auto_x509 X509 *cert = fixture_ca(name, keys[subject], self[issuer], keys[issuer]);
            ck_assert(cert_write_pem(cert, &pem));
        }
    auto_chain struct chain chain = read_text(pem.bytes, NULL);
    ck_assert(chain.incomplete);
    ck_assert_uint_ge(chain.path_count, 4);
    for (int i = 0; i < 4; i++) {
        EVP_PKEY_free(keys[i]);
        X509_free(self[i]);
    }
}
END_TEST

static struct chain from_stack(X509 *const *certs) {
    STACK_OF(X509) *stack = sk_X509_new_null();
    for (size_t i = 0; certs[i] != NULL; i++)
        sk_X509_push(stack, certs[i]);
    struct chain chain = {0};
    ck_assert(chain_from_stack(stack, &chain));
    sk_X509_free(stack);
    return chain;
}

START_TEST(test_wire_order_is_kept) {
    auto_chain struct chain good = from_stack(LIST(leaf, middle, root));
    ck_assert(!good.incomplete && !good.unrelated && good.path_count == 3);
    auto_chain struct chain odd = from_stack(LIST(leaf, root, middle));
    ck_assert(odd.incomplete && odd.unrelated && odd.path_count == 1);
    ck_assert_int_eq(X509_cmp(odd.certs[1], root), 0);
    STACK_OF(X509) *empty = sk_X509_new_null();
    struct chain none = {0};
    ck_assert(!chain_from_stack(empty, &none));
    ck_assert(!chain_from_stack(NULL, &none));
    sk_X509_free(empty);
    ck_assert_ptr_null(chain_last(&none));
}
END_TEST

START_TEST(test_no_memory) {
    auto_buf struct buf pem = {0};
    ck_assert(cert_write_pem(root, &pem) && cert_write_pem(leaf, &pem) && cert_write_pem(middle, &pem));
    auto_chain struct chain warm_up = read_text(pem.bytes, leaf_key);
    bool done = false;
    for (unsigned long nth = 1; !done; nth += 1 + nth / 100) {
        auto_error struct error err = {0};
        auto_chain struct chain chain = {0};
        mem_fail_after(nth);
        bool read = chain_read_pem(pem.bytes, pem.length, leaf_key, &chain, &err);
        done = mem_count() < nth;
        mem_fail_after(0);
        ck_assert_msg(read ? done : err.code == ERROR_OUT_OF_MEMORY, "%lu: %s", nth, err.problem.detail);
    }
}
END_TEST

FIXTURE_MAIN_WITH(make_all, free_all, "chain", test_order, test_incomplete, test_cross_signed, test_same_name_other_key,
                  test_same_name_without_key_identifiers, test_duplicates_and_leaf_by_key, test_signed_in_a_circle,
                  test_forms_of_text, test_openssl_trusted_form, test_key_in_the_text, test_refusals,
                  test_at_most_sixteen, test_knot_of_cross_signatures_ends, test_wire_order_is_kept, test_no_memory)
