/* SPDX-License-Identifier: Apache-2.0 */
/* Time: the wall clock in RFC 3339, and the one monotonic deadline that everything in a run waits under. */
#include "base/clock.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/interrupt.h"

time_t clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

int64_t clock_monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct deadline deadline_after_ms(int64_t ms) {
    return (struct deadline){clock_monotonic_ms() + ms};
}

struct deadline deadline_within_ms(struct deadline deadline, int64_t ms) {
    struct deadline nearer = deadline_after_ms(ms);
    return nearer.at_ms < deadline.at_ms ? nearer : deadline;
}

int64_t deadline_left_ms(struct deadline deadline) {
    int64_t left = deadline.at_ms - clock_monotonic_ms();
    return left > 0 ? left : 0;
}

bool deadline_passed(struct deadline deadline) {
    return deadline_left_ms(deadline) == 0;
}

bool clock_sleep_ms(int64_t ms, struct deadline deadline) {
    struct deadline end = deadline_after_ms(ms);
    bool cut = end.at_ms > deadline.at_ms;
    if (cut)
        end = deadline;
    struct pollfd wake = {.fd = interrupt_fd(), .events = POLLIN};
    for (int64_t left = deadline_left_ms(end); left > 0 && interrupt_signal() == 0; left = deadline_left_ms(end))
        (void)poll(&wake, 1, left > 60000 ? 60000 : (int)left);
    return !cut && interrupt_signal() == 0;
}

const char *clock_format(time_t moment, char text[CLOCK_TEXT_SIZE]) {
    struct tm parts;
    if (gmtime_r(&moment, &parts) == NULL || strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        snprintf(text, CLOCK_TEXT_SIZE, "%s", "9999-12-31T23:59:59Z");
    return text;
}

bool clock_parse(const char *text, time_t *ret_moment) {
    struct tm parts = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == NULL || text[4] != '-' || strcspn(text, "Tt") != 10)
        return false;
    if (*rest == '.') {
        size_t digits = strspn(rest + 1, "0123456789");
        if (digits == 0)
            return false;
        rest += 1 + digits;
    }
    if (strcmp(rest, "Z") != 0)
        return false;
    struct tm given = parts;
    time_t moment = timegm(&parts);
    /* timegm() normalises 31 February silently: what does not stay unchanged was no date. */
    if (parts.tm_mday != given.tm_mday || parts.tm_mon != given.tm_mon)
        return false;
    *ret_moment = moment;
    return true;
}
