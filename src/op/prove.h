/* SPDX-License-Identifier: Apache-2.0 */
/* The one prover: do these endpoints serve that certificate, and would a strict client accept it there? */
#ifndef OP_PROVE_H
#define OP_PROVE_H

#include <jansson.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"
#include "nsx/manager.h"
#include "x509/cert.h"
#include "x509/chain.h"

enum prove_role { ROLE_VIP, ROLE_NODE, ROLE_ENDPOINT };
const char *prove_role_name(enum prove_role role);

enum prove_status { PROVE_UNKNOWN, PROVE_IN_SYNC, PROVE_DRIFTED };
const char *prove_status_name(enum prove_status status);

enum prove_check {
    CHECK_FINGERPRINT,
    CHECK_CHAIN,
    CHECK_VALIDITY,
    CHECK_NAME,
    CHECK_SERVER_AUTH,
    CHECK_COMMON_NAME,
    PROVE_CHECKS,
};
const char *prove_check_name(enum prove_check check);

/* One distinct chain that was presented; shared by the endpoints that presented it. */
struct prove_facts;
X509 *prove_facts_leaf(const struct prove_facts *facts);
const unsigned char *prove_facts_sha256(const struct prove_facts *facts);
json_t *prove_facts_presented(const struct prove_facts *facts); /* {leaf, chain}, borrowed */

/* An endpoint and what the last round found there. */
struct prove_endpoint {
    const struct endpoint *endpoint; /* borrowed */
    enum prove_role role;
    enum prove_status status;
    signed char checks[PROVE_CHECKS]; /* 1 holds, 0 does not, -1 not judged */
    bool reachable;
    bool lacks_own_name;             /* a node whose own address is not in the SAN */
    const struct prove_facts *facts; /* NULL: nothing was presented */
    char *reason;                    /* why nothing was presented; owned */
};

/* What must hold. */
struct prove_rules {
    bool has_expected; /* false: the first endpoint that served something is the reference */
    unsigned char expected[CERT_SHA256_SIZE];
    const struct chain *expected_chain; /* NULL or empty: the reference's chain is taken from the wire */
    X509 *const *anchors;               /* `trust`; none: the reference if self-signed, else the last of its chain */
    size_t anchor_count;
    const char *cluster_name; /* server_name of the cluster's address, else its host: in the SAN of VIP and nodes */
    bool require_node_names;
    int min_remaining_days;     /* -1: only that it is valid now */
    int common_name_is_address; /* -1: for a self-signed leaf */
};

/* drifted wins, then unknown. */
enum prove_status prove_worse(enum prove_status a, enum prove_status b);

struct prover;
/* Borrows the endpoints array and the rules for its life. NULL when memory ran out. */
struct prover *prover_new(struct prove_endpoint *endpoints, size_t count, const struct prove_rules *rules);
void prover_free(struct prover *prover);

struct prove_options {
    int timeout_ms; /* one endpoint */
    const struct http_proxy *proxy;
};

/* Looks at all endpoints once and judges them. False only when it could not be run at all. */
bool prove_round(struct prover *prover, const struct prove_options *options, struct deadline deadline,
                 struct error *err) NODISCARD;

/* The chain everything was compared with, or NULL: `expected_chain`, else what the reference served. */
const struct chain *prover_reference(const struct prover *prover);

/* True if every endpoint presented the expected leaf in the last round. */
bool prover_all_serve(const struct prover *prover);

/* drifted if any is, else unknown if any is (or there is none), else in_sync. */
enum prove_status prover_status(const struct prover *prover);

#endif
