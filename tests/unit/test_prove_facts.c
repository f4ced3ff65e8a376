/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/prove_facts: each presented chain is kept once, with what can be said of it alone. */
#include "op/prove_facts.h"

#include "unit.h"
#include "x509_fixture.h"
#include "json/get.h"

static struct facts_table table;
static EVP_PKEY *key;

static X509 *named(const char *common_name, const char *san) {
    return fixture_cert(&(struct fixture_cert){.common_name = common_name, .key = key, .extensions = {san}});
}

static struct prove_facts *take(X509 *leaf, X509 *above) {
    STACK_OF(X509) *stack = sk_X509_new_null();
    sk_X509_push(stack, leaf);
    if (above != NULL)
        sk_X509_push(stack, above);
    struct prove_facts *facts = facts_take(&table, stack);
    sk_X509_free(stack);
    return facts;
}

static void set_up(void) {
    key = fixture_ec();
}

static void tear_down(void) {
    facts_table_done(&table);
    EVP_PKEY_free(key);
}

START_TEST(one_chain_is_kept_once) {
    X509 *one = named("one.test", "subjectAltName=DNS:one.test");
    X509 *two = named("two.test", "subjectAltName=DNS:two.test");
    struct prove_facts *facts = take(one, NULL);
    ck_assert_ptr_nonnull(facts);
    ck_assert_ptr_eq(take(one, NULL), facts);
    ck_assert_ptr_ne(take(two, NULL), facts);
    ck_assert_ptr_ne(take(one, two), facts); /* another chain, although the leaf is the same */
    ck_assert_mem_eq(take(one, two)->sha256, facts->sha256, CERT_SHA256_SIZE);
    X509_free(one);
    X509_free(two);
}
END_TEST

START_TEST(nothing_presented_is_no_fact) {
    STACK_OF(X509) *none = sk_X509_new_null();
    ck_assert_ptr_null(facts_take(&table, NULL));
    ck_assert_ptr_null(facts_take(&table, none));
    sk_X509_free(none);
}
END_TEST

START_TEST(the_common_name_counts_as_named_by_the_san_alone) {
    X509 *good = named("192.0.2.10", "subjectAltName=IP:192.0.2.10");
    X509 *text = named("192.0.2.10", "subjectAltName=DNS:192.0.2.10");
    X509 *bare = named("one.test", NULL);
    ck_assert(take(good, NULL)->common_name_is_named);
    ck_assert(!take(text, NULL)->common_name_is_named); /* an address as DNS entry is ignored by strict clients */
    ck_assert(!take(bare, NULL)->common_name_is_named);
    ck_assert(take(good, NULL)->self_signed);
    X509_free(good);
    X509_free(text);
    X509_free(bare);
}
END_TEST

START_TEST(what_depends_on_the_anchors_is_forgotten) {
    X509 *one = named("one.test", "subjectAltName=DNS:one.test");
    struct prove_facts *facts = take(one, NULL);
    facts->judged = true;
    facts_forget_judgement(&table);
    ck_assert(!facts->judged);
    X509_free(one);
}
END_TEST

static bool take_once(void *context) {
    bool taken = take(context, NULL) != NULL;
    facts_table_done(&table);
    return taken;
}

START_TEST(no_memory_leaves_nothing_behind) {
    X509 *one = named("one.test", "subjectAltName=DNS:one.test");
    unit_starve(take_once, one, false);
    X509_free(one);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, one_chain_is_kept_once);
    tcase_add_test(tests, nothing_presented_is_no_fact);
    tcase_add_test(tests, the_common_name_counts_as_named_by_the_san_alone);
    tcase_add_test(tests, what_depends_on_the_anchors_is_forgotten);
    tcase_add_test(tests, no_memory_leaves_nothing_behind);
}

int main(void) {
    return unit_run_tests("prove_facts", add);
}
