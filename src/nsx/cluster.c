/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the cluster behind the VIP: its managers, whether it is stable, its virtual IP (nsx-api.md, "Cluster, nodes,
 * health"). */
#include "nsx/cluster.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "net/resolve.h"
#include "nsx/calls.h"
#include "nsx/peer.h"
#include "nsx/words.h"
#include "json/get.h"
#include "json/read.h"

static json_t *fetch(struct manager *manager, enum call_id id, const struct call_arguments *arguments,
                     struct error *err) {
    return call_fetch(manager, manager_peer(manager), id, arguments, err);
}

static const json_t *find_by_type(const json_t *list, const char *type) {
    size_t index;
    const json_t *item;
    json_array_foreach(list, index, item) {
        if (strcasecmp(get_text(item, "entity_type", ""), type) == 0)
            return item;
    }
    return NULL;
}

/* A text that says something: not empty, and not the "unset" address. */
static const char *told(const json_t *object, const char *name) {
    const char *text = get_text(object, name, NULL);
    if (text == NULL || *text == '\0' || strcmp(text, "0.0.0.0") == 0 || strcmp(text, "::") == 0)
        return NULL;
    return text;
}

static bool copy_text(char **ret, const char *text) {
    *ret = mem_strdup(text);
    return text == NULL || *ret != NULL;
}

/* Addresses: api_listen_addr (3.2+), else the entity HTTP's, else the FQDN. */
static bool read_node(const json_t *json, struct cluster_node *node) {
    const json_t *listen = get_object(json, "api_listen_addr");
    const json_t *http = find_by_type(get_array(json, "entities"), "HTTP");
    const char *fqdn = told(json, "fqdn");
    const char *address = told(listen, "ip_address");
    if (address == NULL)
        address = told(http, "ip_address");
    if (address == NULL)
        address = fqdn;
    const char *thumbprint = told(listen, "certificate_sha256_thumbprint");
    if (thumbprint == NULL)
        thumbprint = told(find_by_type(get_array(json, "certificates"), "HTTP"), "certificate_sha256_thumbprint");
    node->port = (int)get_integer(listen, "port", get_integer(http, "port", 0));
    node->joined = strcmp(get_text(json, "status", "JOINED"), "JOINED") == 0;
    node->has_sha256 = thumbprint != NULL && cert_parse_hex(thumbprint, node->sha256);
    return copy_text(&node->id, get_text(json, "node_uuid", NULL)) && copy_text(&node->address, address) &&
           copy_text(&node->fqdn, fqdn);
}

static bool read_cluster(const json_t *json, struct cluster *cluster) {
    if (!copy_text(&cluster->id, get_text(json, "cluster_id", NULL)))
        return false;
    size_t index;
    const json_t *item;
    json_array_foreach(get_array(json, "nodes"), index, item) {
        if (cluster->node_count == CLUSTER_NODES_MAX)
            break;
        if (get_text(item, "node_uuid", NULL) != NULL && !read_node(item, &cluster->nodes[cluster->node_count++]))
            return false;
    }
    return true;
}

bool cluster_fetch(struct manager *manager, struct cluster *ret_cluster, struct error *err) {
    auto_json json_t *json = fetch(manager, CALL_CLUSTER, NULL, err);
    if (json == NULL)
        return false;
    if (get_array(json, "nodes") == NULL)
        return peer_unexpected(manager_peer(manager), "/api/v1/cluster", "its nodes", err);
    struct cluster cluster = {0};
    if (!read_cluster(json, &cluster)) {
        cluster_done(&cluster);
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for the cluster's nodes");
    }
    *ret_cluster = cluster;
    return true;
}

void cluster_done(struct cluster *cluster) {
    for (size_t i = 0; i < cluster->node_count; i++) {
        mem_free(cluster->nodes[i].id);
        mem_free(cluster->nodes[i].address);
        mem_free(cluster->nodes[i].fqdn);
    }
    mem_free(cluster->id);
    *cluster = (struct cluster){0};
}

static const struct cluster_node *find_listed(const struct cluster *cluster, const char *host) {
    for (size_t i = 0; i < cluster->node_count; i++) {
        const struct cluster_node *node = &cluster->nodes[i];
        char canonical[NAME_IP_SIZE];
        if (node->address != NULL && name_parse_ip(node->address, canonical) && strcmp(canonical, host) == 0)
            return node;
        if ((node->address != NULL && strcasecmp(node->address, host) == 0) ||
            (node->fqdn != NULL && strcasecmp(node->fqdn, host) == 0))
            return node;
    }
    return NULL;
}

const struct cluster_node *cluster_find_node(const struct manager *manager, const struct cluster *cluster,
                                             const char *host) {
    const struct cluster_node *listed = find_listed(cluster, host);
    struct resolve_address literal;
    struct resolve_result found;
    char text[INET6_ADDRSTRLEN];
    if (listed != NULL || cluster->node_count == 0 || resolve_literal(host, 0, &literal) ||
        manager->config.proxy != NULL)
        return listed;
    struct deadline end = deadline_within_ms(manager->config.deadline, manager->config.connect_timeout_ms);
    if (!resolve_host(host, 0, end, &found) || found.count == 0)
        return NULL;
    resolve_address_text(&found.addresses[0], text);
    return find_listed(cluster, text);
}

/* The leader of the HTTPS group owns the VIP; its service's name is not established, so the group's only leader is
 * taken. */
static const char *https_leader(const json_t *detailed) {
    size_t index;
    const json_t *group;
    json_array_foreach(get_array(detailed, "groups"), index, group) {
        if (strcmp(get_text(group, "group_type", ""), "HTTPS") == 0)
            return get_text(json_array_get(get_array(group, "leaders"), 0), "leader_uuid", NULL);
    }
    return NULL;
}

bool cluster_status_fetch(struct manager *manager, struct cluster_status *ret_status, struct error *err) {
    auto_json json_t *json = fetch(manager, CALL_CLUSTER_STATUS, NULL, err);
    if (json == NULL)
        return false;
    const json_t *detailed = get_object(json, "detailed_cluster_status");
    const char *management = get_text(get_object(json, "mgmt_cluster_status"), "status", NULL);
    const char *overall = get_text(detailed, "overall_status", management);
    if (overall == NULL)
        return peer_unexpected(manager_peer(manager), "/api/v1/cluster/status", "a status", err);
    /* The two may differ for a while: the worse one counts. */
    const char *words = strcmp(overall, "STABLE") == 0 && management != NULL ? management : overall;
    struct cluster_status status = {.stable = strcmp(words, "STABLE") == 0, .words = words_of(words)};
    if (status.words == NULL || !copy_text(&status.leader_id, https_leader(detailed))) {
        cluster_status_done(&status);
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for the cluster's status");
    }
    *ret_status = status;
    return true;
}

void cluster_status_done(struct cluster_status *status) {
    mem_free(status->words);
    mem_free(status->leader_id);
    *status = (struct cluster_status){0};
}

bool cluster_vip_fetch(struct manager *manager, char **ret_ip, char **ret_ip6, struct error *err) {
    auto_json json_t *json = fetch(manager, CALL_VIRTUAL_IP, NULL, err);
    if (json == NULL)
        return false;
    *ret_ip = mem_strdup(told(json, "ip_address"));
    *ret_ip6 = mem_strdup(told(json, "ip6_address"));
    return !mem_exhausted() || error_set(err, ERROR_OUT_OF_MEMORY, "no memory for the virtual IP");
}

bool cluster_address_fetch(struct manager *manager, const struct cluster *cluster, const char *host,
                           enum cluster_address *ret_address, char **ret_vip, struct error *err) {
    *ret_address = ADDRESS_OF_CLUSTER;
    if (cluster_find_node(manager, cluster, host) == NULL)
        return true;
    auto_text char *ip = NULL;
    auto_text char *ip6 = NULL;
    if (!cluster_vip_fetch(manager, &ip, &ip6, err))
        return false;
    *ret_address = ip == NULL && ip6 == NULL ? ADDRESS_WITHOUT_VIP : ADDRESS_BESIDE_VIP;
    if (*ret_address == ADDRESS_BESIDE_VIP)
        *ret_vip = mem_strdup(ip != NULL ? ip : ip6);
    return true;
}
