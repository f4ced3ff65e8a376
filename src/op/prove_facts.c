/* SPDX-License-Identifier: Apache-2.0 */
/* Presented chains, each kept once. */
#include "op/prove_facts.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/mem.h"
#include "x509/describe.h"
#include "json/get.h"

static bool digest_chain(STACK_OF(X509) * presented, unsigned char ret_key[CERT_SHA256_SIZE]) {
    unsigned char digests[CHAIN_MAX * CERT_SHA256_SIZE];
    size_t length = 0;
    for (int i = 0; i < sk_X509_num(presented) && i < CHAIN_MAX; i++, length += CERT_SHA256_SIZE)
        if (!cert_sha256(sk_X509_value(presented, i), digests + length))
            return false;
    unsigned int size = 0;
    return EVP_Digest(digests, length, ret_key, &size, EVP_sha256(), NULL) == 1;
}

static void facts_free(struct prove_facts *facts) {
    if (facts == NULL)
        return;
    chain_done(&facts->chain);
    san_done(&facts->san);
    json_decref(facts->presented);
    mem_free(facts);
}

static json_t *presented_new(const struct chain *chain) {
    json_t *object = json_object();
    json_t *list = json_array();
    put_take(object, "leaf", describe_cert_brief(chain->certs[0]));
    for (size_t i = 1; i < chain->count; i++)
        push_take(list, describe_cert_brief(chain->certs[i]));
    put_take(object, "chain", list);
    return object;
}

static struct prove_facts *facts_new(STACK_OF(X509) * presented, const unsigned char key[CERT_SHA256_SIZE]) {
    struct prove_facts *facts = mem_calloc(1, sizeof *facts);
    if (facts == NULL)
        return NULL;
    memcpy(facts->key, key, CERT_SHA256_SIZE);
    if (!chain_from_stack(presented, &facts->chain) || facts->chain.count == 0 ||
        !cert_sha256(facts->chain.certs[0], facts->sha256) || !cert_san(facts->chain.certs[0], &facts->san)) {
        facts_free(facts);
        return NULL;
    }
    X509 *leaf = facts->chain.certs[0];
    auto_text char *common_name = cert_common_name(leaf);
    facts->presented = presented_new(&facts->chain);
    facts->self_signed = cert_is_self_signed(leaf);
    facts->common_name_is_named = common_name != NULL && san_covers(&facts->san, common_name);
    return facts;
}

struct prove_facts *facts_take(struct facts_table *table, STACK_OF(X509) * presented) {
    unsigned char key[CERT_SHA256_SIZE];
    if (presented == NULL || !digest_chain(presented, key))
        return NULL;
    struct prove_facts **bucket = &table->buckets[(key[0] | key[1] << 8) % FACTS_BUCKETS];
    for (struct prove_facts *facts = *bucket; facts != NULL; facts = facts->next)
        if (memcmp(facts->key, key, sizeof key) == 0)
            return facts;
    struct prove_facts *facts = facts_new(presented, key);
    if (facts != NULL) {
        facts->next = *bucket;
        *bucket = facts;
    }
    return facts;
}

void facts_forget_judgement(struct facts_table *table) {
    for (size_t i = 0; i < FACTS_BUCKETS; i++)
        for (struct prove_facts *facts = table->buckets[i]; facts != NULL; facts = facts->next)
            facts->judged = false;
}

void facts_table_done(struct facts_table *table) {
    for (size_t i = 0; i < FACTS_BUCKETS; i++) {
        struct prove_facts *facts = table->buckets[i];
        while (facts != NULL) {
            struct prove_facts *next = facts->next;
            facts_free(facts);
            facts = next;
        }
        table->buckets[i] = NULL;
    }
}
