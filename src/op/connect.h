/* SPDX-License-Identifier: Apache-2.0 */
/* From request.manager to a connection: sources read, trust built ("Trust across runs"), nothing sent yet. */
#ifndef OP_CONNECT_H
#define OP_CONNECT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "net/http.h"
#include "net/trust.h"
#include "nsx/manager.h"
#include "op/run.h"

enum { CONNECT_OWN_MAX = 4, CONNECT_NODES_MAX = 16 };

/* What else is trusted by exact leaf. */
struct connect_options {
    /* Sources (text, file, env) or fingerprints of certificates the request puts in place; with each file its
     * .previous. Other references, missing or damaged ones add nothing. NULL ends. */
    const json_t *own[CONNECT_OWN_MAX];
    const unsigned char *own_sha256; /* the leaf of own[0] where that was read already, or NULL: not read again */
    const char *own_files[CONNECT_OWN_MAX]; /* further files, read where they exist */
};

/* Owned by the operation's state. */
struct connection {
    struct endpoint address;
    struct endpoint nodes[CONNECT_NODES_MAX]; /* manager.nodes; none given: node_count 0 */
    size_t node_count;
    struct auth auth;    /* kind AUTH_NONE where the request has no auth */
    struct trust *trust; /* may be added to at any time (trust_add_leaf); then manager_drop_connections() */
    bool has_proxy;
    struct http_proxy proxy;
    struct secret *proxy_password;
    int connect_timeout_ms;
    int request_timeout_ms;
    struct manager *manager;
};

/* Reads everything that request.manager names and sets run->target_address; run->trusted_by, target_nsx_version and
 * warnings are filled as the manager is talked to. Warns insecure, ca-not-yet. Errors: source-unavailable,
 * secret-unavailable, invalid-certificate, invalid-value (an address that is none), out-of-memory. */
struct connection *connect_open(struct run *run, const struct connect_options *options, struct error *err) NODISCARD;

/* Logs out and frees; takes NULL. Must come before http_library_done(). */
void connect_close(struct connection *connection);

/* An endpoint member of the request ("host[:port]" or {address, server_name}); the default port is that of
 * manager.address. */
bool connect_endpoint(const json_t *value, int default_port, const char *pointer, struct endpoint *ret_endpoint,
                      struct error *err) NODISCARD;

/* The proxy for probes, or NULL. */
const struct http_proxy *connect_proxy(const struct connection *connection);

#endif
