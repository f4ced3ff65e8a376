/* SPDX-License-Identifier: Apache-2.0 */
/* register: the result, and the managers that serve something else. */
#include "base/buf.h"
#include "op/facts.h"
#include "op/register_plan.h"
#include "json/get.h"

static json_t *endpoint_new(const struct register_target *target) {
    json_t *object = json_object();
    put_text(object, "address", target->endpoint->text);
    put_text(object, "role", prove_role_name(target->role));
    put_text(object, "call", target->call);
    put_text(object, "via", target->via);
    put_text(object, "fingerprint_sha256", target->served[0] == '\0' ? NULL : target->served);
    put_take(object, "settled_after_ms", target->settled_after_ms < 0 ? NULL : json_integer(target->settled_after_ms));
    return object;
}

void register_report(struct run *run, const struct register_state *state) {
    const char *call = NULL;
    json_t *endpoints = json_array();
    for (size_t i = 0; i < state->target_count; i++) {
        push_take(endpoints, endpoint_new(&state->targets[i]));
        if (state->targets[i].call != NULL)
            call = state->targets[i].call;
    }
    put_text(run->result, "certificate_id", state->certificate_id);
    const struct chain *chain = &state->certificate.chain;
    facts_tell(run->result, chain->count == 0 ? NULL : chain->certs[0]);
    put_text(run->result, "previous_certificate_id", state->previous_id);
    put_text(run->result, "call", call);
    put_take(run->result, "endpoints", endpoints);
}

void register_warn_nodes(struct run *run, const struct register_state *state) {
    auto_buf struct buf names;
    buf_init(&names, 0);
    for (size_t i = state->target_count; i < state->looked_count; i++) {
        const struct prove_endpoint *at = &state->endpoints[i];
        if (at->facts != NULL && at->checks[CHECK_FINGERPRINT] != 1)
            buf_printf(&names, "%s%s", names.length == 0 ? "" : ", ", at->endpoint->text);
        else if (at->facts == NULL)
            problem_set_endpoint(problems_add(&run->warnings, ERROR_NODE_NOT_CHECKED, "%s could not be looked at: %s",
                                              at->endpoint->text, at->reason == NULL ? "no answer" : at->reason),
                                 at->endpoint->text);
    }
    if (names.length > 0)
        problems_add(&run->warnings, ERROR_NODES_DIFFER, "these managers serve another certificate: %s",
                     buf_text(&names));
}
