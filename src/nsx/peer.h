/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the manager share: one endpoint's connection, session and history. Of no use outside src/nsx. */
#ifndef NSX_PEER_H
#define NSX_PEER_H

#include "nsx/manager.h"

struct peer {
    const struct endpoint *endpoint;
    struct http_client *client; /* made at the first call */
    struct peer *next;
    bool may_be_vip; /* at manager.address the virtual IP may answer, whose certificate the console calls another */
    bool answered;   /* a manager has answered here in this run */
    bool tried;
    struct deadline first_contact; /* how long a first answer is waited for; valid once tried */
    bool has_version;
    struct lint_version version;
    struct secret *cookie; /* of a session, or NULL */
    struct secret *xsrf_token;
    bool session_accepted; /* the session got at least one call through: it may be made anew */
};

struct manager {
    struct manager_config config;
    struct peer main;
    struct secret *authorization; /* the header, or NULL */
    char *refusal;                /* who refused the credentials, in words; then they are sent nowhere again */
    bool warned_expired;
};

/* True if `peer` needs a session before its next call. */
bool login_needed(const struct manager *manager, const struct peer *peer);

/* The body of session/create, URL-encoded; NULL when memory ran out. */
struct secret *login_form(const struct manager *manager);

/* Takes cookie and token from the answer to session/create; false when it holds none. */
bool login_adopt(struct peer *peer, const struct http_response *response);
void login_forget(struct peer *peer);

/* Ends the session of a peer, one short try. */
void login_leave(struct manager *manager, struct peer *peer);

/* Makes the Authorization header of the manager's auth, if that has one. */
bool login_prepare(struct manager *manager);

#endif
