/* SPDX-License-Identifier: Apache-2.0 */
/* Turns what is known of a request that ended into its outcome, with the reason in words. */
#include "net/outcome.h"

#include "base/interrupt.h"
#include "base/mem.h"

bool outcome_set(struct http_response *ret, enum http_outcome outcome, const char *reason) {
    ret->outcome = outcome;
    mem_free(ret->reason);
    ret->reason = mem_strdup(reason);
    return outcome == HTTP_ANSWERED;
}

bool outcome_stop(struct deadline deadline, struct http_response *ret) {
    const char *reason = interrupt_signal() != 0     ? "a signal came"
                         : deadline_passed(deadline) ? "the deadline passed"
                                                     : NULL;
    if (reason != NULL)
        (void)outcome_set(ret, HTTP_INTERRUPTED, reason);
    return reason != NULL;
}

static bool judge_handshake(const struct outcome_facts *facts, struct http_response *ret) {
    unsigned long error = facts->handshake->error;
    if (ret->presented != NULL && ret->trust.by == TRUST_NONE)
        return outcome_set(ret, HTTP_UNTRUSTED, ret->trust.reason);
    if (facts->timed_out)
        return outcome_set(ret, HTTP_UNREACHABLE, "nothing answered in time in the handshake");
    return outcome_set(ret, tls_is_disconnect(error) ? HTTP_UNREACHABLE : HTTP_TLS_FAILED, tls_reason(error));
}

static bool judge_unsent(const struct outcome_facts *facts, struct http_response *ret) {
    if (facts->handshake->begun)
        return judge_handshake(facts, ret);
    const char *words = facts->timed_out ? "nothing answered in time" : facts->words;
    if (!facts->through_proxy)
        return outcome_set(ret, HTTP_UNREACHABLE, words);
    auto_text char *reason = facts->proxy_status == 0 ? mem_printf("proxy: %s", words)
                                                      : mem_printf("the proxy answered %ld", facts->proxy_status);
    return outcome_set(ret, HTTP_PROXY_FAILED, reason);
}

bool outcome_judge(const struct outcome_facts *facts, struct http_response *ret) {
    if (!ret->sent)
        return judge_unsent(facts, ret);
    if (facts->sent_twice)
        return outcome_set(ret, HTTP_UNCLEAR, "the kept connection was closed before an answer came");
    if (facts->ended_well && answer_finish(facts->answer, facts->handshake->closed))
        return outcome_set(ret, HTTP_ANSWERED, NULL);
    if (facts->answer->fault != NULL) {
        auto_text char *reason = mem_printf("the answer is not usable: %s", facts->answer->fault);
        return outcome_set(ret, facts->answer->too_large ? HTTP_TOO_LARGE : HTTP_UNCLEAR, reason);
    }
    if (facts->timed_out)
        return outcome_set(ret, HTTP_UNCLEAR, "no whole answer came in time");
    if (facts->handshake->alert == NULL)
        return outcome_set(ret, HTTP_UNCLEAR, facts->words);
    auto_text char *reason = mem_printf("the peer ended TLS with the alert \"%s\"", facts->handshake->alert);
    return outcome_set(ret, HTTP_UNCLEAR, reason);
}
