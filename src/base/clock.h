/* SPDX-License-Identifier: Apache-2.0 */
/* Time: the wall clock in RFC 3339, and the one monotonic deadline that everything in a run waits under. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/cleanup.h"

enum { CLOCK_TEXT_SIZE = 32 };

/* Seconds since 1970-01-01T00:00:00Z, by the wall clock. */
time_t clock_now(void);

/* Milliseconds of the monotonic clock. */
int64_t clock_monotonic_ms(void);

/* A moment of the monotonic clock at which waiting ends. */
struct deadline {
    int64_t at_ms;
};

struct deadline deadline_after_ms(int64_t ms);

/* The earlier of `deadline` and now + ms. */
struct deadline deadline_within_ms(struct deadline deadline, int64_t ms);

/* Milliseconds left, never negative. */
int64_t deadline_left_ms(struct deadline deadline);
bool deadline_passed(struct deadline deadline);

/* Waits `ms`; false when the deadline comes first or a signal asked to stop (interrupt.h): no more waiting makes sense.
 */
bool clock_sleep_ms(int64_t ms, struct deadline deadline) NODISCARD;

/* "2026-01-31T12:00:00Z" (RFC 3339, UTC). Returns `text`. */
const char *clock_format(time_t moment, char text[CLOCK_TEXT_SIZE]);

/* Reads an RFC 3339 date-time that ends in Z; fractions of a second are dropped. False if it is none. */
bool clock_parse(const char *text, time_t *ret_moment) NODISCARD;

#endif
