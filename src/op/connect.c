/* SPDX-License-Identifier: Apache-2.0 */
/* From request.manager to a connection: sources read, trust built ("Trust across runs"), nothing sent yet. */
#include "op/connect.h"

#include <string.h>

#include "base/mem.h"
#include "op/connect_trust.h"
#include "op/source.h"
#include "json/get.h"

enum { HTTPS_PORT = 443 };

static bool no_memory(struct error *err) {
    return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to prepare the connection");
}

bool connect_endpoint(const json_t *value, int default_port, const char *pointer, struct endpoint *ret_endpoint,
                      struct error *err) {
    const char *text = json_is_string(value) ? json_string_value(value) : get_text(value, "address", "");
    return endpoint_init(ret_endpoint, text, default_port, get_text(value, "server_name", NULL), err) ||
           error_set_pointer(err, pointer);
}

static bool read_endpoints(struct connection *connection, const json_t *manager, struct error *err) {
    if (!endpoint_init(&connection->address, get_text(manager, "address", ""), HTTPS_PORT,
                       get_text(manager, "server_name", NULL), err))
        return error_set_pointer(err, "/manager/address");
    size_t index;
    const json_t *item;
    json_array_foreach(get_array(manager, "nodes"), index, item) {
        if (connection->node_count == CONNECT_NODES_MAX)
            break;
        auto_text char *pointer = mem_printf("/manager/nodes/%zu", index);
        if (!connect_endpoint(item, connection->address.port, pointer, &connection->nodes[connection->node_count], err))
            return false;
        connection->node_count++;
    }
    return true;
}

static bool read_secret(const json_t *object, const char *name, const char *pointer, struct secret **ret,
                        struct error *err) {
    *ret = source_read_secret(get_any(object, name), pointer, err);
    return *ret != NULL;
}

static enum auth_kind password_kind(const json_t *auth) {
    switch (get_text(auth, "scheme", "basic")[0]) {
    case 's': return AUTH_SESSION;
    case 'r': return AUTH_REMOTE;
    default: return AUTH_BASIC;
    }
}

static bool read_client_certificate(const json_t *json, struct auth *auth, struct error *err) {
    auto_buf struct buf pem;
    buf_init(&pem, SOURCE_BYTES_MAX);
    auth->kind = AUTH_CLIENT_CERTIFICATE;
    if (!source_read(get_any(json, "client_certificate"), "/manager/auth/client_certificate", &pem, err))
        return false;
    auth->client_certificate_pem = buf_take(&pem);
    if (auth->client_certificate_pem == NULL)
        return no_memory(err);
    return read_secret(json, "client_key", "/manager/auth/client_key", &auth->secret, err);
}

/* What a header cannot carry, such as the line end of a file's second line: it would fail at every try, or be refused
 * as a wrong password. */
static bool check_header_value(const struct secret *secret, const char *pointer, struct error *err) {
    for (const char *at = secret_reveal(secret); *at != '\0'; at++) {
        if ((unsigned char)*at >= ' ' && *at != 0x7F)
            continue;
        error_set_with_remedy(err, ERROR_INVALID_VALUE, "Give it without line ends, tabs and the like.",
                              "it holds a control character (RFC 7617, RFC 9110)");
        return error_set_pointer(err, pointer);
    }
    return true;
}

static bool read_password(const json_t *json, struct auth *auth, struct error *err) {
    static const char pointer[] = "/manager/auth/password";
    auth->kind = password_kind(json);
    auth->username = mem_strdup(get_text(json, "username", ""));
    if (auth->username == NULL)
        return no_memory(err);
    if (auth->kind != AUTH_SESSION && strchr(auth->username, ':') != NULL) {
        error_set(err, ERROR_INVALID_VALUE, "a user name with a colon cannot be sent in this scheme (RFC 7617)");
        return error_set_pointer(err, "/manager/auth/username");
    }
    return read_secret(json, "password", pointer, &auth->secret, err) &&
           (auth->kind == AUTH_SESSION || check_header_value(auth->secret, pointer, err));
}

static bool read_auth(const json_t *json, struct auth *auth, struct error *err) {
    if (json == NULL)
        return true;
    if (get_any(json, "client_certificate") != NULL)
        return read_client_certificate(json, auth, err);
    if (get_any(json, "token") != NULL) {
        auth->kind = AUTH_TOKEN;
        return read_secret(json, "token", "/manager/auth/token", &auth->secret, err) &&
               check_header_value(auth->secret, "/manager/auth/token", err);
    }
    return read_password(json, auth, err);
}

static bool read_proxy(struct connection *connection, const json_t *proxy, struct error *err) {
    if (proxy == NULL)
        return true;
    connection->has_proxy = true;
    /* Borrowed from the request, which outlives the connection. */
    connection->proxy.url = get_text(proxy, "url", "");
    connection->proxy.username = get_text(proxy, "username", NULL);
    if (get_any(proxy, "password") == NULL)
        return true;
    if (!read_secret(proxy, "password", "/manager/proxy/password", &connection->proxy_password, err))
        return false;
    connection->proxy.password = connection->proxy_password;
    return true;
}

static bool make_manager(struct connection *connection, struct run *run, struct error *err) {
    const struct manager_config config = {
        .address = &connection->address,
        .auth = &connection->auth,
        .trust = connection->trust,
        .proxy = connect_proxy(connection),
        .connect_timeout_ms = connection->connect_timeout_ms,
        .request_timeout_ms = connection->request_timeout_ms,
        .deadline = run->deadline,
        .warnings = &run->warnings,
        .trusted_by = &run->trusted_by,
        .nsx_version = &run->target_nsx_version,
    };
    connection->manager = manager_new(&config);
    return connection->manager != NULL || no_memory(err);
}

static bool fill(struct connection *connection, struct run *run, const struct connect_options *options,
                 struct error *err) {
    const json_t *manager = get_object(run->request, "manager");
    connection->connect_timeout_ms = (int)get_integer(manager, "connect_timeout_seconds", 10) * 1000;
    connection->request_timeout_ms = (int)get_integer(manager, "request_timeout_seconds", 60) * 1000;
    if (!read_endpoints(connection, manager, err))
        return false;
    run->target_address = mem_strdup(connection->address.text);
    if (run->target_address == NULL)
        return no_memory(err);
    connection->trust = connect_trust(run, get_object(manager, "tls"), options, err);
    return connection->trust != NULL && read_auth(get_object(manager, "auth"), &connection->auth, err) &&
           read_proxy(connection, get_object(manager, "proxy"), err) && make_manager(connection, run, err);
}

struct connection *connect_open(struct run *run, const struct connect_options *options, struct error *err) {
    struct connection *connection = mem_calloc(1, sizeof *connection);
    if (connection == NULL) {
        no_memory(err);
        return NULL;
    }
    if (fill(connection, run, options, err))
        return connection;
    connect_close(connection);
    return NULL;
}

void connect_close(struct connection *connection) {
    if (connection == NULL)
        return;
    manager_free(connection->manager);
    endpoint_done(&connection->address);
    for (size_t i = 0; i < connection->node_count; i++)
        endpoint_done(&connection->nodes[i]);
    auth_done(&connection->auth);
    trust_free(connection->trust);
    secret_free(connection->proxy_password);
    mem_free(connection);
}

const struct http_proxy *connect_proxy(const struct connection *connection) {
    return connection->has_proxy ? &connection->proxy : NULL;
}
