/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a file set: temporaries, second names for what is replaced, renames, and the way back when one fails. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_set.h"
#include "base/file_set_names.h"
#include "base/mem.h"

/* Under root a file has the owner and group of the one at `path`. */
static bool set_owner_and_mode(int fd, const char *path, mode_t mode) {
    struct stat before;
    if (geteuid() == 0 && lstat(path, &before) == 0 &&
        TEMP_FAILURE_RETRY(fchown(fd, before.st_uid, before.st_gid)) != 0)
        return false;
    return TEMP_FAILURE_RETRY(fchmod(fd, mode)) == 0;
}

static int create(const char *name, mode_t mode) {
    return file_open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
}

/* Syncs what was written, unless that failed, and closes it; false with errno set when either failed. */
static bool end_writing(int fd, bool ok) {
    ok = ok && TEMP_FAILURE_RETRY(fsync(fd)) == 0;
    int saved = errno;
    if (close(fd) != 0 && ok && errno != EINTR)
        return false;
    errno = saved;
    return ok;
}

static bool write_temporary(const struct file_set_item *item, const char *name, struct error *err) {
    int fd = create(name, item->mode);
    return (fd >= 0 && end_writing(fd, set_owner_and_mode(fd, item->path, item->mode) &&
                                           file_write_all(fd, item->bytes, item->length))) ||
           file_error(err, errno, "write", item->path);
}

/* What is kept is not more open than what replaces it: an old key that others could read is closed with it. */
static bool close_to_others(const char *name, mode_t mode) {
    struct stat status;
    if (lstat(name, &status) != 0)
        return false;
    mode_t before = status.st_mode & 07777;
    return (before & ~mode) == 0 || chmod(name, before & mode) == 0;
}

static bool copy_bytes(int from, int to) {
    char chunk[4096];
    ssize_t got;
    do
        got = TEMP_FAILURE_RETRY(read(from, chunk, sizeof chunk));
    while (got > 0 && file_write_all(to, chunk, (size_t)got));
    explicit_bzero(chunk, sizeof chunk); /* it may be a key */
    return got == 0;
}

/* With the times of what is copied: a request's tells since when its answer is awaited. */
static bool copy_content(int from, int to, const char *path, mode_t mode) {
    struct stat before;
    if (fstat(from, &before) != 0)
        return false;
    const struct timespec times[] = {before.st_atim, before.st_mtim};
    bool ok = set_owner_and_mode(to, path, before.st_mode & mode) && copy_bytes(from, to);
    int saved = errno;
    (void)futimens(to, times);
    errno = saved;
    return ok;
}

static bool copy(const char *path, const char *name, mode_t mode) {
    int from = file_open(path, O_RDONLY | O_NOFOLLOW, 0);
    if (from < 0)
        return false;
    int to = create(name, mode);
    bool ok = to >= 0 && end_writing(to, copy_content(from, to, path, mode));
    int saved = errno;
    close(from);
    errno = saved;
    return ok;
}

/* `name` for what is at `path` as well: a second link, or a copy on a file system that knows no links. False with errno
 * set. */
static bool keep(const char *path, const char *name, mode_t mode) {
    if (link(path, name) == 0)
        return close_to_others(name, mode);
    bool knows_no_links = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS;
    return knows_no_links && copy(path, name, mode);
}

/* A second name for what is at each path; a path with nothing there, or nothing kept for it, gets none. */
static bool keep_all(const struct file_set *set, const struct file_set_names *names, char *const *kept,
                     struct error *err) {
    for (size_t i = 0; i < set->count; i++) {
        const struct file_set_item *item = &set->items[i];
        if (kept[i] == NULL)
            continue;
        if (!keep(item->path, names->keep[i], item->mode) && errno != ENOENT)
            return file_error(err, errno, "keep a copy of", item->path);
    }
    return true;
}

/* Keeps what is at each path as `kept` too, replacing an older one in one step: no name is replaced before all of the
   set could be kept. */
static bool keep_as(const struct file_set *set, const struct file_set_names *names, char *const *kept,
                    struct error *err) {
    if (!keep_all(set, names, kept, err))
        return false;
    for (size_t i = 0; i < set->count; i++) {
        if (kept[i] == NULL)
            continue;
        if (TEMP_FAILURE_RETRY(rename(names->keep[i], kept[i])) != 0 && errno != ENOENT)
            return file_error(err, errno, "keep a copy of", set->items[i].path);
        /* rename() of two links to one file does nothing and leaves both. */
        (void)unlink(names->keep[i]);
    }
    return true;
}

static bool prepare(const struct file_set *set, const struct file_set_names *names, struct error *err) {
    for (size_t i = 0; i < set->count; i++)
        if (!write_temporary(&set->items[i], names->temporary[i], err))
            return false;
    return keep_as(set, names, names->backup, err) && keep_as(set, names, names->previous, err);
}

/* Puts back what replaced[0 .. count - 1] were: what .previous is, or nothing if there was nothing. */
static bool put_back(const struct file_set *set, const struct file_set_names *names, const bool *existed,
                     size_t count) {
    for (size_t i = count; i-- > 0;) {
        const char *path = set->items[i].path;
        bool back = existed[i] ? keep(names->previous[i], names->keep[i], set->items[i].mode) &&
                                     rename(names->keep[i], path) == 0
                               : unlink(path) == 0;
        if (!back)
            return false;
    }
    return true;
}

static bool replace(struct file_set *set, const struct file_set_names *names, struct error *err) {
    bool existed[FILE_SET_MAX];
    for (size_t i = 0; i < set->count; i++) {
        existed[i] = file_exists(set->items[i].path);
        if (file_set_put_in_place(set, names, i, err)) {
            set->replaced = true;
            continue;
        }
        /* What cannot be put back is left for file_set_recover(). */
        set->replaced = !put_back(set, names, existed, i);
        if (!set->replaced)
            file_set_drop_temporaries(names);
        return false;
    }
    return true;
}

bool file_set_commit(struct file_set *set, struct error *err) {
    auto_file_set_names struct file_set_names names = {0};
    set->replaced = false;
    if (!file_set_check(set, err) || !file_set_names_init(&names, set, err))
        return false;
    if (mem_exhausted())
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to write the files; nothing was changed");
    if (!prepare(set, &names, err)) {
        file_set_drop_temporaries(&names);
        return false;
    }
    return replace(set, &names, err) && file_set_sync_folders(&names, err);
}
