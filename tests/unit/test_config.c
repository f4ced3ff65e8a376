/* SPDX-License-Identifier: Apache-2.0 */
/* The openssl request configuration: what it yields, and what it must not reach. */
#include "x509/config.h"

#include <stdlib.h>
#include <unistd.h>

#include "x509_fixture.h"

static void read_good(const char *text, struct config *config) {
    auto_error struct error err = {0};
    ck_ok(config_read(text, strlen(text), config, &err), err);
}

static long long refuse_line(const char *text, const char *part) {
    struct config config = {0};
    auto_error struct error err = {0};
    ck_assert_msg(!config_read(text, strlen(text), &config, &err), "%s", text);
    ck_assert_int_eq(err.code, ERROR_INVALID_CONFIG);
    ck_assert_ptr_null(config.parts[0]);
    ck_assert_msg(strstr(err.problem.detail, part) != NULL, "%s", err.problem.detail);
    return err.context_count > 0 ? err.context[0].number : 0;
}

static const char procedure[] = "[ req ]\n"
                                "default_bits = 3072\n"
                                "default_md = SHA384\n"
                                "distinguished_name = req_distinguished_name\n"
                                "req_extensions = req_ext\n"
                                "prompt = no\n"
                                "[ req_distinguished_name ]\n"
                                "countryName = US\n"
                                "stateOrProvinceName = California\n"
                                "localityName = Palo Alto\n"
                                "0.organizationName = NSX, Inc.\n"
                                "OU = Ops\n"
                                "commonName = 192.0.2.10\n"
                                "[ req_ext ]\n"
                                "basicConstraints = CA:FALSE\n"
                                "subjectAltName = @alt_names\n"
                                "[alt_names]\n"
                                "DNS.1 = NSX.example.com\n"
                                "DNS.2 = 192.0.2.10\n"
                                "IP.1 = 192.0.2.11\n"
                                "IP = 2001:DB8::1\n";

static void check_procedure(const char *text) {
    auto_config struct config config = {0};
    read_good(text, &config);
    ck_assert_int_eq(config.bits, 3072);
    ck_assert_str_eq(config.digest, "sha384");
    ck_assert_str_eq(config.subject.country, "US");
    ck_assert_str_eq(config.subject.state, "California");
    ck_assert_str_eq(config.subject.locality, "Palo Alto");
    ck_assert_str_eq(config.subject.organization, "NSX, Inc.");
    ck_assert_str_eq(config.subject.organizational_unit, "Ops");
    ck_assert_str_eq(config.subject.common_name, "192.0.2.10");
    ck_assert_uint_eq(config.san.dns_count, 1);
    ck_assert_str_eq(config.san.dns[0], "nsx.example.com");
    ck_assert_uint_eq(config.san.ip_count, 3);
    ck_assert_str_eq(config.san.ip[2], "2001:db8::1");
}

START_TEST(test_the_procedures_file) {
    check_procedure(procedure);
}
END_TEST

START_TEST(test_crlf_line_ends) {
    char text[2 * sizeof procedure];
    size_t length = 0;
    for (const char *c = procedure; *c != '\0'; c++) {
        if (*c == '\n')
            text[length++] = '\r';
        text[length++] = *c;
    }
    text[length] = '\0';
    check_procedure(text);
}
END_TEST

START_TEST(test_lists_comments_variables_and_both_extension_sections) {
    auto_config struct config config = {0};
    read_good("# see .include and $ENV::HOME in the manual\n"
              "name = nsx\n"
              "[req]\n"
              "x509_extensions = a # a remark\n"
              "req_extensions = b\n"
              "[a]\n"
              "subjectAltName = critical, DNS:$name.example.com, IP:192.0.2.1, @more\n"
              "[b]\n"
              "subjectAltName = DNS:${name}-b.example.com\n"
              "[more]\n"
              "DNS.a = *.example.org\n",
              &config);
    ck_assert_uint_eq(config.san.dns_count, 3);
    ck_assert_str_eq(config.san.dns[0], "*.example.org");
    ck_assert_str_eq(config.san.dns[1], "nsx-b.example.com");
    ck_assert_str_eq(config.san.dns[2], "nsx.example.com");
    ck_assert_ptr_null(config.subject.common_name);
    ck_assert_int_eq(config.bits, 0);
    ck_assert_ptr_null(config.digest);
}
END_TEST

START_TEST(test_prompts_give_their_defaults) {
    auto_config struct config config = {0};
    read_good(
        "[req]\ndistinguished_name = dn\n[dn]\ncountryName = Country Name (2 letter code)\ncountryName_default = DE\n"
        "countryName_min = 2\ncommonName = Your name\n0.organizationName_default = Example\n",
        &config);
    ck_assert_str_eq(config.subject.country, "DE");
    ck_assert_str_eq(config.subject.organization, "Example");
    ck_assert_ptr_null(config.subject.common_name);
}
END_TEST

START_TEST(test_refusals_name_the_line) {
    ck_assert_int_eq(refuse_line("", "no section [req]"), 0);
    ck_assert_int_eq(refuse_line("[req]\nno equal sign\n", "missing equal sign"), 2);
    ck_assert_int_eq(refuse_line("[req\n", "missing close"), 1);
    ck_assert_int_eq(refuse_line("[req]\n\n default_bits = 1024\n", "1024"), 3);
    ck_assert_int_eq(refuse_line("[req]\ndefault_md=md5\n", "md5"), 2);
    ck_assert_int_eq(refuse_line("[req]\ndistinguished_name = dn\n", "[dn]"), 2);
    ck_assert_int_eq(refuse_line("[req]\nreq_extensions = v3\n", "[v3]"), 2);
    ck_assert_int_eq(refuse_line("[req]\nreq_extensions=v3\n[v3]\nsubjectAltName = @no\n", "[no]"), 4);
    ck_assert_int_eq(refuse_line("[req]\nreq_extensions=v3\n[v3]\nsubjectAltName = URI:x\n", "URI"), 4);
    ck_assert_int_eq(refuse_line("[req]\nreq_extensions=v3\n[v3]\nsubjectAltName = @alt\n[alt]\nDNS.1=a_b.example\n",
                                 "underscore"),
                     6);
    ck_assert_int_eq(refuse_line("[req]\nreq_extensions=v3\n[v3]\nsubjectAltName = IP:1.2.3\n", "1.2.3"), 4);
    ck_assert_int_eq(refuse_line("[req]\nprompt=no\ndistinguished_name=dn\n[dn]\nemailAddress=a@b.c\n", "emailAddress"),
                     5);
    ck_assert_int_eq(refuse_line("[req]\nprompt=no\ndistinguished_name=dn\n[dn]\n0.OU=a\n1.OU=b\n", "twice"), 6);
    ck_assert_int_eq(refuse_line("[req]\na = \x01\n", "control character"), 2);
}
END_TEST

START_TEST(test_nul_and_size) {
    struct config config = {0};
    auto_error struct error err = {0};
    ck_assert(!config_read("[req]\0x", 7, &config, &err));
    ck_assert_int_eq(err.code, ERROR_INVALID_CONFIG);
    static char big[CONFIG_BYTES_MAX + 1];
    memset(big, '\n', sizeof big);
    ck_assert(!config_read(big, sizeof big, &config, &err));
    ck_assert_int_eq(err.code, ERROR_INVALID_CONFIG);
}
END_TEST

START_TEST(test_environment_is_out_of_reach) {
    setenv("NSXCERT_TEST_SECRET", "canary.example.com", 1);
    static const char *const ways[] = {
        "[req]\nreq_extensions=v\n[v]\nsubjectAltName=DNS:$ENV::NSXCERT_TEST_SECRET\n",
        "[req]\nreq_extensions=v\n[v]\nsubjectAltName=DNS:${ENV::NSXCERT_TEST_SECRET}\n",
        "[req]\nreq_extensions=v\n[v]\nsubjectAltName=DNS:$(ENV::NSXCERT_TEST_SECRET)\n",
        "[req]\nreq_extensions=v\n[v]\nsubjectAltName=DNS:$EN\\\nV::NSXCERT_TEST_SECRET\n",
        "[req]\nreq_extensions=v\n[v]\nsubjectAltName=DNS:$EN\\\r\r\nV:\\\n:NSXCERT_TEST_SECRET\n",
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        ck_assert_int_ge(refuse_line(ways[i], "environment"), 4);
}
END_TEST

START_TEST(test_files_are_out_of_reach) {
    char path[] = "/tmp/nsxcert-test-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    const char *secret = "[req]\nreq_extensions=v\n[v]\nsubjectAltName=DNS:canary.example.com\n";
    ck_assert_int_eq(write(file, secret, strlen(secret)), (int)strlen(secret));
    close(file);
    static const char *const ways[] = {".include %s\n",      ".include=%s\n",     "  .include = %s\n",
                                       "[a]\n.include %s\n", ".incl\\\nude %s\n", ".\\\ninclude = %s\n",
                                       ".incl\\\r\nude %s\n"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        char text[256];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof text, ways[i], path);
#pragma GCC diagnostic pop
        (void)refuse_line(text, ".include");
    }
    /* A backslash is dropped where the parser's read buffer of 511 characters ends. */
    char text[1024];
    snprintf(text, sizeof text, "%*s.incl\\ude %s\n", 505, "", path);
    (void)refuse_line(text, ".include");
    unlink(path);
}
END_TEST

START_TEST(test_variables_cannot_blow_up) {
    auto_buf struct buf text = {0};
    buf_add_text(&text, "[req]\na=0123456789012345678901234567890123456789012345678901234567890123456789\n");
    for (int i = 0; i < 65; i++)
        buf_add_text(&text, "a=$a\n");
    (void)refuse_line(buf_text(&text), "variables");
}
END_TEST

START_TEST(test_no_memory) {
    auto_error struct error warm = {0};
    struct config config = {0};
    ck_assert(config_read(procedure, sizeof procedure - 1, &config, &warm));
    config_done(&config);
    bool done = false;
    for (unsigned long nth = 1; !done; nth++) {
        auto_error struct error err = {0};
        mem_fail_after(nth);
        bool read = config_read(procedure, sizeof procedure - 1, &config, &err);
        done = mem_count() < nth;
        mem_fail_after(0);
        ck_assert_msg(read ? done : err.code == ERROR_OUT_OF_MEMORY, "%lu: %s", nth, err.problem.detail);
        config_done(&config);
    }
}
END_TEST

FIXTURE_MAIN("config", test_the_procedures_file, test_crlf_line_ends,
             test_lists_comments_variables_and_both_extension_sections, test_prompts_give_their_defaults,
             test_refusals_name_the_line, test_nul_and_size, test_environment_is_out_of_reach,
             test_files_are_out_of_reach, test_variables_cannot_blow_up, test_no_memory)
