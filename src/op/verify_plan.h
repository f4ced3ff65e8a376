/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of verify: who is looked at, what the API says, what a console printed, and the result. Of no use
 * elsewhere. */
#ifndef OP_VERIFY_PLAN_H
#define OP_VERIFY_PLAN_H

#include <stdbool.h>

#include "nsx/cluster.h"
#include "nsx/manager.h"
#include "op/connect.h"
#include "op/members.h"
#include "op/prove.h"
#include "op/reference.h"
#include "op/run.h"

struct verify_api_node {
    const char *address; /* borrowed from the endpoint or the cluster */
    char *id;
    bool has_sha256;
    unsigned char sha256[CERT_SHA256_SIZE];
    int matches; /* -1: not known */
};

struct verify_state {
    struct connection *connection; /* NULL: the request has no manager */
    struct reference expected;
    struct reference *anchors; /* one an item of `trust` */
    size_t anchor_count;
    X509 **anchor_certs;

    struct endpoint *owned; /* endpoints read from the request */
    size_t owned_count;
    struct members members; /* in use where the request names no managers */
    struct prove_endpoint *endpoints;
    size_t endpoint_count;
    struct prove_rules rules;
    struct prover *prover;

    bool api_wanted;   /* there are credentials */
    bool asks_cluster; /* the scope takes in the cluster's certificate, so what the API says of it counts */
    bool cluster_read;
    struct cluster cluster;
    enum cluster_address address_is;
    bool api_certificate_read;
    char *api_certificate_id;
    struct reference api_certificate;
    struct verify_api_node *api_nodes;
    size_t api_node_count;
    int api_cluster_matches; /* -1: not known */
    struct error api_error;  /* why the API side could not be read */
    struct error look_error; /* why `expected` or `trust` could not be read (on_drift: report) */
};

/* Reads cluster and the certificate that the API says is used. Failures go to state->api_error; false only to end the
 * run. */
bool verify_api_read(struct run *run, struct verify_state *state, struct error *err) NODISCARD;

/* Compares what the API says with the reference and with the wire (after the round). */
void verify_api_compare(struct verify_state *state);
enum prove_status verify_api_status(const struct verify_state *state);
json_t *verify_api_json(const struct verify_state *state);

/* Fills state->endpoints from `endpoints`, manager.nodes or the cluster; warns nodes-not-checked. */
bool verify_targets_read(struct run *run, struct verify_state *state, struct error *err) NODISCARD;

/* Judges the captured console texts; returns their status (in_sync when there are none) and adds the result's member.
 */
enum prove_status verify_reported(struct run *run, const struct verify_state *state);

/* Fills run->result. */
void verify_report(struct run *run, struct verify_state *state, enum prove_status status);

#endif
