/* SPDX-License-Identifier: Apache-2.0 */
/* DNS names, IP addresses, SAN sets and endpoints. */
#include "x509/name.h"

#include "x509_fixture.h"

struct row {
    const char *text;
    const char *canonical; /* NULL: refused */
};

START_TEST(test_ip) {
    static const struct row rows[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"255.255.255.255", "255.255.255.255"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8::0:0:1", "2001:db8::1"},
        {"::", "::"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
        {"::FFFF:c000:0201", "::ffff:192.0.2.1"},
        {"2001:0db8:0001:0000:0001:0001:0001:0001", "2001:db8:1:0:1:1:1:1"},
        {"192.000.2.1", NULL},
        {"192.0.2.01", NULL},
        {"1.2.3", NULL},
        {"192.0.2.256", NULL},
        {"0x7f.0.0.1", NULL},
        {"2130706433", NULL},
        {"192.0.2.1 ", NULL},
        {" 192.0.2.1", NULL},
        {"192.0.2.1.", NULL},
        {"fe80::1%eth0", NULL},
        {"fe80::1%1", NULL},
        {"[2001:db8::1]", NULL},
        {"2001:db8::1/64", NULL},
        {"1:2:3:4:5:6:7:8:9", NULL},
        {":::", NULL},
        {"", NULL},
        {"nsx", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char ip[NAME_IP_SIZE] = "kept";
        ck_assert_msg(name_parse_ip(rows[i].text, ip) == (rows[i].canonical != NULL), "%s", rows[i].text);
        ck_assert_str_eq(ip, rows[i].canonical != NULL ? rows[i].canonical : "kept");
    }
}
END_TEST

#define L61 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghija"
#define L63 L61 "bc"

START_TEST(test_dns) {
    static const struct row rows[] = {
        {"NSX.Example.COM", "nsx.example.com"},
        {"nsx.example.com.", "nsx.example.com"},
        {"nsx", "nsx"},
        {"3com.example", "3com.example"},
        {"1.2.3.example", "1.2.3.example"},
        {"xn--mnchen-3ya.de", "xn--mnchen-3ya.de"},
        {L63 ".example", L63 ".example"},
        {L63 "." L63 "." L63 "." L61, L63 "." L63 "." L63 "." L61},     /* 253 */
        {L63 "." L63 "." L63 "." L61 ".", L63 "." L63 "." L63 "." L61}, /* the final dot does not count */
        {L63 "." L63 "." L63 "." L61 "a", NULL},
        {"a" L63 ".example", NULL},
        {"nsx..example.com", NULL},
        {".example.com", NULL},
        {"example.com..", NULL},
        {".", NULL},
        {"", NULL},
        {"-nsx.example.com", NULL},
        {"nsx-.example.com", NULL},
        {"nsx_a.example.com", NULL},
        {"nsx a.example.com", NULL},
        {"nsx/.example.com", NULL},
        {"nsx@.example.com", NULL},
        {"nsx[.example.com", NULL},
        {"nsx`.example.com", NULL},
        {"nsx{.example.com", NULL},
        {"nsx.example.com:443", NULL},
        {"https://nsx.example.com", NULL},
        {"m\xc3\xbcnchen.de", NULL},
        {"1.2.3", NULL},
        {"192.0.2.1", NULL},
        {"nsx.123", NULL},
        {"*.example.com", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[NAME_HOST_SIZE] = "kept";
        ck_assert_msg(name_parse_dns(rows[i].text, false, name) == (rows[i].canonical != NULL), "%s", rows[i].text);
        ck_assert_str_eq(name, rows[i].canonical != NULL ? rows[i].canonical : "kept");
    }
}
END_TEST

START_TEST(test_wildcards) {
    char name[NAME_HOST_SIZE];
    ck_assert(name_parse_dns("*.Example.com", true, name));
    ck_assert_str_eq(name, "*.example.com");
    static const char *const bad[] = {"*",         "*.",      "*.com",         "a*.example.com", "*a.example.com",
                                      "nsx.*.com", "*.*.com", "**.example.com"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!name_parse_dns(bad[i], true, name), "%s", bad[i]);
}
END_TEST

static void expect_refusal(const char *text, const char *reason) {
    auto_error struct error err = {0};
    auto_san struct san san = {0};
    ck_assert(!san_add_host(&san, text, &err));
    ck_assert_int_eq(err.code, ERROR_INVALID_VALUE);
    ck_assert_msg(strstr(err.problem.detail, reason) != NULL, "%s", err.problem.detail);
    ck_assert_uint_eq(san.dns_count + san.ip_count, 0);
}

START_TEST(test_refusals_say_why) {
    expect_refusal("-nsx.example.com", "\"-nsx.example.com\" is not a DNS name: a label begins or ends with a hyphen.");
    expect_refusal(L63 "." L63 "." L63 "." L63, "longer than 253 characters");
    expect_refusal("m\xc3\xbcnchen.de", "use the A-label (xn--");
    expect_refusal("nsx_a.example.com", "underscore");
    expect_refusal("192.000.2.1", "number");
    expect_refusal("fe80::1%eth0", "zone");
    expect_refusal("2001:db8::/64", "network");
    expect_refusal("*.com", "wildcard");
    auto_error struct error err = {0};
    auto_san struct san san = {0};
    ck_assert(!san_add_dns(&san, "192.0.2.1", &err));
    ck_assert_str_eq(err.problem.detail, "\"192.0.2.1\" is not a DNS name: it is an IP address.");
    ck_assert(!san_add_ip(&san, "nsx.example.com", &err));
}
END_TEST

START_TEST(test_san_is_a_sorted_set) {
    auto_san struct san a = fixture_san("b.example a.example A.example. 192.0.2.2 2001:db8::1 192.0.2.1 2001:db8:0::1");
    ck_assert_uint_eq(a.dns_count, 2);
    ck_assert_str_eq(a.dns[0], "a.example");
    ck_assert_uint_eq(a.ip_count, 3);
    ck_assert_str_eq(a.ip[0], "192.0.2.1");
    ck_assert(san_has_dns(&a, "b.example") && !san_has_dns(&a, "c.example"));
}
END_TEST

START_TEST(test_many_names) {
    auto_error struct error err = {0};
    auto_san struct san san = {0};
    for (int i = 999; i >= 0; i--) {
        char name[32];
        snprintf(name, sizeof name, "n%03d.example", i * 7 % 1000);
        ck_assert(san_add_dns(&san, name, &err));
    }
    ck_assert_uint_eq(san.dns_count, 1000);
    for (size_t i = 1; i < san.dns_count; i++)
        ck_assert_int_lt(strcmp(san.dns[i - 1], san.dns[i]), 0);
}
END_TEST

START_TEST(test_covers) {
    auto_error struct error err = {0};
    auto_san struct san san = fixture_san("nsx.example.com *.lab.example.com 192.0.2.1 2001:db8::1");
    ck_assert(san_add_raw_dns(&san, "192.0.2.9", &err));
    static const char *const yes[] = {"NSX.example.com", "nsx.example.com.", "a.lab.example.com", "192.0.2.1",
                                      "2001:DB8:0::1"};
    static const char *const no[] = {
        "example.com", "a.b.lab.example.com", "lab.example.com",    "*.lab.example.com", "192.0.2.2", "192.0.2.9", "",
        "com",         "[2001:db8::1]",       "nsx.example.com:443"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        ck_assert_msg(san_covers(&san, yes[i]), "%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        ck_assert_msg(!san_covers(&san, no[i]), "%s", no[i]);
}
END_TEST

START_TEST(test_endpoints) {
    static const struct {
        const char *text;
        const char *host;
        int port;
    } rows[] = {
        {"nsx.example.com", "nsx.example.com", 443},
        {"NSX.example.com.:8443", "nsx.example.com", 8443},
        {"192.0.2.1", "192.0.2.1", 443},
        {"192.0.2.1:65535", "192.0.2.1", 65535},
        {"2001:DB8::1", "2001:db8::1", 443},
        {"::1", "::1", 443},
        {"[2001:db8::1]", "2001:db8::1", 443},
        {"[2001:db8::1]:1", "2001:db8::1", 1},
        {"", NULL, 0},
        {":443", NULL, 0},
        {"nsx:", NULL, 0},
        {"nsx:0", NULL, 0},
        {"nsx:0443", NULL, 0},
        {"nsx:65536", NULL, 0},
        {"nsx:4 4", NULL, 0},
        {"nsx:+44", NULL, 0},
        {"nsx:443/x", NULL, 0},
        {"nsx/x", NULL, 0},
        {"https://nsx", NULL, 0},
        {"user@nsx", NULL, 0},
        {"*.example.com", NULL, 0},
        {"[192.0.2.1]", NULL, 0},
        {"[nsx]", NULL, 0},
        {"[2001:db8::1", NULL, 0},
        {"[2001:db8::1]x", NULL, 0},
        {"[2001:db8::1]443", NULL, 0},
        {"[]:443", NULL, 0},
        {"[fe80::1%25eth0]", NULL, 0},
        {"fe80::1%eth0", NULL, 0},
        {"2001:db8::1]:443", NULL, 0},
        {"192.0.2.1:443:443", NULL, 0},
        {"1.2.3", NULL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char host[NAME_HOST_SIZE] = "kept";
        int port = -1;
        ck_assert_msg(name_split_endpoint(rows[i].text, 443, host, &port) == (rows[i].host != NULL), "%s",
                      rows[i].text);
        ck_assert_str_eq(host, rows[i].host != NULL ? rows[i].host : "kept");
        ck_assert_int_eq(port, rows[i].host != NULL ? rows[i].port : -1);
    }
    char longer[600];
    memset(longer, 'a', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    char host[NAME_HOST_SIZE];
    int port;
    ck_assert(!name_split_endpoint(longer, 443, host, &port));
}
END_TEST

START_TEST(test_no_memory) {
    for (unsigned long nth = 1;; nth++) {
        auto_error struct error err = {0};
        auto_san struct san san = {0};
        mem_fail_after(nth);
        bool added = san_add_host(&san, "b.example", &err) && san_add_host(&san, "a.example", &err) &&
                     san_add_host(&san, "192.0.2.1", &err) && san_add_raw_dns(&san, "c.example", &err);
        bool done = mem_count() < nth;
        mem_fail_after(0);
        ck_assert(added ? done : err.code == ERROR_OUT_OF_MEMORY);
        if (done)
            break;
    }
}
END_TEST

FIXTURE_MAIN("name", test_ip, test_dns, test_wildcards, test_refusals_say_why, test_san_is_a_sorted_set,
             test_many_names, test_covers, test_endpoints, test_no_memory)
