/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer of a manager, or its absence, means. */
#ifndef NSX_JUDGE_H
#define NSX_JUDGE_H

#include "nsx/peer.h"

enum answer_kind {
    ANSWER_DONE,              /* 2xx, body read */
    ANSWER_NO,                /* a whole refusal, final */
    ANSWER_NOT_DONE,          /* 429: certainly not performed, may be repeated */
    ANSWER_UNCERTAIN,         /* 502, 503, 504, busy inside, damaged or no whole answer: performed or not */
    ANSWER_NOT_SENT,          /* could not connect: may be repeated */
    ANSWER_HOPELESS,          /* repeating cannot help: untrusted, not a manager, no memory */
    ANSWER_HOPELESS_AT_FIRST, /* no such name, failed handshake: repeated only where a manager had answered before */
    ANSWER_CREDENTIALS,       /* the login or session was refused */
    ANSWER_STOPPED,           /* a signal or the deadline */
};

/* Judges a response to `method path`; for all but ANSWER_DONE `err` is set, with upstream where there was an answer.
 * `ret` gets status, retry_after_s and (ANSWER_DONE) the body. */
enum answer_kind answer_judge(const struct peer *peer, const char *method, const char *path,
                              const struct http_response *response, struct manager_answer *ret, struct error *err)
    NODISCARD;

#endif
