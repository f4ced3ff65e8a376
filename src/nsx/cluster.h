/* SPDX-License-Identifier: Apache-2.0 */
/* The cluster behind the VIP: its managers, whether it is stable, which certificates it says it uses, and giving it
 * another one. */
#ifndef NSX_CLUSTER_H
#define NSX_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "nsx/manager.h"
#include "x509/cert.h"

enum { CLUSTER_NODES_MAX = 32 };

struct cluster_node {
    char *id;      /* node_uuid */
    char *address; /* IP (or FQDN where no IP is told) without port, or NULL */
    int port;      /* 0: not told */
    char *fqdn;    /* NULL: none published */
    bool joined;   /* status JOINED (or not told) */
    bool has_sha256;
    unsigned char sha256[CERT_SHA256_SIZE]; /* thumbprint of its API certificate, in the cluster's own words */
};

struct cluster {
    char *id; /* NULL: not told */
    struct cluster_node nodes[CLUSTER_NODES_MAX];
    size_t node_count;
};

/* GET cluster. */
bool cluster_fetch(struct manager *manager, struct cluster *ret_cluster, struct error *err) NODISCARD;
void cluster_done(struct cluster *cluster);

/* The node whose address or published name is `host` (canonical IP or name), or that a name leads to (the first address
 * that it resolves to; not behind a proxy, which resolves names itself), or NULL. */
const struct cluster_node *cluster_find_node(const struct manager *manager, const struct cluster *cluster,
                                             const char *host);

struct cluster_status {
    bool stable;
    char *words;     /* the manager's words: "STABLE", "DEGRADED" …; owned */
    char *leader_id; /* node id of the HTTPS group's leader, who owns the VIP; NULL: not told; owned */
};

/* GET cluster/status. */
bool cluster_status_fetch(struct manager *manager, struct cluster_status *ret_status, struct error *err) NODISCARD;
void cluster_status_done(struct cluster_status *status);

/* GET cluster/api-virtual-ip: the addresses, NULL where none is set. The caller frees both. */
bool cluster_vip_fetch(struct manager *manager, char **ret_ip, char **ret_ip6, struct error *err) NODISCARD;

/* What an address is to the cluster. */
enum cluster_address {
    ADDRESS_OF_CLUSTER,  /* no manager's own: the virtual IP, its name, or a load balancer */
    ADDRESS_WITHOUT_VIP, /* a manager's own, and the cluster has no virtual IP */
    ADDRESS_BESIDE_VIP,  /* a manager's own, while the cluster is found at its virtual IP */
};

/* Asks for the virtual IP where `host` is a manager's own. *ret_vip (the caller frees): of ADDRESS_BESIDE_VIP alone. */
bool cluster_address_fetch(struct manager *manager, const struct cluster *cluster, const char *host,
                           enum cluster_address *ret_address, char **ret_vip, struct error *err) NODISCARD;

/* GET cluster/api-certificate, and where that names none the list's own word (type=cluster_api_certificate): the id, or
 * NULL when neither tells. The caller frees. */
bool cluster_certificate_fetch(struct manager *manager, char **ret_id, struct error *err) NODISCARD;

enum apply_outcome {
    APPLY_DONE,    /* accepted (also 202): the wire tells when it is served */
    APPLY_UNCLEAR, /* it may have been accepted: look at the wire, do not repeat blindly; err says why */
    APPLY_DENIED,  /* 500, 503: it says that nothing was done, which may be untrue: look first; err says why */
    APPLY_RUNNING, /* another replacement is running, ours was not begun: wait, look, try again; err is manager-busy */
    APPLY_REFUSED, /* refused or not possible; err says why */
};

/* Gives the VIP the certificate of that id, by the call of the manager's version. `ret_call` gets the call's static
 * name. err is untouched by APPLY_DONE only. */
enum apply_outcome cluster_apply_certificate(struct manager *manager, const char *certificate_id, const char **ret_call,
                                             struct error *err) NODISCARD;

/* Gives one node's own address the certificate: at the node itself (`peer`), or through manager.address (`peer` NULL).
 */
enum apply_outcome node_apply_certificate(struct manager *manager, struct peer *peer, const char *node_id,
                                          const char *certificate_id, const char **ret_call, struct error *err)
    NODISCARD;

/* The security switches; -1: unknown (also when the call is missing or refused). */
struct security_switches {
    int crl_checking;
    int ca_signed_only;
    int auto_renewal;
};

/* False only when the run must end (credentials, signal, deadline, memory). */
bool security_switches_fetch(struct manager *manager, struct security_switches *ret, struct error *err) NODISCARD;

static inline void auto_cluster_cleanup(struct cluster *cluster) {
    cluster_done(cluster);
}
#define auto_cluster AUTO(cluster)
static inline void auto_cluster_status_cleanup(struct cluster_status *status) {
    cluster_status_done(status);
}
#define auto_cluster_status AUTO(cluster_status)

#endif
