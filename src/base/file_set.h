/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear together or not at all, also when the process is killed in between.
 *
 * Every new content is first written to ".NAME.nsxcert-new" beside its target and synced, in the order of the set; then
 * the targets are replaced by rename in the same order. So after a kill the first file still having its temporary means
 * that nothing was replaced (the temporaries are dropped), and a later one having it while the first has none means
 * that the replacing had begun (it is finished). The caller holds the lock of the folders (lock.h). */
#ifndef BASE_FILE_SET_H
#define BASE_FILE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

enum { FILE_SET_MAX = 4 };

struct file_set_item {
    const char *path; /* borrowed */
    mode_t mode;
    const char *bytes; /* may be NULL until file_set_commit() */
    size_t length;
    bool unkept; /* no PATH.previous and no backup of it */
};

struct file_set {
    struct file_set_item items[FILE_SET_MAX];
    size_t count;
    const char *backup_suffix; /* NULL, or each replaced file also stays as PATH + this suffix */
    bool replaced;             /* set by file_set_commit(): a target is different now, also when it failed */
};

/* Adds a file; the first added is the first replaced. */
void file_set_add(struct file_set *set, const char *path, mode_t mode, const char *bytes, size_t length);

/* Adds a file of which no older content is kept, so it cannot be put back: only the last of a set may be one. */
void file_set_add_unkept(struct file_set *set, const char *path, mode_t mode);

/* Refuses targets whose folder is missing, that are a symbolic link, a folder, no regular file, someone else's (unless
 * root), one file under two spellings, or named like what is kept or written beside another; and a folder in the place
 * of those: unsafe-path. */
bool file_set_check(const struct file_set *set, struct error *err) NODISCARD;

/* True if a killed run had begun to replace this set: file_set_recover() has something to finish. */
bool file_set_is_half_done(const struct file_set *set);

/* True if a killed run left anything behind: file_set_recover() has something to finish or to drop. */
bool file_set_has_leftovers(const struct file_set *set);

/* The path whose content counts now: the temporary, where a half-done replacement will put it in place, else `path`.
 * The caller frees. */
char *file_set_current(const struct file_set *set, size_t index);

/* Finishes a half-done replacement, or drops temporaries of one that had not begun. */
bool file_set_recover(const struct file_set *set, struct error *err) NODISCARD;

/* Writes and replaces all files; what was there stays as PATH.previous (hard link, or a copy where the file system
 * knows none). On failure what was replaced is put back and no temporary is left; where not even that works, `replaced`
 * is true and file_set_recover() finishes it. Under root the owner and group of a replaced file are kept. */
bool file_set_commit(struct file_set *set, struct error *err) NODISCARD;

#endif
