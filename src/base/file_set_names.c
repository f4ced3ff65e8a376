/* SPDX-License-Identifier: Apache-2.0 */
/* The names that a file set uses beside its targets, and what is done with them alone. */
#include "base/file_set_names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

bool file_set_names_init(struct file_set_names *names, const struct file_set *set, struct error *err) {
    *names = (struct file_set_names){.count = set->count};
    bool ok = true;
    for (size_t i = 0; i < set->count; i++) {
        const char *path = set->items[i].path;
        names->temporary[i] = file_sibling(path, ".", ".nsxcert-new");
        names->keep[i] = file_sibling(path, ".", ".nsxcert-keep");
        names->folder[i] = file_folder(path);
        ok = ok && names->temporary[i] != NULL && names->keep[i] != NULL && names->folder[i] != NULL;
        if (set->items[i].unkept)
            continue;
        names->previous[i] = file_sibling(path, "", ".previous");
        if (set->backup_suffix != NULL)
            names->backup[i] = file_sibling(path, "", set->backup_suffix);
        ok = ok && names->previous[i] != NULL && (set->backup_suffix == NULL || names->backup[i] != NULL);
    }
    return ok || error_set(err, ERROR_OUT_OF_MEMORY, "no memory to write the files; nothing was changed");
}

void file_set_names_done(struct file_set_names *names) {
    for (size_t i = 0; i < names->count; i++) {
        mem_free(names->temporary[i]);
        mem_free(names->keep[i]);
        mem_free(names->previous[i]);
        mem_free(names->backup[i]);
        mem_free(names->folder[i]);
    }
    *names = (struct file_set_names){0};
}

/* Last first, so that a kill in here never looks like a half-done replacement. */
void file_set_drop_temporaries(const struct file_set_names *names) {
    for (size_t i = names->count; i-- > 0;) {
        (void)unlink(names->keep[i]);
        (void)unlink(names->temporary[i]);
    }
}

static bool sync_folder(const char *folder, struct error *err) {
    int fd = file_open(folder, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return file_error(err, errno, "open", folder);
    /* EINVAL: a file system without folder sync has nothing to give here. */
    bool ok = TEMP_FAILURE_RETRY(fsync(fd)) == 0 || errno == EINVAL || file_error(err, errno, "sync", folder);
    close(fd);
    return ok;
}

bool file_set_sync_folders(const struct file_set_names *names, struct error *err) {
    for (size_t i = 0; i < names->count; i++) {
        bool seen = false;
        for (size_t j = 0; j < i; j++)
            seen = seen || strcmp(names->folder[i], names->folder[j]) == 0;
        if (!seen && !sync_folder(names->folder[i], err))
            return false;
    }
    return true;
}

bool file_set_put_in_place(const struct file_set *set, const struct file_set_names *names, size_t index,
                           struct error *err) {
    const char *path = set->items[index].path;
    return TEMP_FAILURE_RETRY(rename(names->temporary[index], path)) == 0 || file_error(err, errno, "replace", path);
}
