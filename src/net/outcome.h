/* SPDX-License-Identifier: Apache-2.0 */
/* Turns what is known of a request that ended into its outcome, with the reason in words. */
#ifndef NET_OUTCOME_H
#define NET_OUTCOME_H

#include <stdbool.h>

#include "net/answer.h"
#include "net/http.h"
#include "net/tls.h"

/* All borrowed. */
struct outcome_facts {
    bool timed_out;
    bool ended_well;   /* the library sees nothing wrong: the answer may still be cut */
    bool sent_twice;   /* the library wanted to send it again and was not let */
    const char *words; /* the library's, static */
    bool through_proxy;
    long proxy_status; /* of its answer to CONNECT; 0: none */
    const struct tls_handshake *handshake;
    struct answer *answer;
};

/* Sets outcome and (copied) reason; true for HTTP_ANSWERED. */
bool outcome_set(struct http_response *ret, enum http_outcome outcome, const char *reason);

/* True, with HTTP_INTERRUPTED set, when a signal or the deadline came. */
bool outcome_stop(struct deadline deadline, struct http_response *ret);

/* Looks at ret->sent, ret->presented and ret->trust too; true for HTTP_ANSWERED. */
bool outcome_judge(const struct outcome_facts *facts, struct http_response *ret);

#endif
