/* SPDX-License-Identifier: Apache-2.0 */
/* The one prover: do these endpoints serve that certificate, and would a strict client accept it there? */
#include "op/prove.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/probe.h"
#include "net/trust.h"
#include "op/prove_facts.h"

struct prover {
    struct prove_endpoint *endpoints;
    size_t count;
    const struct prove_rules *rules;
    struct facts_table table;
    const struct prove_facts *reference; /* of the last round, where the rules have no expected chain */
    X509_STORE *anchors;
    bool has_anchors;
};

static const char *const role_names[] = {"vip", "node", "endpoint"};
static const char *const status_names[] = {"unknown", "in_sync", "drifted"};
static const char *const check_names[] = {"fingerprint", "chain", "validity", "name", "server_auth", "common_name"};

const char *prove_role_name(enum prove_role role) {
    return role_names[role];
}

const char *prove_status_name(enum prove_status status) {
    return status_names[status];
}

const char *prove_check_name(enum prove_check check) {
    return check_names[check];
}

X509 *prove_facts_leaf(const struct prove_facts *facts) {
    return facts->chain.certs[0];
}

const unsigned char *prove_facts_sha256(const struct prove_facts *facts) {
    return facts->sha256;
}

json_t *prove_facts_presented(const struct prove_facts *facts) {
    return facts->presented;
}

struct prover *prover_new(struct prove_endpoint *endpoints, size_t count, const struct prove_rules *rules) {
    struct prover *prover = mem_calloc(1, sizeof *prover);
    if (prover == NULL)
        return NULL;
    prover->endpoints = endpoints;
    prover->count = count;
    prover->rules = rules;
    return prover;
}

static void forget_round(struct prover *prover) {
    for (size_t i = 0; i < prover->count; i++) {
        struct prove_endpoint *at = &prover->endpoints[i];
        mem_free(at->reason);
        *at = (struct prove_endpoint){.endpoint = at->endpoint, .role = at->role};
        memset(at->checks, -1, sizeof at->checks);
    }
    X509_STORE_free(prover->anchors);
    prover->anchors = NULL;
    prover->reference = NULL;
    facts_forget_judgement(&prover->table);
}

void prover_free(struct prover *prover) {
    if (prover == NULL)
        return;
    forget_round(prover);
    facts_table_done(&prover->table);
    mem_free(prover);
}

static void take_result(void *context, size_t index, const struct probe_result *result) {
    struct prover *prover = context;
    struct prove_endpoint *at = &prover->endpoints[index];
    at->reachable = result->outcome == PROBE_SERVED;
    if (at->reachable)
        at->facts = facts_take(&prover->table, result->chain);
    if (at->facts == NULL)
        at->reason = mem_strdup(result->reason == NULL ? "the presented chain cannot be read" : result->reason);
}

/* The first endpoint (in the order given) that serves the expected leaf, or anything where nothing is expected. */
static const struct prove_facts *find_reference(const struct prover *prover) {
    const struct prove_rules *rules = prover->rules;
    for (size_t i = 0; i < prover->count; i++) {
        const struct prove_facts *facts = prover->endpoints[i].facts;
        if (facts == NULL)
            continue;
        if (!rules->has_expected || memcmp(facts->sha256, rules->expected, CERT_SHA256_SIZE) == 0)
            return facts;
    }
    return NULL;
}

const struct chain *prover_reference(const struct prover *prover) {
    const struct chain *expected = prover->rules->expected_chain;
    if (expected != NULL && expected->count > 0)
        return expected;
    return prover->reference == NULL ? NULL : &prover->reference->chain;
}

/* Anchors of the request, else the reference's own: itself if self-signed, else the last of its chain. */
static bool prepare_anchors(struct prover *prover, struct error *err) {
    const struct prove_rules *rules = prover->rules;
    const struct chain *reference = prover_reference(prover);
    X509 *own = reference == NULL ? NULL : chain_last(reference);
    prover->has_anchors = rules->anchor_count > 0 || own != NULL;
    prover->anchors = rules->anchor_count > 0 ? trust_store_new(rules->anchors, rules->anchor_count)
                                              : trust_store_new(&own, own == NULL ? 0 : 1);
    return prover->anchors != NULL || error_set(err, ERROR_OUT_OF_MEMORY, "no memory to judge what is served");
}

static const struct trust_checks *strict_checks(struct prover *prover, struct prove_facts *facts) {
    if (!facts->judged) {
        STACK_OF(X509) *stack = sk_X509_new_null();
        for (size_t i = 0; stack != NULL && i < facts->chain.count; i++)
            (void)sk_X509_push(stack, facts->chain.certs[i]);
        trust_check_strict(prover->anchors, facts->chain.certs[0], stack, "name.is.judged.elsewhere", &facts->strict);
        sk_X509_free(stack);
        facts->judged = true;
    }
    return &facts->strict;
}

static bool check_name(const struct prove_rules *rules, const struct prove_endpoint *at) {
    const struct san *san = &at->facts->san;
    if (at->role == ROLE_ENDPOINT)
        return san_covers(san, endpoint_name(at->endpoint));
    return san_covers(san, rules->cluster_name) && !(rules->require_node_names && at->lacks_own_name);
}

static bool check_validity(const struct prove_rules *rules, const struct prove_facts *facts) {
    if (!facts->strict.validity)
        return false;
    time_t left = cert_not_after(facts->chain.certs[0]) - clock_now();
    return rules->min_remaining_days < 0 || left >= (time_t)rules->min_remaining_days * 86400;
}

static void judge(struct prover *prover, struct prove_endpoint *at) {
    const struct prove_rules *rules = prover->rules;
    struct prove_facts *facts = (struct prove_facts *)at->facts;
    const unsigned char *expected = rules->has_expected         ? rules->expected
                                    : prover->reference != NULL ? prover->reference->sha256
                                                                : NULL;
    if (facts == NULL)
        return;
    if (expected != NULL)
        at->checks[CHECK_FINGERPRINT] = memcmp(facts->sha256, expected, CERT_SHA256_SIZE) == 0;
    const struct trust_checks *strict = strict_checks(prover, facts);
    if (prover->has_anchors)
        at->checks[CHECK_CHAIN] = strict->chain;
    at->lacks_own_name = at->role == ROLE_NODE && !san_covers(&facts->san, endpoint_name(at->endpoint));
    at->checks[CHECK_VALIDITY] = check_validity(rules, facts);
    at->checks[CHECK_NAME] = check_name(rules, at);
    at->checks[CHECK_SERVER_AUTH] = strict->server_auth;
    bool wants_name = rules->common_name_is_address < 0 ? facts->self_signed : rules->common_name_is_address != 0;
    if (wants_name)
        at->checks[CHECK_COMMON_NAME] = facts->common_name_is_named;
    at->status = PROVE_IN_SYNC;
    for (int check = 0; check < PROVE_CHECKS; check++)
        if (at->checks[check] == 0)
            at->status = PROVE_DRIFTED;
}

bool prove_round(struct prover *prover, const struct prove_options *options, struct deadline deadline,
                 struct error *err) {
    forget_round(prover);
    struct probe_target *targets = mem_calloc(prover->count, sizeof *targets);
    if (targets == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to look at the endpoints");
    for (size_t i = 0; i < prover->count; i++) {
        const struct endpoint *endpoint = prover->endpoints[i].endpoint;
        targets[i] = (struct probe_target){endpoint->host, endpoint->port, endpoint->server_name};
    }
    struct probe_options probing = {.timeout_ms = options->timeout_ms, .proxy = options->proxy};
    bool ok = probe_all(targets, prover->count, &probing, deadline, take_result, prover, err);
    mem_free(targets);
    if (!ok)
        return false;
    prover->reference = find_reference(prover);
    if (!prepare_anchors(prover, err))
        return false;
    for (size_t i = 0; i < prover->count; i++)
        judge(prover, &prover->endpoints[i]);
    return true;
}

bool prover_all_serve(const struct prover *prover) {
    for (size_t i = 0; i < prover->count; i++)
        if (prover->endpoints[i].checks[CHECK_FINGERPRINT] != 1)
            return false;
    return true;
}

enum prove_status prove_worse(enum prove_status a, enum prove_status b) {
    if (a == PROVE_DRIFTED || b == PROVE_DRIFTED)
        return PROVE_DRIFTED;
    return a == PROVE_UNKNOWN || b == PROVE_UNKNOWN ? PROVE_UNKNOWN : PROVE_IN_SYNC;
}

enum prove_status prover_status(const struct prover *prover) {
    enum prove_status status = prover->count == 0 ? PROVE_UNKNOWN : PROVE_IN_SYNC;
    for (size_t i = 0; i < prover->count; i++)
        status = prove_worse(status, prover->endpoints[i].status);
    return status;
}
