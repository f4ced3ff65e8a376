/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting between attempts: exponential back-off with jitter inside the deadline; there is no count of attempts. */
#include "net/retry.h"

#include <sys/random.h>

void retry_init(struct retry *retry, struct deadline deadline, int64_t first_ms, int64_t cap_ms) {
    *retry = (struct retry){.deadline = deadline, .next_ms = first_ms < cap_ms ? first_ms : cap_ms, .cap_ms = cap_ms};
}

/* Between half of `ms` and all of it. Without randomness the whole wait: later is safe, in step with others only
 * unlucky. */
static int64_t jitter(int64_t ms) {
    uint32_t random;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
        return ms;
    return ms - (int64_t)((uint64_t)(ms / 2) * random / UINT32_MAX);
}

bool retry_wait(struct retry *retry, long retry_after_s) {
    int64_t wait_ms = jitter(retry->next_ms);
    int64_t asked_s = retry_after_s < INT32_MAX ? retry_after_s : INT32_MAX;
    if (wait_ms < asked_s * 1000)
        wait_ms = asked_s * 1000;
    retry->attempts++;
    retry->next_ms = retry->next_ms > retry->cap_ms / 2 ? retry->cap_ms : retry->next_ms * 2;
    /* A wait that cannot end in time is not begun: what is left may serve for undoing. */
    if (wait_ms > deadline_left_ms(retry->deadline))
        return false;
    return clock_sleep_ms(wait_ms, retry->deadline);
}
