/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of base/file_set. */
#include "base/file_set.h"

#include <errno.h>
#include <fcntl.h>

#include "folder_fixture.h"

/* Renames that fail. */
static struct {
    const char *from;
    const char *to;
} failing[2];

/* In place of the C library's. */
int rename(const char *from, const char *to) {
    for (size_t i = 0; i < 2; i++)
        if (failing[i].from != NULL && strcmp(from, failing[i].from) == 0 && strcmp(to, failing[i].to) == 0) {
            errno = EIO;
            return -1;
        }
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* What link() says on a file system without links; 0: it works. */
static int links_fail_with;

/* In place of the C library's. */
int link(const char *from, const char *to) {
    errno = links_fail_with;
    return links_fail_with != 0 ? -1 : linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

static void fail_rename(size_t index, const char *from, const char *to) {
    failing[index].from = from;
    failing[index].to = to;
}

static struct file_set pair_of(const char *key, const char *certificate) {
    struct file_set set = {0};
    file_set_add(&set, "nsx.key", 0600, key, strlen(key));
    file_set_add(&set, "nsx.crt", 0644, certificate, strlen(certificate));
    return set;
}

static void commit(const char *key, const char *certificate) {
    auto_error struct error err = {0};
    struct file_set set = pair_of(key, certificate);
    ck_assert_msg(file_set_commit(&set, &err), "%s", err.problem.detail);
    ck_assert(set.replaced);
}

static void assert_pair(const char *key, const char *certificate) {
    folder_assert_text("nsx.key", key);
    folder_assert_text("nsx.crt", certificate);
}

START_TEST(test_commit_and_previous) {
    commit("k1", "c1");
    ck_assert_int_eq(folder_count(), 2);
    commit("k2", "c2");
    commit("k3", "c3");
    assert_pair("k3", "c3");
    folder_assert_text("nsx.key.previous", "k2");
    folder_assert_text("nsx.crt.previous", "c2");
    ck_assert_int_eq(folder_count(), 4);
    ck_assert_uint_eq(folder_mode("nsx.key"), 0600);
    ck_assert_uint_eq(folder_mode("nsx.crt"), 0644);
}
END_TEST

START_TEST(test_backup) {
    auto_error struct error err = {0};
    commit("k1", "c1");
    struct file_set set = pair_of("k2", "c2");
    set.backup_suffix = ".bak-1";
    ck_assert(file_set_commit(&set, &err));
    folder_assert_text("nsx.key.bak-1", "k1");
    folder_assert_text("nsx.crt.bak-1", "c1");
    ck_assert_int_eq(folder_count(), 6);
}
END_TEST

START_TEST(test_killed_before_the_first_rename) {
    auto_error struct error err = {0};
    commit("k1", "c1");
    folder_write(".nsx.key.nsxcert-new", "half");
    folder_write(".nsx.crt.nsxcert-new", "c2");
    struct file_set set = pair_of("", "");
    ck_assert(file_set_has_leftovers(&set) && !file_set_is_half_done(&set));
    auto_text char *current = file_set_current(&set, 1);
    ck_assert_str_eq(current, "nsx.crt");
    ck_assert(file_set_recover(&set, &err));
    assert_pair("k1", "c1");
    ck_assert_int_eq(folder_count(), 2);
}
END_TEST

START_TEST(test_killed_between_the_renames) {
    auto_error struct error err = {0};
    commit("k1", "c1");
    folder_write("nsx.key", "k2");
    folder_write(".nsx.crt.nsxcert-new", "c2");
    struct file_set set = pair_of("", "");
    ck_assert(file_set_has_leftovers(&set) && file_set_is_half_done(&set));
    auto_text char *key = file_set_current(&set, 0);
    auto_text char *certificate = file_set_current(&set, 1);
    ck_assert_str_eq(key, "nsx.key");
    ck_assert_str_eq(certificate, ".nsx.crt.nsxcert-new");
    ck_assert(file_set_recover(&set, &err));
    assert_pair("k2", "c2");
    ck_assert_int_eq(folder_count(), 2);
    ck_assert(!file_set_has_leftovers(&set) && !file_set_is_half_done(&set));
}
END_TEST

START_TEST(test_a_link_left_over_is_dropped) {
    auto_error struct error err = {0};
    commit("k1", "c1");
    ck_assert_int_eq(link("nsx.key", ".nsx.key.nsxcert-keep"), 0);
    struct file_set set = pair_of("", "");
    ck_assert(file_set_has_leftovers(&set));
    ck_assert(file_set_recover(&set, &err));
    ck_assert_int_eq(folder_count(), 2);
}
END_TEST

START_TEST(test_what_cannot_be_kept_is_not_replaced) {
    auto_error struct error err = {0};
    commit("k1", "c1");
    ck_assert_int_eq(mkdir("nsx.crt.previous", 0700), 0);
    struct file_set set = pair_of("k2", "c2");
    ck_assert(!file_set_commit(&set, &err));
    ck_assert(!set.replaced);
    assert_pair("k1", "c1");
    ck_assert(!file_set_has_leftovers(&set));
}
END_TEST

START_TEST(test_what_is_in_the_way_is_found_before_anything_is_kept) {
    static const char *const names[] = {"nsx.crt.previous", "nsx.crt.bak-1", ".nsx.crt.nsxcert-new",
                                        ".nsx.crt.nsxcert-keep"};
    commit("k1", "c1");
    commit("k2", "c2");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        auto_error struct error err = {0};
        struct file_set set = pair_of("k3", "c3");
        set.backup_suffix = ".bak-1";
        (void)unlink(names[i]);
        ck_assert_int_eq(mkdir(names[i], 0700), 0);
        ck_assert(!file_set_check(&set, &err) && !file_set_commit(&set, &err));
        ck_assert_int_eq(err.code, ERROR_UNSAFE_PATH);
        assert_pair("k2", "c2");
        folder_assert_text("nsx.key.previous", "k1");
        ck_assert_int_eq(rmdir(names[i]), 0);
    }
}
END_TEST

START_TEST(test_a_name_too_long_for_what_stands_beside_it) {
    char name[251];
    memset(name, 'k', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    auto_error struct error err = {0};
    struct file_set set = {0};
    file_set_add(&set, name, 0600, "k", 1);
    ck_assert(!file_set_check(&set, &err));
    ck_assert_int_eq(err.code, ERROR_UNSAFE_PATH);
}
END_TEST

START_TEST(test_names_that_are_used_beside_another) {
    static const char *const pairs[][2] = {
        {"nsx", "nsx.previous"},        {"nsx.previous", "nsx"}, {"nsx", ".nsx.nsxcert-new"},
        {"nsx", "./.nsx.nsxcert-keep"}, {"nsx.bak-1", "./nsx"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        auto_error struct error err = {0};
        struct file_set set = {.backup_suffix = ".bak-1"};
        file_set_add(&set, pairs[i][0], 0600, "k", 1);
        file_set_add(&set, pairs[i][1], 0644, "c", 1);
        ck_assert(!file_set_check(&set, &err));
        ck_assert_int_eq(err.code, ERROR_UNSAFE_PATH);
    }
}
END_TEST

START_TEST(test_unsafe_targets) {
    static const char *const names[] = {"link", "folder", "pipe", "missing/x", "file/x"};
    static const char *const words[] = {"link is a symbolic link", "folder is a folder", "pipe is not a regular file",
                                        "the folder of missing/x does not exist",
                                        "the folder of file/x does not exist"};
    ck_assert_int_eq(symlink("file", "link"), 0);
    ck_assert_int_eq(mkdir("folder", 0700), 0);
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    folder_write("file", "precious");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        auto_error struct error err = {0};
        struct file_set set = {0};
        file_set_add(&set, names[i], 0600, "x", 1);
        ck_assert(!file_set_commit(&set, &err));
        ck_assert_int_eq(err.code, ERROR_UNSAFE_PATH);
        ck_assert_str_eq(err.problem.detail, words[i]);
    }
    folder_assert_text("file", "precious");
    ck_assert_int_eq(folder_count(), 4);
}
END_TEST

START_TEST(test_one_file_twice) {
    auto_error struct error err = {0};
    struct file_set set = {0};
    file_set_add(&set, "nsx.pem", 0600, "k", 1);
    file_set_add(&set, "./nsx.pem", 0644, "c", 1);
    ck_assert(!file_set_check(&set, &err));
    ck_assert_int_eq(err.code, ERROR_UNSAFE_PATH);
}
END_TEST

START_TEST(test_an_open_old_key_is_closed) {
    static const mode_t modes[] = {0777, 0644, 0601};
    for (size_t i = 0; i < 3; i++) {
        commit("k1", "c1");
        ck_assert_int_eq(chmod("nsx.key", modes[i]), 0);
        commit("k2", "c2");
        ck_assert_uint_eq(folder_mode("nsx.key.previous"), 0600);
    }
}
END_TEST

START_TEST(test_a_closed_old_file_stays_closed) {
    commit("k1", "c1");
    ck_assert_int_eq(chmod("nsx.crt", 0400), 0);
    commit("k2", "c2");
    ck_assert_uint_eq(folder_mode("nsx.crt.previous"), 0400);
    ck_assert_uint_eq(folder_mode("nsx.crt"), 0644);
}
END_TEST

/* Only root can give a file away; anyone else's stays their own. */
START_TEST(test_the_owner_stays) {
    uid_t owner = geteuid() == 0 ? 4711 : geteuid();
    gid_t group = geteuid() == 0 ? 4712 : getegid();
    commit("k1", "c1");
    ck_assert_int_eq(chown("nsx.key", owner, group), 0);
    commit("k2", "c2");
    struct stat status;
    ck_assert_int_eq(lstat("nsx.key", &status), 0);
    ck_assert_uint_eq(status.st_uid, owner);
    ck_assert_uint_eq(status.st_gid, group);
    ck_assert_int_eq(lstat("nsx.crt", &status), 0);
    ck_assert_uint_eq(status.st_uid, geteuid());
}
END_TEST

static struct file_set three_of(const char *key, const char *certificate, const char *request) {
    struct file_set set = pair_of(key, certificate);
    file_set_add(&set, "nsx.csr", 0644, request, strlen(request));
    return set;
}

static void commit_in_vain(struct file_set *set, bool expect_replaced) {
    auto_error struct error err = {0};
    ck_assert(!file_set_commit(set, &err));
    ck_assert_int_eq(err.code, ERROR_IO_ERROR);
    ck_assert_int_eq(set->replaced, expect_replaced);
    ck_assert_int_eq(file_set_has_leftovers(set), expect_replaced);
}

START_TEST(test_what_was_replaced_is_put_back) {
    commit("k1", "c1");
    fail_rename(0, ".nsx.csr.nsxcert-new", "nsx.csr");
    struct file_set set = three_of("k2", "c2", "r2");
    commit_in_vain(&set, false);
    assert_pair("k1", "c1");
    ck_assert_int_ne(access("nsx.csr", F_OK), 0);
}
END_TEST

START_TEST(test_what_was_not_there_is_taken_away) {
    fail_rename(0, ".nsx.csr.nsxcert-new", "nsx.csr");
    struct file_set set = three_of("k2", "c2", "r2");
    commit_in_vain(&set, false);
    ck_assert_int_eq(folder_count(), 0);
}
END_TEST

START_TEST(test_what_cannot_be_put_back_is_finished_later) {
    auto_error struct error err = {0};
    commit("k1", "c1");
    fail_rename(0, ".nsx.csr.nsxcert-new", "nsx.csr");
    fail_rename(1, ".nsx.crt.nsxcert-keep", "nsx.crt");
    struct file_set set = three_of("k2", "c2", "r2");
    commit_in_vain(&set, true);
    ck_assert(file_set_is_half_done(&set));
    ck_assert(!file_set_recover(&set, &err)); /* the first rename still fails */
    ck_assert_int_eq(err.code, ERROR_IO_ERROR);
    fail_rename(0, NULL, NULL);
    ck_assert(file_set_recover(&set, &err));
    assert_pair("k2", "c2");
    folder_assert_text("nsx.csr", "r2");
    ck_assert(!file_set_has_leftovers(&set));
}
END_TEST

START_TEST(test_a_copy_that_fails_stops_it_before_the_first_rename) {
    commit("k1", "c1");
    fail_rename(0, ".nsx.crt.nsxcert-keep", "nsx.crt.previous");
    struct file_set set = pair_of("k2", "c2");
    commit_in_vain(&set, false);
    assert_pair("k1", "c1");
}
END_TEST

static time_t written_at(const char *path) {
    struct stat status;
    ck_assert_int_eq(lstat(path, &status), 0);
    return status.st_mtime;
}

START_TEST(test_a_file_system_without_links_gets_copies) {
    static const int errors[] = {EPERM, EOPNOTSUPP, ENOSYS};
    char longest[10000];
    memset(longest, 'c', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (size_t i = 0; i < 3; i++) {
        auto_error struct error err = {0};
        links_fail_with = errors[i];
        commit("k1", longest);
        ck_assert_int_eq(chmod("nsx.key", 0644), 0);
        ck_assert_int_eq(utimensat(AT_FDCWD, "nsx.crt", (struct timespec[]){{1000, 0}, {2000, 0}}, 0), 0);
        struct file_set set = pair_of("k2", "c2");
        set.backup_suffix = ".bak-1";
        ck_assert_msg(file_set_commit(&set, &err), "%s", err.problem.detail);
        assert_pair("k2", "c2");
        folder_assert_text("nsx.key.previous", "k1");
        folder_assert_text("nsx.key.bak-1", "k1");
        ck_assert_int_eq(folder_count(), 6);
        ck_assert_uint_eq(folder_mode("nsx.key.previous"), 0600);
        ck_assert_uint_eq(folder_mode("nsx.crt.previous"), 0644);
        ck_assert_int_eq(written_at("nsx.crt.previous"), 2000);
        commit("k3", "c3");
        folder_assert_text("nsx.crt.previous", "c2");
        commit(longest, "c4");
        commit("k5", "c5");
        struct stat status;
        ck_assert_int_eq(lstat("nsx.key.previous", &status), 0);
        ck_assert_int_eq(status.st_size, sizeof longest - 1);
    }
}
END_TEST

START_TEST(test_without_links_what_was_replaced_is_put_back) {
    links_fail_with = EPERM;
    commit("k1", "c1");
    ck_assert_int_eq(utimensat(AT_FDCWD, "nsx.crt", (struct timespec[]){{1000, 0}, {2000, 0}}, 0), 0);
    fail_rename(0, ".nsx.csr.nsxcert-new", "nsx.csr");
    struct file_set set = three_of("k2", "c2", "r2");
    commit_in_vain(&set, false);
    assert_pair("k1", "c1");
    ck_assert_uint_eq(folder_mode("nsx.key"), 0600);
    ck_assert_int_eq(written_at("nsx.crt"), 2000);
}
END_TEST

START_TEST(test_another_failure_of_link_is_not_worked_around) {
    commit("k1", "c1");
    links_fail_with = EIO;
    struct file_set set = pair_of("k2", "c2");
    commit_in_vain(&set, false);
    assert_pair("k1", "c1");
    ck_assert_int_eq(folder_count(), 2);
}
END_TEST

START_TEST(test_of_what_is_unkept_nothing_older_stays) {
    commit("k1", "c1");
    folder_write("nsx.crt.previous", "c0");
    for (int number = 0; number < 2; number++) {
        auto_error struct error err = {0};
        struct file_set set = {.backup_suffix = ".bak-1"};
        file_set_add(&set, "nsx.key", 0600, "k2", 2);
        file_set_add_unkept(&set, "nsx.crt.previous", 0644);
        set.items[1].bytes = "c1";
        set.items[1].length = 2;
        fail_rename(0, number == 0 ? ".nsx.crt.previous.nsxcert-new" : NULL, "nsx.crt.previous");
        ck_assert_int_eq(file_set_commit(&set, &err), number == 1);
        ck_assert(!file_set_has_leftovers(&set));
        folder_assert_text("nsx.key", number == 0 ? "k1" : "k2");
        folder_assert_text("nsx.crt.previous", number == 0 ? "c0" : "c1");
        ck_assert_int_eq(folder_count(), 5); /* with nsx.crt and what is kept of the key */
    }
}
END_TEST

START_TEST(test_same_name_in_two_folders) {
    auto_error struct error err = {0};
    ck_assert_int_eq(mkdir("a", 0700), 0);
    ck_assert_int_eq(mkdir("b", 0700), 0);
    struct file_set set = {0};
    file_set_add(&set, "a/nsx.pem", 0600, "k", 1);
    file_set_add(&set, "b/nsx.pem", 0644, "c", 1);
    ck_assert_msg(file_set_commit(&set, &err), "%s", err.problem.detail);
    folder_assert_text("a/nsx.pem", "k");
    folder_assert_text("b/nsx.pem", "c");
}
END_TEST

START_TEST(test_without_memory) {
    commit("k1", "c1");
    for (unsigned long nth = 1;; nth++) {
        auto_error struct error err = {0};
        struct file_set set = pair_of("k2", "c2");
        mem_fail_after(nth);
        bool ok = file_set_commit(&set, &err);
        unsigned long used = mem_count();
        mem_fail_after(0);
        /* Once memory was short nothing is written any more: that much mem_exhausted() promises. */
        ck_assert(!ok && err.code == ERROR_OUT_OF_MEMORY);
        assert_pair("k1", "c1");
        ck_assert_int_eq(folder_count(), 2);
        if (used < nth)
            break;
    }
}
END_TEST

static void add(TCase *tests) {
    tcase_add_checked_fixture(tests, folder_setup, folder_teardown);
    tcase_add_test(tests, test_commit_and_previous);
    tcase_add_test(tests, test_backup);
    tcase_add_test(tests, test_killed_before_the_first_rename);
    tcase_add_test(tests, test_killed_between_the_renames);
    tcase_add_test(tests, test_a_link_left_over_is_dropped);
    tcase_add_test(tests, test_what_cannot_be_kept_is_not_replaced);
    tcase_add_test(tests, test_what_is_in_the_way_is_found_before_anything_is_kept);
    tcase_add_test(tests, test_a_name_too_long_for_what_stands_beside_it);
    tcase_add_test(tests, test_names_that_are_used_beside_another);
    tcase_add_test(tests, test_unsafe_targets);
    tcase_add_test(tests, test_one_file_twice);
    tcase_add_test(tests, test_an_open_old_key_is_closed);
    tcase_add_test(tests, test_a_closed_old_file_stays_closed);
    tcase_add_test(tests, test_the_owner_stays);
    tcase_add_test(tests, test_what_was_replaced_is_put_back);
    tcase_add_test(tests, test_what_was_not_there_is_taken_away);
    tcase_add_test(tests, test_what_cannot_be_put_back_is_finished_later);
    tcase_add_test(tests, test_a_copy_that_fails_stops_it_before_the_first_rename);
    tcase_add_test(tests, test_a_file_system_without_links_gets_copies);
    tcase_add_test(tests, test_without_links_what_was_replaced_is_put_back);
    tcase_add_test(tests, test_another_failure_of_link_is_not_worked_around);
    tcase_add_test(tests, test_of_what_is_unkept_nothing_older_stays);
    tcase_add_test(tests, test_same_name_in_two_folders);
    tcase_add_test(tests, test_without_memory);
}

int main(void) {
    return unit_run_tests("file_set", add);
}
