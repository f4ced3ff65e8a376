/* SPDX-License-Identifier: Apache-2.0 */
/* One look at what one endpoint of the request serves: nothing is verified, no credentials are sent. */
#ifndef OP_LOOK_H
#define OP_LOOK_H

#include <jansson.h>
#include <openssl/x509.h>
#include <stdbool.h>

#include "base/error.h"
#include "op/connect.h"
#include "op/run.h"

struct look {
    STACK_OF(X509) * presented; /* leaf first */
    const char *tls_version;    /* static */
    char *endpoint;             /* "host[:port]" as given */
};

/* Handshakes with the endpoint member `value`. `connection` may be NULL (port 443, no proxy). unreachable with the
 * reason. */
bool look_at(struct run *run, const json_t *value, const char *pointer, const struct connection *connection,
             struct look *ret, struct error *err) NODISCARD;
void look_done(struct look *look);

static inline void auto_look_cleanup(struct look *look) {
    look_done(look);
}
#define auto_look AUTO(look)

#endif
