/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of register: what gets the certificate, the steps that give it, the result. Of no use elsewhere. */
#ifndef OP_REGISTER_PLAN_H
#define OP_REGISTER_PLAN_H

#include <stdbool.h>

#include "nsx/cluster.h"
#include "nsx/store.h"
#include "op/connect.h"
#include "op/members.h"
#include "op/prove.h"
#include "op/reference.h"
#include "op/run.h"

enum { REGISTER_ENDPOINTS_MAX = CLUSTER_NODES_MAX + CONNECT_NODES_MAX + 1 };

/* An endpoint that gets the certificate, or (in scope cluster) a manager that is only looked at. */
struct register_target {
    const struct endpoint *endpoint;
    enum prove_role role;
    const struct cluster_node *node; /* NULL: the VIP, or a node that the cluster does not list */
    bool needed;
    bool said;                  /* the API said at the start that it uses the certificate */
    char served[CERT_HEX_SIZE]; /* what it presented when it was last looked at; empty: nothing */
    const char *call;           /* static name of the call used; NULL: none yet */
    const char *via;            /* endpoint that took the call; NULL: none yet; borrowed */
    long long settled_after_ms; /* -1: not (yet) */
};

struct register_state {
    struct connection *connection;
    struct reference certificate;
    char *certificate_id;
    char *display_name;
    char *previous_id; /* what the API said before, or NULL */
    struct cluster cluster;
    struct members members; /* in use where the request names no managers */
    struct register_target
        targets[REGISTER_ENDPOINTS_MAX]; /* those that get it first, in the order in which they get it */
    size_t target_count;                 /* that get it */
    size_t looked_count;                 /* all */
    struct prove_endpoint endpoints[REGISTER_ENDPOINTS_MAX]; /* parallel to targets */
    struct prove_rules rules;
    struct prover *prover;   /* over those that get it */
    struct prover *observer; /* over all */
    enum cluster_address address_is;
    bool has_no_vip;   /* scope all in a cluster without VIP: that step is left out */
    size_t diff_count; /* steps planned so far that carry a difference */
    long long settle_timeout_ms;
    long long confirm_after_ms;
};

/* Fills targets from the scope; needs the cluster. */
bool register_targets_read(struct run *run, struct register_state *state, struct error *err) NODISCARD;

/* Puts nodes before the VIP and the leader last among the nodes. */
void register_targets_order(struct register_state *state, const char *leader_id);

/* What must hold before anything is replaced: lint, names, a VIP, a STABLE cluster. *ret_leader (owned by the caller)
 * may be NULL. */
bool register_gate(struct run *run, struct register_state *state, char **ret_leader, struct error *err) NODISCARD;

enum watched {
    WATCHED_SERVES,
    WATCHED_OTHER,   /* it can be looked at and has not changed */
    WATCHED_NOTHING, /* nothing was presented: it may be restarting with the new one */
    WATCHED_ENDED,   /* err is set */
};

/* Looks at one endpoint again and again for `ms`, and once more when they are over. All but WATCHED_SERVES set err. */
enum watched register_watch(struct run *run, struct register_state *state, struct register_target *target, long long ms,
                            struct error *err) NODISCARD;

/* True while waiting makes sense; else a signal or the run's deadline is in err. */
bool register_may_wait(const struct run *run, struct error *err) NODISCARD;

/* Where the endpoint of a target is. */
static inline size_t register_index(const struct register_state *state, const struct register_target *target) {
    return (size_t)(target - state->targets);
}

/* The acts of the steps "register-node" / "register-cluster" and "confirm". */
bool register_act(struct run *run, struct step *step, struct error *err) NODISCARD;
bool register_act_confirm(struct run *run, struct step *step, struct error *err) NODISCARD;

/* Looks until every endpoint that gets the certificate presented one; unreachable after 30 seconds: what cannot be
 * looked at cannot be proven, and that is better known before the first write than after it. */
bool register_await_targets(struct run *run, struct register_state *state, struct error *err) NODISCARD;

/* One round over the endpoints of `prover`, which is the state's prover or observer. */
bool register_look(struct run *run, struct register_state *state, struct prover *prover, struct error *err) NODISCARD;

/* Names managers that serve another certificate (scope cluster). */
void register_warn_nodes(struct run *run, const struct register_state *state);

/* Fills run->result with what is known now. */
void register_report(struct run *run, const struct register_state *state);

#endif
