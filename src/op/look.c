/* SPDX-License-Identifier: Apache-2.0 */
/* One look at what one endpoint of the request serves: nothing is verified, no credentials are sent. */
#include "op/look.h"

#include "base/interrupt.h"
#include "base/mem.h"
#include "net/probe.h"

enum { DEFAULT_PORT = 443, DEFAULT_TIMEOUT_MS = 10000 };

struct looking {
    struct look *look;
    const char *endpoint; /* for texts */
    struct error *err;
};

static void take(void *context, size_t index, const struct probe_result *result) {
    (void)index;
    struct looking *looking = context;
    if (result->outcome != PROBE_SERVED && interrupt_signal() != 0) {
        error_set(looking->err, ERROR_INTERRUPTED, "signal %d came before %s had answered", interrupt_signal(),
                  looking->endpoint);
        return;
    }
    if (result->outcome != PROBE_SERVED) {
        error_set(looking->err, ERROR_UNREACHABLE, "%s: %s", looking->endpoint,
                  result->reason == NULL ? "no answer" : result->reason);
        return;
    }
    looking->look->tls_version = result->tls_version;
    looking->look->presented = X509_chain_up_ref(result->chain);
    if (looking->look->presented == NULL)
        error_set(looking->err, ERROR_OUT_OF_MEMORY, "no memory to keep what was presented");
}

bool look_at(struct run *run, const json_t *value, const char *pointer, const struct connection *connection,
             struct look *ret, struct error *err) {
    struct endpoint endpoint = {0};
    int port = connection == NULL ? DEFAULT_PORT : connection->address.port;
    if (!connect_endpoint(value, port, pointer, &endpoint, err))
        return false;
    struct probe_target target = {endpoint.host, endpoint.port, endpoint.server_name};
    struct probe_options options = {.timeout_ms =
                                        connection == NULL ? DEFAULT_TIMEOUT_MS : connection->connect_timeout_ms,
                                    .proxy = connection == NULL ? NULL : connect_proxy(connection)};
    struct looking looking = {ret, endpoint.text, err};
    bool ok = probe_all(&target, 1, &options, run->deadline, take, &looking, err) && err->code == ERROR_NONE;
    ret->endpoint = mem_strdup(endpoint.text);
    if (!ok)
        error_set_endpoint(err, endpoint.text);
    endpoint_done(&endpoint);
    return ok;
}

void look_done(struct look *look) {
    sk_X509_pop_free(look->presented, X509_free);
    mem_free(look->endpoint);
    *look = (struct look){0};
}
