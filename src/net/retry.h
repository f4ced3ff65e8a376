/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting between attempts: exponential back-off with jitter inside the deadline; there is no count of attempts. */
#ifndef NET_RETRY_H
#define NET_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct retry {
    struct deadline deadline;
    int64_t next_ms;
    int64_t cap_ms;
    unsigned attempts;
};

/* First wait about `first_ms`, doubling up to `cap_ms`, each with full jitter between half and all of it. */
void retry_init(struct retry *retry, struct deadline deadline, int64_t first_ms, int64_t cap_ms);

/* Waits before the next attempt, at least `retry_after_s` if it is not negative. False (without waiting to the end)
 * when the wait would pass the deadline, or a signal asked to stop. */
bool retry_wait(struct retry *retry, long retry_after_s) NODISCARD;

#endif
