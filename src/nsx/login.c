/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials on the wire: the Authorization header, or a session with its cookie and XSRF token (nsx-api.md,
 * "Authentication"). */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "nsx/peer.h"

enum { LEAVE_TIMEOUT_MS = 3000, FORM_LIMIT = 512 * 1024 };

/* A secret from a buffer that is wiped with it. */
static struct secret *from_buf(const struct buf *buf) {
    return buf->failed ? NULL : secret_new(buf_text(buf), buf->length, false);
}

static struct secret *bearer(const struct secret *token) {
    auto_buf struct buf value;
    buf_init(&value, 0);
    buf_add_text(&value, "Bearer ");
    buf_add(&value, secret_reveal(token), secret_length(token));
    return from_buf(&value);
}

bool login_prepare(struct manager *manager) {
    const struct auth *auth = manager->config.auth;
    switch (auth->kind) {
    case AUTH_BASIC: manager->authorization = http_basic("Basic", auth->username, auth->secret); break;
    case AUTH_REMOTE: manager->authorization = http_basic("Remote", auth->username, auth->secret); break;
    case AUTH_TOKEN: manager->authorization = bearer(auth->secret); break;
    case AUTH_NONE:
    case AUTH_SESSION:
    case AUTH_CLIENT_CERTIFICATE: return true;
    }
    return manager->authorization != NULL;
}

bool login_needed(const struct manager *manager, const struct peer *peer) {
    return manager->config.auth->kind == AUTH_SESSION && peer->cookie == NULL;
}

/* application/x-www-form-urlencoded: what RFC 3986 leaves alone, the rest as %XX. */
static void add_encoded(struct buf *form, const char *bytes, size_t length) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '\0' && strchr(plain, bytes[i]) != NULL)
            buf_add(form, &bytes[i], 1);
        else
            buf_printf(form, "%%%02X", (unsigned)(unsigned char)bytes[i]);
    }
}

struct secret *login_form(const struct manager *manager) {
    const struct auth *auth = manager->config.auth;
    auto_buf struct buf form;
    buf_init(&form, FORM_LIMIT);
    buf_add_text(&form, "j_username=");
    add_encoded(&form, auth->username, strlen(auth->username));
    buf_add_text(&form, "&j_password=");
    add_encoded(&form, secret_reveal(auth->secret), secret_length(auth->secret));
    return from_buf(&form);
}

void login_forget(struct peer *peer) {
    secret_free(peer->cookie);
    secret_free(peer->xsrf_token);
    peer->cookie = NULL;
    peer->xsrf_token = NULL;
    peer->session_accepted = false;
}

bool login_adopt(struct peer *peer, const struct http_response *response) {
    login_forget(peer);
    if (response->set_cookie == NULL || *response->set_cookie == '\0')
        return false;
    peer->cookie = secret_new(response->set_cookie, strlen(response->set_cookie), false);
    if (response->xsrf_token != NULL)
        peer->xsrf_token = secret_new(response->xsrf_token, strlen(response->xsrf_token), false);
    return peer->cookie != NULL;
}

void login_leave(struct manager *manager, struct peer *peer) {
    if (peer->cookie == NULL || peer->client == NULL || mem_exhausted())
        return;
    const struct http_request request = {.method = "POST",
                                         .path = "/api/session/destroy",
                                         .cookie = peer->cookie,
                                         .xsrf_token = peer->xsrf_token};
    struct http_response response = {0};
    struct deadline deadline = deadline_within_ms(manager->config.deadline, LEAVE_TIMEOUT_MS);
    /* The session ends by itself after its idle time: an answer that does not come is no failure of the run. */
    if (!http_send(peer->client, &request, deadline, &response))
        (void)response;
    http_response_done(&response);
    login_forget(peer);
}
