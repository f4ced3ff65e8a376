/* SPDX-License-Identifier: Apache-2.0 */
/* One writer at a time for a set of folders, by flock(2); released when the process ends, however it ends. */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/mem.h"

struct folder {
    int fd;
    dev_t device;
    ino_t inode;
    const char *path; /* a path inside it, for texts */
};

static bool open_folder(const char *path, struct folder *ret_folder, struct error *err) {
    auto_text char *name = file_folder(path);
    if (name == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to lock the folder of %s", path);
    int fd = file_open(name, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return error_set(err, ERROR_UNSAFE_PATH, "the folder of %s does not exist", path);
    if (fd < 0)
        return file_error(err, errno, "open the folder of", path);
    struct stat status;
    if (fstat(fd, &status) != 0) {
        int saved = errno;
        close(fd);
        return file_error(err, saved, "look at the folder of", path);
    }
    *ret_folder = (struct folder){fd, status.st_dev, status.st_ino, path};
    return true;
}

static int compare(const struct folder *a, const struct folder *b) {
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    return a->inode == b->inode ? 0 : a->inode < b->inode ? -1 : 1;
}

/* Keeps `folders` sorted and free of doubles. */
static void insert(struct folder *folders, size_t *count, struct folder folder) {
    size_t at = 0;
    while (at < *count && compare(&folders[at], &folder) < 0)
        at++;
    if (at < *count && compare(&folders[at], &folder) == 0) {
        close(folder.fd);
        return;
    }
    for (size_t i = *count; i > at; i--)
        folders[i] = folders[i - 1];
    folders[at] = folder;
    (*count)++;
}

static bool wait_for(const struct folder *folder, struct deadline deadline, struct error *err) {
    for (int64_t pause_ms = 5;; pause_ms = pause_ms < 100 ? pause_ms * 2 : 100) {
        if (flock(folder->fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return file_error(err, errno, "lock the folder of", folder->path);
        if (clock_sleep_ms(pause_ms, deadline))
            continue;
        if (interrupt_signal() != 0)
            return error_set(err, ERROR_INTERRUPTED, "a signal came while waiting for another run in the folder of %s",
                             folder->path);
        return error_set(err, ERROR_LOCKED, "another run is writing in the folder of %s", folder->path);
    }
}

bool lock_take(struct lock *lock, const char *const *paths, size_t count, struct deadline deadline, struct error *err) {
    struct folder folders[LOCK_FOLDERS_MAX];
    size_t opened = 0;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        struct folder folder;
        ok = open_folder(paths[i], &folder, err);
        if (ok)
            insert(folders, &opened, folder);
    }
    *lock = (struct lock){.count = opened};
    for (size_t i = 0; i < opened; i++)
        lock->fds[i] = folders[i].fd;
    for (size_t i = 0; i < opened && ok; i++)
        ok = wait_for(&folders[i], deadline, err);
    if (!ok)
        lock_release(lock);
    return ok;
}

void lock_release(struct lock *lock) {
    for (size_t i = 0; i < lock->count; i++)
        close(lock->fds[i]);
    lock->count = 0;
}
