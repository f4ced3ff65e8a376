/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of its own for each test of files: the working directory of the test's process. */
#ifndef TEST_FOLDER_FIXTURE_H
#define TEST_FOLDER_FIXTURE_H

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static char fixture_folder[] = "/tmp/nsxcert-unit-XXXXXX";

static inline void folder_setup(void) {
    ck_assert_ptr_nonnull(mkdtemp(fixture_folder));
    ck_assert_int_eq(chdir(fixture_folder), 0);
}

static inline void folder_empty(const char *path) {
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        auto_text char *name = mem_printf("%s/%s", path, entry->d_name);
        if (unlink(name) != 0) {
            folder_empty(name);
            (void)rmdir(name);
        }
    }
    closedir(folder);
}

static inline void folder_teardown(void) {
    folder_empty(fixture_folder);
    ck_assert_int_eq(rmdir(fixture_folder), 0);
}

static inline void folder_write(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

#define folder_assert_text(path, expected)                            \
    do {                                                              \
        char folder_text[4096] = "";                                  \
        FILE *folder_file = fopen(path, "r");                         \
        ck_assert_msg(folder_file != NULL, "%s is missing", path);    \
        size_t folder_got = fread(folder_text, 1, 4095, folder_file); \
        fclose(folder_file);                                          \
        folder_text[folder_got] = '\0';                               \
        ck_assert_str_eq(folder_text, expected);                      \
    } while (0)

/* How many entries the folder has. */
static inline int folder_count(void) {
    int count = -2;
    DIR *folder = opendir(".");
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static inline mode_t folder_mode(const char *path) {
    struct stat status;
    ck_assert_int_eq(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

#endif
