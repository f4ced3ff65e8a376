/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear together or not at all, also when the process is killed in between: what is there, and mending it.
 */
#include "base/file_set.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_set_names.h"
#include "base/mem.h"

void file_set_add(struct file_set *set, const char *path, mode_t mode, const char *bytes, size_t length) {
    set->items[set->count++] = (struct file_set_item){.path = path, .mode = mode, .bytes = bytes, .length = length};
}

void file_set_add_unkept(struct file_set *set, const char *path, mode_t mode) {
    set->items[set->count++] = (struct file_set_item){.path = path, .mode = mode, .unkept = true};
}

static bool check_folder(const char *path, struct stat *ret_folder, struct error *err) {
    auto_text char *folder = file_folder(path);
    if (folder == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to look at %s", path);
    int failed = stat(folder, ret_folder) == 0 ? 0 : errno;
    if (failed == 0 && S_ISDIR(ret_folder->st_mode))
        return true;
    if (failed == 0 || failed == ENOENT || failed == ENOTDIR)
        return error_set(err, ERROR_UNSAFE_PATH, "the folder of %s does not exist", path);
    return file_error(err, failed, "look at the folder of", path);
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

static const char *name_in_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* A folder in the place of what is kept or written beside a target, or a name that the file system finds too long,
 * would end the replacing half way. */
static bool check_beside(const char *name, struct error *err) {
    struct stat status;
    if (name == NULL)
        return true;
    if (lstat(name, &status) != 0)
        return errno == ENOENT ? true : file_error(err, errno, "look at", name);
    return !S_ISDIR(status.st_mode) || error_set(err, ERROR_UNSAFE_PATH, "%s is a folder", name);
}

static bool is_named(const char *path, const char *beside) {
    return beside != NULL && strcmp(name_in_folder(path), name_in_folder(beside)) == 0;
}

/* True if target `i` has a name that is used beside target `j` of the same folder. */
static bool is_beside(const struct file_set *set, const struct file_set_names *names, size_t i, size_t j) {
    const char *path = set->items[i].path;
    return is_named(path, names->temporary[j]) || is_named(path, names->keep[j]) ||
           is_named(path, names->previous[j]) || is_named(path, names->backup[j]);
}

static bool check_pair(const struct file_set *set, const struct file_set_names *names, size_t i, size_t j,
                       struct error *err) {
    const char *a = set->items[j].path;
    const char *b = set->items[i].path;
    if (is_named(a, b))
        return error_set(err, ERROR_UNSAFE_PATH, "%s and %s are one file", a, b);
    if (is_beside(set, names, i, j) || is_beside(set, names, j, i))
        return error_set(err, ERROR_UNSAFE_PATH, "%s and %s: the name of one is used beside the other", a, b);
    return true;
}

bool file_set_check(const struct file_set *set, struct error *err) {
    struct stat folders[FILE_SET_MAX] = {0};
    auto_file_set_names struct file_set_names names = {0};
    if (!file_set_names_init(&names, set, err))
        return false;
    for (size_t i = 0; i < set->count; i++) {
        const char *path = set->items[i].path;
        if (!check_folder(path, &folders[i], err) || !check_target(path, err) ||
            !check_beside(names.previous[i], err) || !check_beside(names.backup[i], err) ||
            !check_beside(names.temporary[i], err) || !check_beside(names.keep[i], err))
            return false;
        for (size_t j = 0; j < i; j++)
            if (folders[i].st_dev == folders[j].st_dev && folders[i].st_ino == folders[j].st_ino &&
                !check_pair(set, &names, i, j, err))
                return false;
    }
    return true;
}

static bool half_done(const struct file_set_names *names) {
    bool later = false;
    for (size_t i = 1; i < names->count; i++)
        later = later || file_exists(names->temporary[i]);
    return later && !file_exists(names->temporary[0]);
}

bool file_set_has_leftovers(const struct file_set *set) {
    auto_file_set_names struct file_set_names names = {0};
    auto_error struct error ignored = {0};
    if (!file_set_names_init(&names, set, &ignored))
        return false;
    for (size_t i = 0; i < names.count; i++)
        if (file_exists(names.temporary[i]) || file_exists(names.keep[i]))
            return true;
    return false;
}

bool file_set_is_half_done(const struct file_set *set) {
    auto_file_set_names struct file_set_names names = {0};
    auto_error struct error ignored = {0};
    return file_set_names_init(&names, set, &ignored) && half_done(&names);
}

char *file_set_current(const struct file_set *set, size_t index) {
    auto_file_set_names struct file_set_names names = {0};
    auto_error struct error ignored = {0};
    if (!file_set_names_init(&names, set, &ignored))
        return NULL;
    bool moved_on = half_done(&names) && file_exists(names.temporary[index]);
    return mem_strdup(moved_on ? names.temporary[index] : set->items[index].path);
}

bool file_set_recover(const struct file_set *set, struct error *err) {
    auto_file_set_names struct file_set_names names = {0};
    if (!file_set_names_init(&names, set, err))
        return false;
    if (half_done(&names))
        for (size_t i = 1; i < set->count; i++)
            if (file_exists(names.temporary[i]) && !file_set_put_in_place(set, &names, i, err))
                return false;
    file_set_drop_temporaries(&names);
    return file_set_sync_folders(&names, err);
}
