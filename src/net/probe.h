/* SPDX-License-Identifier: Apache-2.0 */
/* What endpoints serve: many TLS handshakes at once in one thread, no credentials, nothing verified, everything
 * reported. */
#ifndef NET_PROBE_H
#define NET_PROBE_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"
#include "net/http.h"

struct probe_target {
    const char *host; /* IP without brackets, or a name */
    int port;
    const char *server_name; /* SNI; NULL: host if that is a name */
};

enum probe_outcome {
    PROBE_SERVED, /* the handshake was completed: leaf and chain are set */
    PROBE_UNRESOLVED,
    PROBE_UNREACHABLE, /* refused, reset, no route */
    PROBE_SILENT,      /* timeout, in connect or handshake */
    PROBE_TLS_FAILED,  /* no TLS there, alert, protocol below 1.2 */
    PROBE_PROXY_FAILED,
    PROBE_STOPPED, /* deadline or signal before it was done */
};

struct probe_result {
    enum probe_outcome outcome;
    const char *reason;      /* in words; valid during the callback */
    X509 *leaf;              /* borrowed, valid during the callback */
    STACK_OF(X509) * chain;  /* as presented, leaf included; borrowed */
    const char *tls_version; /* "TLSv1.3", static */
};

struct probe_options {
    size_t concurrency; /* 0: 256, lowered to what descriptors allow */
    int timeout_ms;     /* one endpoint, connect and handshake */
    const struct http_proxy *proxy;
};

/* Probes all targets and calls `done` once for each, in the order in which they end. Names are looked up without
 * blocking the rest. False (out-of-memory, too-many-files, internal) only when it could not be run at all. */
bool probe_all(const struct probe_target *targets, size_t count, const struct probe_options *options,
               struct deadline deadline, void (*done)(void *context, size_t index, const struct probe_result *result),
               void *context, struct error *err) NODISCARD;

#endif
