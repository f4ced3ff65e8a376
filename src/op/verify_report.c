/* SPDX-License-Identifier: Apache-2.0 */
/* verify: the result, endpoint by endpoint, and the certificate that everything was compared with. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "op/verify_plan.h"
#include "json/get.h"

static json_t *checks_new(const struct prove_endpoint *at) {
    json_t *object = json_object();
    for (int check = 0; check < PROVE_CHECKS; check++)
        put_take(object, prove_check_name((enum prove_check)check),
                 at->checks[check] < 0 ? NULL : json_boolean(at->checks[check]));
    return object;
}

/* The checks of `at`: those of the endpoint before it where they came out alike, so that 10,000 endpoints that agree
 * take the memory of one. */
static json_t *checks_take(const struct prove_endpoint *at, const struct prove_endpoint *before,
                           const json_t *reported) {
    bool alike = before != NULL && before->facts != NULL && memcmp(at->checks, before->checks, sizeof at->checks) == 0;
    return alike ? json_incref(json_object_get(reported, "checks")) : checks_new(at);
}

/* `before` (may be NULL) was reported as `reported`. */
static json_t *endpoint_new(const struct prove_endpoint *at, const struct prove_endpoint *before,
                            const json_t *reported) {
    json_t *object = json_object();
    put_text(object, "address", at->endpoint->text);
    put_text(object, "role", prove_role_name(at->role));
    put_text(object, "status", prove_status_name(at->status));
    put_flag(object, "reachable", at->reachable);
    put_text(object, "reason", at->reason);
    put_take(object, "presented", at->facts == NULL ? NULL : json_incref(prove_facts_presented(at->facts)));
    put_take(object, "checks", at->facts == NULL ? NULL : checks_take(at, before, reported));
    return object;
}

/* Renewal stands on the certificate that is meant to be served: a third of its validity before its end. */
static void report_renewal(struct run *run, X509 *leaf) {
    char text[CLOCK_TEXT_SIZE];
    time_t at = leaf == NULL ? 0 : cert_renewal_at(leaf, -1);
    bool due = leaf != NULL && at <= clock_now();
    put_take(run->result, "renewal_due", leaf == NULL ? NULL : json_boolean(due));
    put_text(run->result, "renewal_at", leaf == NULL ? NULL : clock_format(at, text));
    if (due)
        problems_add(&run->warnings, ERROR_RENEWAL_DUE, "renewal was due at %s, the certificate ends at %s", text,
                     clock_format(cert_not_after(leaf), (char[CLOCK_TEXT_SIZE]){0}));
}

/* Id and name where the request's reference or the API told them for this very certificate. */
static const struct reference *named_reference(const struct verify_state *state, const unsigned char *sha256) {
    const struct reference *candidates[] = {&state->expected, &state->api_certificate};
    for (size_t i = 0; i < 2; i++)
        if (candidates[i]->certificate_id != NULL && candidates[i]->known &&
            memcmp(candidates[i]->sha256, sha256, CERT_SHA256_SIZE) == 0)
            return candidates[i];
    return NULL;
}

static json_t *certificate_new(const struct verify_state *state, const struct chain *chain) {
    unsigned char sha256[CERT_SHA256_SIZE];
    char hex[CERT_HEX_SIZE];
    char text[CLOCK_TEXT_SIZE];
    auto_buf struct buf pem;
    buf_init(&pem, 0);
    bool has_leaf = chain != NULL && chain->count > 0 && cert_sha256(chain->certs[0], sha256);
    if (!has_leaf && !state->expected.known)
        return NULL;
    if (!has_leaf)
        memcpy(sha256, state->expected.sha256, sizeof sha256);
    const struct reference *named = named_reference(state, sha256);
    cert_hex(sha256, hex);
    json_t *object = json_object();
    put_text(object, "certificate_id", named == NULL ? NULL : named->certificate_id);
    put_text(object, "display_name", named == NULL ? NULL : named->display_name);
    put_text(object, "fingerprint_sha256", hex);
    put_text(object, "certificate_pem", has_leaf && chain_write_pem(chain, &pem) ? buf_text(&pem) : NULL);
    put_text(object, "not_after", has_leaf ? clock_format(cert_not_after(chain->certs[0]), text) : NULL);
    return object;
}

static void warn_nodes(struct run *run, const struct verify_state *state) {
    auto_buf struct buf names;
    buf_init(&names, 0);
    for (size_t i = 0; i < state->endpoint_count && !state->rules.require_node_names; i++)
        if (state->endpoints[i].lacks_own_name)
            buf_printf(&names, "%s%s", names.length == 0 ? "" : ", ", state->endpoints[i].endpoint->text);
    struct problem *item = names.length == 0 ? NULL : problems_add_blank(&run->warnings);
    if (item == NULL)
        return;
    item->code = "san-lacks-node";
    item->title = "The certificate does not name every manager";
    item->severity = SEVERITY_WARNING;
    item->detail = mem_printf("the SAN of what they serve does not hold: %s", buf_text(&names));
    problem_set_remedy(item, "Put the managers into the SAN if clients contact them directly.");
}

/* One word for why the whole is unknown. */
static const char *unknown_reason(const struct verify_state *state) {
    if (state->look_error.code != ERROR_NONE)
        return state->look_error.problem.code;
    for (size_t i = 0; i < state->endpoint_count; i++)
        if (state->endpoints[i].status == PROVE_UNKNOWN)
            return error_info(ERROR_UNREACHABLE)->name;
    if (state->api_error.code != ERROR_NONE)
        return state->api_error.problem.code;
    return error_info(ERROR_NOT_VERIFIED)->name;
}

void verify_report(struct run *run, struct verify_state *state, enum prove_status status) {
    const struct chain *reference = state->prover != NULL ? prover_reference(state->prover) : NULL;
    if (reference == NULL && state->expected.chain.count > 0)
        reference = &state->expected.chain;
    json_t *endpoints = json_array();
    for (size_t i = 0; i < state->endpoint_count; i++) {
        const json_t *last = json_array_get(endpoints, json_array_size(endpoints) - 1);
        push_take(endpoints, endpoint_new(&state->endpoints[i], i == 0 ? NULL : &state->endpoints[i - 1], last));
    }
    put_text(run->result, "status", prove_status_name(status));
    put_text(run->result, "reason", status == PROVE_UNKNOWN ? unknown_reason(state) : NULL);
    put_take(run->result, "certificate", certificate_new(state, reference));
    report_renewal(run, reference == NULL ? NULL : reference->certs[0]);
    put_take(run->result, "endpoints", endpoints);
    put_take(run->result, "api", verify_api_json(state));
    warn_nodes(run, state);
}
