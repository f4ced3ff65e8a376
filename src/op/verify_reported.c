/* SPDX-License-Identifier: Apache-2.0 */
/* verify: console output of `get certificate api` and `get certificate cluster`, held against the wire. */
#include <string.h>

#include "base/mem.h"
#include "op/verify_plan.h"
#include "x509/chain.h"
#include "json/get.h"

/* What the console's certificate is compared with: `api` with what that endpoint serves, `cluster` with the VIP. */
static const unsigned char *counterpart(const struct verify_state *state, const char *host, bool cluster) {
    for (size_t i = 0; i < state->endpoint_count; i++) {
        const struct prove_endpoint *at = &state->endpoints[i];
        bool same = cluster ? at->role == ROLE_VIP : strcmp(at->endpoint->host, host) == 0;
        if (same && at->facts != NULL)
            return prove_facts_sha256(at->facts);
    }
    return NULL;
}

static enum prove_status judge(const struct verify_state *state, const json_t *item, json_t *entry) {
    auto_chain struct chain chain = {0};
    auto_error struct error cause = {0};
    const char *text = get_text(item, "text", "");
    unsigned char said[CERT_SHA256_SIZE];
    char hex[CERT_HEX_SIZE];
    if (!chain_read_pem(text, strlen(text), NULL, &chain, &cause) || !cert_sha256(chain.certs[0], said))
        return PROVE_UNKNOWN;
    cert_hex(said, hex);
    put_text(entry, "fingerprint_sha256", hex);
    struct endpoint endpoint = {0};
    int port = state->connection == NULL ? 443 : state->connection->address.port;
    if (!endpoint_init(&endpoint, get_text(item, "endpoint", ""), port, NULL, &cause))
        return PROVE_UNKNOWN;
    const unsigned char *served =
        counterpart(state, endpoint.host, strcmp(get_text(item, "service", "api"), "cluster") == 0);
    endpoint_done(&endpoint);
    if (served == NULL)
        return PROVE_UNKNOWN;
    return memcmp(said, served, sizeof said) == 0 ? PROVE_IN_SYNC : PROVE_DRIFTED;
}

enum prove_status verify_reported(struct run *run, const struct verify_state *state) {
    enum prove_status status = PROVE_IN_SYNC;
    json_t *list = json_array();
    size_t index;
    json_t *item;
    json_array_foreach(get_array(run->parameters, "reported"), index, item) {
        json_t *entry = json_object();
        put_text(entry, "endpoint", get_text(item, "endpoint", NULL));
        put_text(entry, "service", get_text(item, "service", NULL));
        put_null(entry, "fingerprint_sha256");
        enum prove_status one = judge(state, item, entry);
        put_text(entry, "status", prove_status_name(one));
        push_take(list, entry);
        status = prove_worse(status, one);
    }
    put_take(run->result, "reported", list);
    return status;
}
