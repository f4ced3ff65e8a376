/* SPDX-License-Identifier: Apache-2.0 */
/* resolve: literals, names, many at once, and what is left behind. */
#include "net/resolve.h"

#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/mem.h"
#include "net/clean.h"
#include "net/proxy.h"

enum { LONG_MS = 20000 };

START_TEST(literal_needs_no_name_service) {
    static const struct {
        const char *host;
        const char *text; /* NULL: no literal */
    } rows[] = {{"192.0.2.1", "192.0.2.1"},
                {"2001:DB8::0001", "2001:db8::1"},
                {"localhost", NULL},
                {"192.0.2", NULL},
                {"[::1]", NULL},
                {"::1%lo", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct resolve_address address;
        char text[INET6_ADDRSTRLEN];
        bool literal = resolve_literal(rows[i].host, 443, &address);
        ck_assert_msg(literal == (rows[i].text != NULL), "%s", rows[i].host);
        if (!literal)
            continue;
        resolve_address_text(&address, text);
        ck_assert_str_eq(text, rows[i].text);
    }
}
END_TEST

START_TEST(name_gets_its_addresses_with_the_port) {
    struct resolve_result found;
    ck_assert(resolve_host("localhost", 8443, deadline_after_ms(LONG_MS), &found));
    ck_assert_int_eq(found.status, RESOLVE_FOUND);
    ck_assert_uint_ge(found.count, 1);
    for (size_t i = 0; i < found.count; i++) {
        const struct resolve_address *address = &found.addresses[i];
        ck_assert_int_eq(ntohs(address->of.any.sa_family == AF_INET ? address->of.in.sin_port
                                                                    : address->of.in6.sin6_port),
                         8443);
    }
}
END_TEST

START_TEST(unknown_name_says_so) {
    struct resolve_result found;
    ck_assert(resolve_host("no-such-host.invalid", 443, deadline_after_ms(LONG_MS), &found));
    ck_assert_int_ne(found.status, RESOLVE_FOUND);
    ck_assert_ptr_nonnull(found.reason);
}
END_TEST

START_TEST(deadline_and_signal_end_the_wait) {
    struct resolve_result found;
    /* Whatever the name service does: no time at all is never enough for a thread to begin. */
    ck_assert(resolve_host("localhost", 443, deadline_after_ms(0), &found));
    ck_assert(found.status == RESOLVE_FAILED || found.status == RESOLVE_FOUND);
    ck_assert(interrupt_install());
    raise(SIGTERM);
    ck_assert(resolve_host("no-such-host.invalid", 443, deadline_after_ms(LONG_MS), &found));
    ck_assert(found.status != RESOLVE_FOUND);
}
END_TEST

START_TEST(each_of_many_comes_back_once) {
    enum { MANY = 200 };
    struct resolver *resolver = resolver_new();
    for (uint64_t i = 0; i < MANY; i++)
        ck_assert(resolver_submit(resolver, i % 2 == 0 ? "localhost" : "127.0.0.1", 443, i));
    unsigned seen[MANY] = {0};
    for (size_t count = 0; count < MANY;) {
        struct pollfd wait = {.fd = resolver_fd(resolver), .events = POLLIN};
        ck_assert_int_eq(poll(&wait, 1, LONG_MS), 1);
        uint64_t tag;
        struct resolve_result found;
        for (; resolver_next(resolver, &tag, &found); count++) {
            ck_assert_uint_lt(tag, MANY);
            seen[tag]++;
            ck_assert_int_eq(found.status, RESOLVE_FOUND);
        }
    }
    for (size_t i = 0; i < MANY; i++)
        ck_assert_uint_eq(seen[i], 1);
    resolver_free(resolver);
}
END_TEST

START_TEST(free_leaves_threads_to_themselves) {
    for (int i = 0; i < 50; i++) {
        struct resolver *resolver = resolver_new();
        for (uint64_t tag = 0; tag < 20; tag++)
            ck_assert(resolver_submit(resolver, "localhost", 443, tag));
        resolver_free(resolver);
    }
    /* The last to be asked for is found still. */
    struct resolve_result found;
    ck_assert(resolve_host("localhost", 443, deadline_after_ms(LONG_MS), &found));
    ck_assert_int_eq(found.status, RESOLVE_FOUND);
}
END_TEST

START_TEST(proxy_url_is_split) {
    static const struct {
        const char *url;
        const char *host; /* NULL: refused */
        int port;
    } rows[] = {{"http://proxy.example:3128", "proxy.example", 3128},
                {"http://192.0.2.1/", "192.0.2.1", 80},
                {"http://[2001:db8::1]:8080", "2001:db8::1", 8080},
                {"https://proxy.example:3128", NULL, 0},
                {"http://u:p@proxy.example", NULL, 0},
                {"http://", NULL, 0},
                {"proxy.example:3128", NULL, 0},
                {"http://a/b", NULL, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char host[NAME_HOST_SIZE];
        int port;
        bool ok = proxy_split_url(rows[i].url, host, &port);
        ck_assert_msg(ok == (rows[i].host != NULL), "%s", rows[i].url);
        if (!ok)
            continue;
        ck_assert_str_eq(host, rows[i].host);
        ck_assert_int_eq(port, rows[i].port);
    }
}
END_TEST

START_TEST(peer_text_is_made_harmless) {
    static const struct {
        const char *from;
        const char *to;
        size_t limit;
    } rows[] = {{"plain", "plain", 100},
                {" a\x1b[31mb\r\n", "a [31mb", 100},
                {"\xc3\xa4\xe2\x82\xac", "\xc3\xa4\xe2\x82\xac", 100},
                {"\xc2\x9b", "", 100},
                {"a\xff\xc3", "a??", 100},
                {"\xed\xa0\x80", "???", 100},
                {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 100},
                {"ab\xc3\xa4", "ab", 3},
                {"", "", 10}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_text char *clean = clean_text(rows[i].from, strlen(rows[i].from), rows[i].limit);
        ck_assert_str_eq(clean, rows[i].to);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *all = suite_create("resolve");
    TCase *group = tcase_create("resolve");
    tcase_set_timeout(group, 60);
    tcase_add_test(group, literal_needs_no_name_service);
    tcase_add_test(group, name_gets_its_addresses_with_the_port);
    tcase_add_test(group, unknown_name_says_so);
    tcase_add_test(group, deadline_and_signal_end_the_wait);
    tcase_add_test(group, each_of_many_comes_back_once);
    tcase_add_test(group, free_leaves_threads_to_themselves);
    tcase_add_test(group, proxy_url_is_split);
    tcase_add_test(group, peer_text_is_made_harmless);
    suite_add_tcase(all, group);
    return all;
}

int main(void) {
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
