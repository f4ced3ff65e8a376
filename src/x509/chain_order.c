/* SPDX-License-Identifier: Apache-2.0 */
/* Brings the certificates of a file into the order leaf → root. */
#include "x509/chain_order.h"

#include <string.h>

#include "x509/cert.h"
#include "x509/key.h"

/* Who issued whom, by index into the certificates as they were given. */
struct graph {
    size_t count;
    bool issued[CHAIN_MAX][CHAIN_MAX]; /* [issuer][subject], of different certificates */
    bool self_signed[CHAIN_MAX];
};

struct path {
    size_t items[CHAIN_MAX];
    size_t count;
    bool complete;
};

static void graph_fill(struct graph *graph, const struct chain *chain) {
    *graph = (struct graph){.count = chain->count};
    for (size_t subject = 0; subject < chain->count; subject++) {
        graph->self_signed[subject] = cert_is_self_signed(chain->certs[subject]);
        /* A self-signed one needs nobody else, whatever other certificate of the same key is there. */
        for (size_t issuer = 0; issuer < chain->count && !graph->self_signed[subject]; issuer++)
            graph->issued[issuer][subject] =
                issuer != subject && chain_issued(chain->certs[issuer], chain->certs[subject]);
    }
}

static bool issued_any(const struct graph *graph, size_t issuer) {
    for (size_t subject = 0; subject < graph->count; subject++)
        if (graph->issued[issuer][subject])
            return true;
    return false;
}

/* The first of those that issued no other, are no CA and, with `key`, have that key: each wish is given up in turn. */
static size_t find_leaf(const struct graph *graph, const struct chain *chain, EVP_PKEY *key) {
    size_t best = 0;
    int best_score = -1;
    for (size_t i = 0; i < graph->count; i++) {
        bool has_key = key != NULL && key_equal_public(X509_get0_pubkey(chain->certs[i]), key);
        int score = (has_key ? 4 : 0) + (issued_any(graph, i) ? 0 : 2) + (cert_is_ca(chain->certs[i]) ? 0 : 1);
        if (score > best_score) {
            best = i;
            best_score = score;
        }
    }
    return best;
}

static bool better(const struct path *a, const struct path *b) {
    if (a->complete != b->complete)
        return a->complete;
    return a->complete ? a->count < b->count : a->count > b->count;
}

static bool on_path(const struct path *path, size_t index) {
    for (size_t i = 0; i < path->count; i++)
        if (path->items[i] == index)
            return true;
    return false;
}

/* Tries every way up; CHAIN_MAX bounds the depth and `tries` the work that a knot of cross-signatures could make. */
static void search(const struct graph *graph, struct path *path, struct path *best, int *tries) {
    size_t last = path->items[path->count - 1];
    path->complete = graph->self_signed[last];
    if (best->count == 0 || better(path, best))
        *best = *path;
    for (size_t issuer = 0; issuer < graph->count && !graph->self_signed[last] && *tries > 0; issuer++) {
        if (!graph->issued[issuer][last] || on_path(path, issuer))
            continue;
        --*tries;
        path->items[path->count++] = issuer;
        search(graph, path, best, tries);
        path->count--;
    }
}

/* Everything that can be reached upwards from the leaf, also by ways not taken. */
static void mark_ancestors(const struct graph *graph, size_t subject, bool marked[CHAIN_MAX]) {
    marked[subject] = true;
    for (size_t issuer = 0; issuer < graph->count; issuer++)
        if (graph->issued[issuer][subject] && !marked[issuer])
            mark_ancestors(graph, issuer, marked);
}

/* Twins of an issuer on the path (same name, same key): the other half of a cross-signature. */
static bool is_twin(const struct chain *chain, const struct path *path, size_t index) {
    for (size_t i = 1; i < path->count; i++) {
        X509 *issuer = chain->certs[path->items[i]];
        if (X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_subject_name(chain->certs[index])) == 0 &&
            key_equal_public(X509_get0_pubkey(issuer), X509_get0_pubkey(chain->certs[index])))
            return true;
    }
    return false;
}

static void arrange(struct chain *chain, const struct graph *graph, const struct path *path) {
    X509 *given[CHAIN_MAX];
    bool ancestor[CHAIN_MAX] = {false};
    size_t count = chain->count;
    memcpy(given, chain->certs, sizeof given);
    mark_ancestors(graph, path->items[0], ancestor);
    for (size_t i = 0; i < count; i++)
        ancestor[i] = ancestor[i] || is_twin(chain, path, i);
    for (size_t i = 0; i < path->count; i++) {
        chain->certs[i] = given[path->items[i]];
        chain->reordered |= path->items[i] != i;
    }
    chain->path_count = chain->count = path->count;
    chain->incomplete = !path->complete;
    for (size_t i = 0; i < count; i++) {
        if (on_path(path, i))
            continue;
        if (ancestor[i]) {
            chain->alternatives = true;
            X509_free(given[i]);
        } else {
            chain->unrelated = true;
            chain->certs[chain->count++] = given[i];
        }
    }
}

void chain_order(struct chain *chain, EVP_PKEY *key) {
    struct graph graph;
    struct path path = {.count = 1};
    struct path best = {.count = 0};
    int tries = 4096;
    graph_fill(&graph, chain);
    path.items[0] = find_leaf(&graph, chain, key);
    search(&graph, &path, &best, &tries);
    arrange(chain, &graph, &best);
}
