/* SPDX-License-Identifier: Apache-2.0 */
/* The managers of one cluster as peers: made when first needed, each with its connection and its version. */
#include "nsx/manager.h"

#include <string.h>

#include "base/mem.h"
#include "nsx/calls.h"
#include "nsx/peer.h"
#include "x509/name.h"
#include "json/get.h"

bool endpoint_init(struct endpoint *endpoint, const char *text, int default_port, const char *server_name,
                   struct error *err) {
    char host[NAME_HOST_SIZE];
    int port;
    if (!name_split_endpoint(text, default_port, host, &port))
        return error_set(err, ERROR_INVALID_VALUE, "\"%s\" is no address: an IP, [IPv6] or name with an optional :port",
                         text);
    *endpoint = (struct endpoint){.text = mem_strdup(text),
                                  .host = mem_strdup(host),
                                  .port = port,
                                  .server_name = mem_strdup(server_name)};
    return (endpoint->text != NULL && endpoint->host != NULL) ||
           error_set(err, ERROR_OUT_OF_MEMORY, "no memory for an address");
}

void endpoint_done(struct endpoint *endpoint) {
    mem_free(endpoint->text);
    mem_free(endpoint->host);
    mem_free(endpoint->server_name);
    *endpoint = (struct endpoint){0};
}

const char *endpoint_name(const struct endpoint *endpoint) {
    return endpoint->server_name != NULL ? endpoint->server_name : endpoint->host;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b) {
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

void auth_done(struct auth *auth) {
    mem_free(auth->username);
    secret_free(auth->secret);
    mem_free(auth->client_certificate_pem);
    *auth = (struct auth){0};
}

struct manager *manager_new(const struct manager_config *config) {
    struct manager *manager = mem_calloc(1, sizeof *manager);
    if (manager == NULL)
        return NULL;
    manager->config = *config;
    manager->main.endpoint = config->address;
    manager->main.may_be_vip = true;
    if (login_prepare(manager))
        return manager;
    manager_free(manager);
    return NULL;
}

static void peer_done(struct manager *manager, struct peer *peer) {
    login_leave(manager, peer);
    login_forget(peer);
    http_client_free(peer->client);
}

void manager_free(struct manager *manager) {
    if (manager == NULL)
        return;
    for (struct peer *peer = manager->main.next; peer != NULL;) {
        struct peer *next = peer->next;
        peer_done(manager, peer);
        mem_free(peer);
        peer = next;
    }
    peer_done(manager, &manager->main);
    secret_free(manager->authorization);
    mem_free(manager->refusal);
    mem_free(manager);
}

struct peer *manager_peer(struct manager *manager) {
    return &manager->main;
}

struct peer *manager_peer_at(struct manager *manager, const struct endpoint *endpoint) {
    struct peer *last = &manager->main;
    for (;; last = last->next) {
        if (last->endpoint->port == endpoint->port && strcmp(last->endpoint->host, endpoint->host) == 0)
            return last;
        if (last->next == NULL)
            break;
    }
    struct peer *peer = mem_calloc(1, sizeof *peer);
    if (peer == NULL)
        return NULL;
    peer->endpoint = endpoint;
    last->next = peer;
    return peer;
}

const struct endpoint *peer_endpoint(const struct peer *peer) {
    return peer->endpoint;
}

void manager_drop_connections(struct manager *manager) {
    for (struct peer *peer = &manager->main; peer != NULL; peer = peer->next)
        if (peer->client != NULL)
            http_client_drop_connection(peer->client);
}

struct deadline manager_deadline(const struct manager *manager) {
    return manager->config.deadline;
}

struct deadline manager_set_deadline(struct manager *manager, struct deadline deadline) {
    struct deadline before = manager->config.deadline;
    manager->config.deadline = deadline;
    return before;
}

struct problems *manager_warnings(struct manager *manager) {
    return manager->config.warnings;
}

bool peer_unexpected(const struct peer *peer, const char *path, const char *expected, struct error *err) {
    error_set(err, ERROR_UNEXPECTED_ANSWER, "%s answered %.*s without %s", peer->endpoint->text,
              (int)strcspn(path, "?"), path, expected);
    error_set_endpoint(err, peer->endpoint->text);
    err->has_upstream = true;
    err->upstream = (struct upstream){.url = mem_printf("https://%s%s", peer->endpoint->text, path),
                                      .http_status = 200,
                                      .error_code = -1};
    return false;
}

static bool adopt_version(struct manager *manager, struct peer *peer, const json_t *body, struct error *err) {
    static const struct lint_version oldest = {2, 4, 0};
    const char *text = get_text(body, "product_version", get_text(body, "node_version", NULL));
    struct lint_version version;
    if (text == NULL || !lint_parse_version(text, &version))
        return peer_unexpected(peer, "/api/v1/node/version", "a product_version or node_version", err);
    char **slot = manager->config.nsx_version;
    if (peer == &manager->main && slot != NULL) {
        mem_free(*slot);
        *slot = mem_strdup(text);
    }
    if (lint_compare_version(version, oldest) < 0) {
        error_set(err, ERROR_UNSUPPORTED_VERSION, "%s runs NSX %s; 2.4 is the oldest that is supported",
                  peer->endpoint->text, text);
        return error_set_endpoint(err, peer->endpoint->text);
    }
    peer->version = version;
    peer->has_version = true;
    return true;
}

bool peer_version(struct manager *manager, struct peer *peer, struct lint_version *ret_version, struct error *err) {
    if (!peer->has_version) {
        static const char path[] = "/api/v1/node/version";
        const struct manager_request request = {.method = "GET", .path = path, .effect = CALL_READ};
        struct manager_answer answer;
        if (!manager_call(manager, peer, &request, &answer, err)) {
            /* Nothing but the first question says 404: a manager of any version has this call. */
            if (answer.status == 404 && err->code == ERROR_MANAGER_REFUSED)
                error_set(err, ERROR_NOT_A_MANAGER, "%s does not know %s", peer->endpoint->text, path);
            return false;
        }
        bool ok = adopt_version(manager, peer, answer.body, err);
        json_decref(answer.body);
        if (!ok)
            return false;
    }
    *ret_version = peer->version;
    return true;
}
