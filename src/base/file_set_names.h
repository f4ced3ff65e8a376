/* SPDX-License-Identifier: Apache-2.0 */
/* The names that a file set uses beside its targets; all made first, so that the middle of its work needs no memory. */
#ifndef BASE_FILE_SET_NAMES_H
#define BASE_FILE_SET_NAMES_H

#include "base/file_set.h"

/* One entry for each item of the set; all owned. */
struct file_set_names {
    char *temporary[FILE_SET_MAX]; /* the new content until it is put in place */
    char *keep[FILE_SET_MAX];      /* a second name for what is replaced, on its way to the next two */
    char *previous[FILE_SET_MAX];  /* NULL for what is unkept */
    char *backup[FILE_SET_MAX];    /* the same, and without a backup suffix */
    char *folder[FILE_SET_MAX];
    size_t count;
};

/* out-of-memory when one cannot be made. */
bool file_set_names_init(struct file_set_names *names, const struct file_set *set, struct error *err) NODISCARD;
void file_set_names_done(struct file_set_names *names);

/* Removes what a commit leaves beside the targets while it works. */
void file_set_drop_temporaries(const struct file_set_names *names);

/* Makes renames and links last: syncs each folder of the set once. */
bool file_set_sync_folders(const struct file_set_names *names, struct error *err) NODISCARD;

/* Moves the temporary of one file over its target. */
bool file_set_put_in_place(const struct file_set *set, const struct file_set_names *names, size_t index,
                           struct error *err) NODISCARD;

static inline void auto_file_set_names_cleanup(struct file_set_names *names) {
    file_set_names_done(names);
}
#define auto_file_set_names AUTO(file_set_names)

#endif
