/* SPDX-License-Identifier: Apache-2.0 */
/* Presented chains, each kept once: thousands of endpoints usually serve a few. Of no use outside prove.c. */
#ifndef OP_PROVE_FACTS_H
#define OP_PROVE_FACTS_H

#include "net/trust.h"
#include "op/prove.h"

struct prove_facts {
    unsigned char key[CERT_SHA256_SIZE];    /* over all certificates, as presented */
    unsigned char sha256[CERT_SHA256_SIZE]; /* of the leaf */
    struct chain chain;
    struct san san;
    json_t *presented;
    bool judged;                /* `strict` is valid for the present anchors */
    struct trust_checks strict; /* its `name` is not used: names differ by endpoint */
    bool self_signed;
    bool common_name_is_named; /* the common name stands in the SAN */
    struct prove_facts *next;  /* of the same bucket */
};

enum { FACTS_BUCKETS = 1024 };

struct facts_table {
    struct prove_facts *buckets[FACTS_BUCKETS];
};

/* The facts for a presented chain, made at its first sight. NULL when memory ran out. */
struct prove_facts *facts_take(struct facts_table *table, STACK_OF(X509) * presented);

/* Forgets what depends on the anchors. */
void facts_forget_judgement(struct facts_table *table);
void facts_table_done(struct facts_table *table);

#endif
