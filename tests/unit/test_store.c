/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of nsx/store and nsx/store_write: paging, matching, validating, deleting. */
#include "nsx/store.h"

#include <openssl/sha.h>

#include "manager_stub.h"

#define PATH "/api/v1/trust-management/certificates"
#define LIST "GET " PATH "?page_size=200"

/* "ours" and "other" in base64: the store is searched by what lies between the marks, whatever it is. */
#define OURS "'pem_encoded': '-----BEGIN CERTIFICATE-----\\nb3Vycw==\\n-----END CERTIFICATE-----\\n'"
#define OTHER "'pem_encoded': '-----BEGIN CERTIFICATE-----\\nb3RoZXI=\\n-----END CERTIFICATE-----'"
#define IN_USE "'used_by': [{'node_id': 'n', 'service_types': ['MGMT_CLUSTER']}]"

static unsigned char ours[CERT_SHA256_SIZE];

static bool count(void *context, const struct store_entry *entry) {
    (void)entry;
    ++*(int *)context;
    return true;
}

static int visit_all(struct manager *manager, struct error *err) {
    int visited = 0;
    return store_each(manager, count, &visited, err) ? visited : -1;
}

START_TEST(test_pages) {
    STUB(manager, 3, 0,
         {.asked = LIST, .status = 200, .body = "{'results': [{'id': 'a'}, {'id': 'b'}], 'cursor': 'x/1'}"},
         {.asked = LIST "&cursor=x%2F1", .status = 200, .body = "{'results': [], 'cursor': '2'}"},
         {.asked = LIST "&cursor=2",
          .status = 200,
          .body = "{'results': [{'id': 'b'}, {'id': 'c'}, {'no': 'id'}, 7], 'cursor': '0000'}"});
    auto_error struct error err = {0};
    ck_assert_int_eq(visit_all(manager, &err), 3);
    stub_done(manager);
}
END_TEST

START_TEST(test_stale_cursor) {
    STUB(manager, 3, 0, {.asked = LIST, .status = 200, .body = "{'results': [{'id': 'a'}], 'cursor': '1'}"},
         {.asked = LIST "&cursor=1", .status = 400},
         {.asked = LIST, .status = 200, .body = "{'results': [{'id': 'a'}, {'id': 'b'}], 'cursor': ''}"});
    auto_error struct error err = {0};
    ck_assert_int_eq(visit_all(manager, &err), 2);
    stub_done(manager);
}
END_TEST

START_TEST(test_first_page_refused) {
    STUB(manager, 3, 0, {.asked = LIST, .status = 400});
    auto_error struct error err = {0};
    ck_assert_int_eq(visit_all(manager, &err), -1);
    ck_assert_int_eq(err.code, ERROR_MANAGER_REFUSED);
    stub_done(manager);
}
END_TEST

START_TEST(test_pages_without_end) {
    static struct stub_call script[110];
    script[0] = (struct stub_call){.asked = LIST, .status = 200, .body = "{'results': [], 'cursor': '1'}"};
    for (size_t i = 1; i < 110; i++)
        script[i] =
            (struct stub_call){.asked = LIST "&cursor=1", .status = 200, .body = "{'results': [], 'cursor': '1'}"};
    struct manager *manager = stub_manager(3, 0, script, 101);
    auto_error struct error err = {0};
    ck_assert_int_eq(visit_all(manager, &err), -1);
    ck_assert_int_eq(err.code, ERROR_UNEXPECTED_ANSWER);
    stub_done(manager);
}
END_TEST

START_TEST(test_best_match_first) {
    STUB(manager, 3, 0,
         {.asked = LIST,
          .status = 200,
          .body =
              "{'results': ["
              "{'id': 'young', '_create_time': 300, " OURS "}, {'id': 'old', '_create_time': 100, " OURS "},"
              "{'id': 'keyless', '_create_time': 1, 'has_private_key': false, " OURS "},"
              "{'id': 'other', 'display_name': 'taken', " OTHER "}, {'id': 'torn', 'pem_encoded': '-----BEGIN CERT'},"
              "{'id': 'same-time', '_create_time': 100, " OURS "}], 'cursor': '9'}"},
         {.asked = LIST "&cursor=9",
          .status = 200,
          .body = "{'results': [{'id': 'used', '_create_time': 900, " OURS ", " IN_USE "}], 'cursor': '10'}"});
    auto_store_search struct store_search search = {.sha256 = ours, .display_name = "taken"};
    auto_error struct error err = {0};
    ck_assert(store_find(manager, &search, &err)); /* and stops at the one in use: page 10 is not asked for */
    static const char *const order[] = {"used", "old", "same-time", "young"};
    ck_assert_uint_eq(search.matches.count, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(search.matches.items[i].id, order[i]);
    ck_assert(search.name_taken && search.matches.items[0].in_use && !search.matches.items[1].in_use);
    stub_done(manager);
}
END_TEST

START_TEST(test_forms_of_pem) {
    static const char *const forms[] = {
        "-----BEGIN CERTIFICATE-----\\r\\nb3V\\r\\nycw==\\r\\n-----END CERTIFICATE-----",
        "text before\\n-----BEGIN CERTIFICATE-----\\nb3Vycw==\\n-----END CERTIFICATE-----\\n-----BEGIN CERTIFICATE-----\\nb3RoZXI=\\n-----END CERTIFICATE-----"};
    for (size_t i = 0; i < 2; i++) {
        char body[512];
        snprintf(body, sizeof body, "{'results': [{'id': 'a', 'pem_encoded': '%s'}]}", forms[i]);
        const struct stub_call script[] = {{.asked = LIST, .status = 200, .body = body}};
        struct manager *manager = stub_manager(2, 4, script, 1);
        struct store_entry entry = {0};
        auto_error struct error err = {0};
        ck_assert(store_find_by_fingerprint(manager, ours, &entry, &err));
        ck_assert_str_eq(entry.id, "a");
        ck_assert_int_eq(entry.has_private_key, -1);
        store_entry_done(&entry);
        stub_done(manager);
    }
}
END_TEST

START_TEST(test_not_found) {
    STUB(manager, 3, 0, {.asked = LIST, .status = 200, .body = "{'results': [{'id': 'o', " OTHER "}]}"},
         {.asked = "GET " PATH "/gone", .status = 404, .error_code = 202},
         {.asked = "GET " PATH "/x",
          .status = 200,
          .body = "{'id': 'x', " OURS ", 'used_by': [{'service_types': ['API', 'MGMT_CLUSTER']}]}"});
    auto_error struct error err = {0};
    auto_store_entry struct store_entry entry = {0};
    ck_assert(!store_find_by_fingerprint(manager, ours, &entry, &err));
    ck_assert_int_eq(err.code, ERROR_CERTIFICATE_NOT_FOUND);
    ck_assert(!store_get(manager, "gone", &entry, &err));
    ck_assert_int_eq(err.code, ERROR_CERTIFICATE_NOT_FOUND);
    ck_assert(store_get(manager, "x", &entry, &err));
    ck_assert_str_eq(entry.used_by, "API, MGMT_CLUSTER");
    ck_assert(entry.in_use && entry.has_sha256 && memcmp(entry.sha256, ours, sizeof ours) == 0);
    stub_done(manager);
}
END_TEST

static const struct {
    const char *body;
    enum store_verdict verdict;
    enum error_code code;
} validations[] = {
    {"{'status': 'OK'}", STORE_VALID, ERROR_NONE},
    {"{'status': 'REJECTED', 'error_message': 'no'}", STORE_REJECTED, ERROR_CERTIFICATE_REJECTED},
    {"{'status': 'ERROR'}", STORE_VALIDATION_ERROR, ERROR_CERTIFICATE_REJECTED},
    {"{'status': 'PERHAPS'}", STORE_NOT_VALIDATED, ERROR_UNEXPECTED_ANSWER},
    {"{}", STORE_NOT_VALIDATED, ERROR_UNEXPECTED_ANSWER},
};

START_TEST(test_validate) {
    const struct stub_call script[] = {
        {.asked = "GET " PATH "/c?action=validate", .status = 200, .body = validations[_i].body}};
    struct manager *manager = stub_manager(3, 0, script, 1);
    enum store_verdict verdict = STORE_NOT_VALIDATED;
    auto_error struct error err = {0};
    ck_assert(store_validate(manager, "c", &verdict, &err) == (validations[_i].code == ERROR_NONE));
    ck_assert_int_eq(verdict, validations[_i].verdict);
    ck_assert_int_eq(err.code, validations[_i].code);
    if (verdict == STORE_REJECTED)
        ck_assert_str_eq(err.upstream.error_message, "no");
    stub_done(manager);
}
END_TEST

START_TEST(test_validate_before_3) {
    struct manager *manager = stub_manager(2, 5, NULL, 0);
    enum store_verdict verdict = STORE_VALID;
    auto_error struct error err = {0};
    ck_assert(store_validate(manager, "c", &verdict, &err));
    ck_assert_int_eq(verdict, STORE_NOT_VALIDATED);
    stub_done(manager);
}
END_TEST

START_TEST(test_delete) {
    STUB(manager, 4, 2, {.asked = "DELETE " PATH "/a", .status = 200},
         {.asked = "DELETE " PATH "/b", .status = 404, .error_code = 202},
         {.asked = "DELETE " PATH "/c", .status = 400, .error_code = 500030});
    auto_error struct error err = {0};
    ck_assert(store_delete(manager, "a", &err));
    ck_assert(store_delete(manager, "b", &err));
    ck_assert(!store_delete(manager, "c", &err));
    ck_assert_int_eq(err.code, ERROR_MANAGER_REFUSED);
    stub_done(manager);
}
END_TEST

static void add_tests(TCase *tests) {
    SHA256((const unsigned char *)"ours", 4, ours);
    tcase_add_test(tests, test_pages);
    tcase_add_test(tests, test_stale_cursor);
    tcase_add_test(tests, test_first_page_refused);
    tcase_add_test(tests, test_pages_without_end);
    tcase_add_test(tests, test_best_match_first);
    tcase_add_test(tests, test_forms_of_pem);
    tcase_add_test(tests, test_not_found);
    tcase_add_loop_test(tests, test_validate, 0, sizeof validations / sizeof *validations);
    tcase_add_test(tests, test_validate_before_3);
    tcase_add_test(tests, test_delete);
}

int main(void) {
    json_object_seed(1);
    return unit_run_tests("store", add_tests);
}
