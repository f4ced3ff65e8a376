/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear together or not at all, also when the process is killed in between. */
#include "base/file_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static bool no_memory(struct error *err) {
    return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to write the files; nothing was changed");
}

static char *temporary(const char *path) {
    return file_sibling(path, ".", ".nsxcert-new");
}

void file_set_add(struct file_set *set, const char *path, mode_t mode, const char *bytes, size_t length) {
    set->items[set->count++] = (struct file_set_item){path, mode, bytes, length};
}

static bool check_target(const char *path, struct error *err) {
    struct stat status;
    if (lstat(path, &status) != 0)
        return errno == ENOENT ? true : file_error(err, errno, "look at", path);
    const char *kind = S_ISLNK(status.st_mode)    ? "a symbolic link"
                       : S_ISDIR(status.st_mode)  ? "a folder"
                       : !S_ISREG(status.st_mode) ? "not a regular file"
                                                  : NULL;
    if (kind != NULL)
        return error_set(err, ERROR_UNSAFE_PATH, "%s is %s", path, kind);
    if (geteuid() != 0 && status.st_uid != geteuid())
        return error_set(err, ERROR_UNSAFE_PATH, "%s belongs to user %u", path, (unsigned)status.st_uid);
    return true;
}

bool file_set_check(const struct file_set *set, struct error *err) {
    for (size_t i = 0; i < set->count; i++)
        if (!check_target(set->items[i].path, err))
            return false;
    return true;
}

static char *keep_link(const char *path) {
    return file_sibling(path, ".", ".nsxcert-keep");
}

static bool has_temporary(const char *path) {
    auto_text char *name = temporary(path);
    return name != NULL && file_exists(name);
}

bool file_set_has_leftovers(const struct file_set *set) {
    for (size_t i = 0; i < set->count; i++) {
        auto_text char *kept = keep_link(set->items[i].path);
        if (has_temporary(set->items[i].path) || (kept != NULL && file_exists(kept)))
            return true;
    }
    return false;
}

bool file_set_is_half_done(const struct file_set *set) {
    if (set->count == 0 || has_temporary(set->items[0].path))
        return false;
    for (size_t i = 1; i < set->count; i++)
        if (has_temporary(set->items[i].path))
            return true;
    return false;
}

char *file_set_current(const struct file_set *set, size_t index) {
    const char *path = set->items[index].path;
    return file_set_is_half_done(set) && has_temporary(path) ? temporary(path) : mem_strdup(path);
}

static bool sync_folder(const char *path, struct error *err) {
    auto_text char *folder = file_folder(path);
    if (folder == NULL)
        return no_memory(err);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return file_error(err, errno, "open", folder);
    /* EINVAL: a file system without folder sync has nothing to give here. */
    bool ok = fsync(fd) == 0 || errno == EINVAL || file_error(err, errno, "sync", folder);
    close(fd);
    return ok;
}

/* Syncs each folder of the set once. */
static bool sync_folders(const struct file_set *set, struct error *err) {
    for (size_t i = 0; i < set->count; i++) {
        bool seen = false;
        auto_text char *folder = file_folder(set->items[i].path);
        for (size_t j = 0; j < i && folder != NULL; j++) {
            auto_text char *earlier = file_folder(set->items[j].path);
            seen = seen || (earlier != NULL && strcmp(earlier, folder) == 0);
        }
        if (!seen && !sync_folder(set->items[i].path, err))
            return false;
    }
    return true;
}

static void drop(char *name) {
    if (name != NULL)
        (void)unlink(name);
    mem_free(name);
}

/* Last first, so that a kill in here never looks like a half-done replacement. */
static void drop_temporaries(const struct file_set *set) {
    for (size_t i = set->count; i-- > 0;) {
        drop(keep_link(set->items[i].path));
        drop(temporary(set->items[i].path));
    }
}

static bool put_in_place(const char *path, struct error *err) {
    auto_text char *name = temporary(path);
    if (name == NULL)
        return no_memory(err);
    return rename(name, path) == 0 || file_error(err, errno, "replace", path);
}

bool file_set_recover(const struct file_set *set, struct error *err) {
    if (!file_set_is_half_done(set)) {
        drop_temporaries(set);
        return true;
    }
    for (size_t i = 1; i < set->count; i++)
        if (has_temporary(set->items[i].path) && !put_in_place(set->items[i].path, err))
            return false;
    drop_temporaries(set);
    return sync_folders(set, err);
}

/* Under root a replaced file keeps its owner and group; the mode is always the set's. */
static bool set_owner_and_mode(int fd, const struct file_set_item *item) {
    struct stat before;
    if (geteuid() == 0 && lstat(item->path, &before) == 0 && fchown(fd, before.st_uid, before.st_gid) != 0)
        return false;
    return fchmod(fd, item->mode) == 0;
}

static bool write_temporary(const struct file_set_item *item, struct error *err) {
    auto_text char *name = temporary(item->path);
    if (name == NULL)
        return no_memory(err);
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, item->mode);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return error_set(err, ERROR_UNSAFE_PATH, "the folder of %s does not exist", item->path);
    if (fd < 0)
        return file_error(err, errno, "write", item->path);
    bool ok = set_owner_and_mode(fd, item) && file_write_all(fd, item->bytes, item->length) && fsync(fd) == 0;
    int saved = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        saved = errno;
    }
    return ok || file_error(err, saved, "write", item->path);
}

/* Keeps what is at `path` under path + suffix as well, replacing an older one in one step. */
static bool keep_as(const char *path, const char *suffix, struct error *err) {
    auto_text char *kept = file_sibling(path, "", suffix);
    auto_text char *link_name = keep_link(path);
    if (kept == NULL || link_name == NULL)
        return no_memory(err);
    (void)unlink(link_name);
    if (link(path, link_name) != 0)
        return errno == ENOENT ? true : file_error(err, errno, "keep a copy of", path);
    if (rename(link_name, kept) != 0)
        return file_error(err, errno, "keep a copy of", path);
    /* rename() of two links to one file does nothing and leaves both. */
    (void)unlink(link_name);
    return true;
}

static bool keep_replaced(const struct file_set *set, struct error *err) {
    for (size_t i = 0; i < set->count; i++) {
        const struct file_set_item *item = &set->items[i];
        if (!keep_as(item->path, ".previous", err))
            return false;
        if (set->backup_suffix != NULL && !keep_as(item->path, set->backup_suffix, err))
            return false;
    }
    return true;
}

static bool prepare(const struct file_set *set, struct error *err) {
    for (size_t i = 0; i < set->count; i++)
        if (!write_temporary(&set->items[i], err))
            return false;
    return !mem_exhausted() ? keep_replaced(set, err) : no_memory(err);
}

bool file_set_commit(const struct file_set *set, struct error *err) {
    if (mem_exhausted())
        return no_memory(err);
    if (!file_set_check(set, err))
        return false;
    if (!prepare(set, err)) {
        drop_temporaries(set);
        return false;
    }
    for (size_t i = 0; i < set->count; i++)
        if (!put_in_place(set->items[i].path, err)) {
            if (i == 0)
                drop_temporaries(set);
            return false;
        }
    return sync_folders(set, err);
}
