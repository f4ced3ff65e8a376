/* SPDX-License-Identifier: Apache-2.0 */
/* One writer at a time for a set of folders, by flock(2); released when the process ends, however it ends. */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"

enum { LOCK_FOLDERS_MAX = 4 };

struct lock {
    int fds[LOCK_FOLDERS_MAX];
    size_t count;
};

/* Locks the folders that hold `paths` (at most LOCK_FOLDERS_MAX, each folder once, always in the same order so that two
 * runs cannot wait for each other). Waits until the deadline: then `locked`. A missing folder is unsafe-path. */
bool lock_take(struct lock *lock, const char *const *paths, size_t count, struct deadline deadline, struct error *err)
    NODISCARD;
void lock_release(struct lock *lock);

#endif
