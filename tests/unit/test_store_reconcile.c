/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of nsx/store_reconcile: one certificate once, whatever the manager answers. */
#include <openssl/sha.h>

#include "manager_stub.h"
#include "net/retry.h"
#include "nsx/store.h"

#define PATH "/api/v1/trust-management/certificates"
#define LIST "GET " PATH "?page_size=200"
#define IMPORT "POST " PATH "?action=import"
#define OURS "'pem_encoded': '-----BEGIN CERTIFICATE-----\\nb3Vycw==\\n-----END CERTIFICATE-----'"
#define EMPTY {.asked = LIST, .status = 200, .body = "{'results': []}"}
#define HOLDS(entries) {.asked = LIST, .status = 200, .body = "{'results': [" entries "]}"}
#define ENTRY(id, time) "{'id': '" id "', '_create_time': " time ", " OURS "}"
#define USED(id, time) "{'id': '" id "', '_create_time': " time ", 'used_by': [{'service_types': ['API']}], " OURS "}"
#define MADE(id) {.asked = IMPORT, .status = 201, .body = "{'results': [{'id': '" id "'}]}"}
#define LOST {.asked = IMPORT, .status = 0}

static unsigned char ours[CERT_SHA256_SIZE];

/* Retries do not wait here: the script says when the time is over. */
static int waits_left;
static long waits_asked; /* what the manager asked each wait to take, one digit after the other */

void retry_init(struct retry *retry, struct deadline deadline, int64_t first_ms, int64_t cap_ms) {
    (void)retry, (void)deadline, (void)first_ms, (void)cap_ms;
}

bool retry_wait(struct retry *retry, long retry_after_s) {
    (void)retry;
    if (retry_after_s >= 0)
        waits_asked = waits_asked * 10 + retry_after_s;
    return waits_left-- > 0;
}

/* Runs the loop from an empty store; the id that counts, or NULL. The caller frees. */
static char *reconcile(struct manager *manager, struct store_reconciled *ret, struct error *err) {
    struct secret *key = secret_new("KEY", 3, false);
    const struct store_import import = {.sha256 = ours,
                                        .display_name = "name",
                                        .certificate_pem = "PEM",
                                        .key_pem = key};
    auto_store_search struct store_search seen = {.sha256 = ours};
    char *id = NULL;
    if (store_reconcile(manager, &import, &seen, ret, err))
        id = mem_strdup(ret->entry.id);
    store_reconciled_done(ret);
    secret_free(key);
    return id;
}

static void expect(struct manager *manager, const char *id, bool changed, enum error_code code) {
    struct store_reconciled result;
    auto_error struct error err = {0};
    auto_text char *found = reconcile(manager, &result, &err);
    ck_assert_int_eq(err.code, code);
    if (id == NULL)
        ck_assert_ptr_null(found);
    else
        ck_assert_str_eq(found, id);
    ck_assert(result.changed == changed);
    stub_done(manager);
}

START_TEST(test_import) {
    STUB(manager, 4, 1, MADE("a"), HOLDS(ENTRY("a", "1")));
    struct store_reconciled result;
    auto_error struct error err = {0};
    auto_text char *id = reconcile(manager, &result, &err);
    ck_assert_str_eq(id, "a");
    ck_assert(result.imported && result.changed);
    json_t *body = unit_json(stub_last_body);
    unit_assert_json(body, "{'display_name': 'name', 'pem_encoded': 'PEM', 'private_key': 'KEY'}");
    json_decref(body);
    stub_done(manager);
}
END_TEST

START_TEST(test_lost_answer_done) {
    STUB(manager, 4, 1, LOST, HOLDS(ENTRY("a", "1")));
    expect(manager, "a", true, ERROR_NONE);
}
END_TEST

START_TEST(test_lost_answer_not_done) {
    STUB(manager, 4, 1, LOST, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, MADE("b"), HOLDS(ENTRY("b", "1")));
    expect(manager, "b", true, ERROR_NONE);
}
END_TEST

START_TEST(test_lost_and_late) { /* both imports were done: the younger one, whose id is known, goes */
    STUB(manager, 4, 1, LOST, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, MADE("b"), HOLDS(ENTRY("a", "1") "," ENTRY("b", "2")),
         {.asked = "DELETE " PATH "/b", .status = 200}, HOLDS(ENTRY("a", "1")));
    expect(manager, "a", true, ERROR_NONE);
}
END_TEST

START_TEST(test_late_list) {
    STUB(manager, 4, 1, MADE("a"), EMPTY, EMPTY, EMPTY,
         {.asked = "GET " PATH "/a", .status = 200, .body = ENTRY("a", "1")});
    expect(manager, "a", true, ERROR_NONE);
}
END_TEST

START_TEST(test_race_lost) { /* somebody else's is older: ours goes, nothing has changed */
    STUB(manager, 4, 1, MADE("b"), HOLDS(ENTRY("b", "2") "," ENTRY("a", "1")),
         {.asked = "DELETE " PATH "/b", .status = 200}, HOLDS(ENTRY("a", "1")));
    expect(manager, "a", false, ERROR_NONE);
}
END_TEST

START_TEST(test_race_won) { /* ours is older: the other run deletes its own */
    STUB(manager, 4, 1, MADE("a"), HOLDS(ENTRY("b", "2") "," ENTRY("a", "1")));
    expect(manager, "a", true, ERROR_NONE);
}
END_TEST

START_TEST(test_used_one_wins) {
    STUB(manager, 4, 1, MADE("a"), HOLDS(ENTRY("a", "1") "," USED("b", "2")),
         {.asked = "DELETE " PATH "/a", .status = 200}, HOLDS(USED("b", "2")));
    expect(manager, "b", false, ERROR_NONE);
}
END_TEST

START_TEST(test_used_surplus_stays) {
    STUB(manager, 4, 1, MADE("b"), HOLDS(USED("a", "1") "," USED("b", "2")));
    expect(manager, "a", false, ERROR_NONE);
}
END_TEST

START_TEST(test_surplus_on_a_later_page) {
    STUB(manager, 4, 1, MADE("b"),
         {.asked = LIST, .status = 200, .body = "{'results': [" USED("a", "1") "], 'cursor': '2'}"},
         {.asked = LIST "&cursor=2", .status = 200, .body = "{'results': [" ENTRY("b", "2") "]}"},
         {.asked = "DELETE " PATH "/b", .status = 200}, HOLDS(USED("a", "1")));
    expect(manager, "a", false, ERROR_NONE);
}
END_TEST

START_TEST(test_surplus_that_cannot_be_deleted) {
    STUB(manager, 3, 2, MADE("b"), HOLDS(ENTRY("a", "1") "," ENTRY("b", "2")),
         {.asked = "DELETE " PATH "/b", .status = 400}, HOLDS(ENTRY("a", "1") "," ENTRY("b", "2")));
    expect(manager, "a", false, ERROR_NONE);
}
END_TEST

START_TEST(test_refused) {
    STUB(manager, 4, 1, {.asked = IMPORT, .status = 400, .error_code = 2076}, EMPTY);
    expect(manager, NULL, false, ERROR_MANAGER_REFUSED);
}
END_TEST

START_TEST(test_refused_as_duplicate) {
    STUB(manager, 4, 1, {.asked = IMPORT, .status = 400}, HOLDS(ENTRY("theirs", "1")));
    expect(manager, "theirs", false, ERROR_NONE);
}
END_TEST

START_TEST(test_refused_as_duplicate_of_a_lost_one) {
    STUB(manager, 4, 1, LOST, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, {.asked = IMPORT, .status = 400}, EMPTY,
         HOLDS(ENTRY("a", "1")));
    expect(manager, "a", true, ERROR_NONE);
}
END_TEST

START_TEST(test_answer_without_id) {
    STUB(manager, 4, 1, {.asked = IMPORT, .status = 200, .body = "[1]"}, HOLDS(ENTRY("a", "1")));
    expect(manager, "a", true, ERROR_NONE);
}
END_TEST

START_TEST(test_failed_inside_after_the_work) {
    STUB(manager, 4, 1, {.asked = IMPORT, .status = 500, .code = ERROR_MANAGER_FAILED}, EMPTY, HOLDS(ENTRY("a", "1")));
    expect(manager, "a", true, ERROR_NONE);
}
END_TEST

START_TEST(test_role_missing_is_final) {
    STUB(manager, 4, 1, {.asked = IMPORT, .status = 403, .code = ERROR_ROLE_MISSING});
    expect(manager, NULL, false, ERROR_ROLE_MISSING);
}
END_TEST

START_TEST(test_time_over_before_it_would_show) {
    waits_left = 1;
    STUB(manager, 4, 1, LOST, EMPTY, EMPTY);
    expect(manager, NULL, true, ERROR_CUT_ANSWER);
}
END_TEST

START_TEST(test_time_over_after_a_failure_inside) {
    waits_left = 0;
    STUB(manager, 4, 1, {.asked = IMPORT, .status = 500, .code = ERROR_MANAGER_FAILED}, EMPTY);
    expect(manager, NULL, true, ERROR_MANAGER_FAILED);
}
END_TEST

START_TEST(test_absent_for_good_is_no_change) {
    STUB(manager, 4, 1, LOST, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY,
         {.asked = IMPORT, .status = 403, .code = ERROR_ROLE_MISSING});
    expect(manager, NULL, false, ERROR_ROLE_MISSING);
}
END_TEST

START_TEST(test_absent_for_good_after_a_failure_inside) {
    STUB(manager, 4, 1, {.asked = IMPORT, .status = 500, .code = ERROR_MANAGER_FAILED}, EMPTY, EMPTY, EMPTY);
    expect(manager, NULL, false, ERROR_MANAGER_FAILED);
}
END_TEST

START_TEST(test_interrupted_import_may_have_changed_something) {
    STUB(manager, 4, 1, {.asked = IMPORT, .status = 0, .code = ERROR_INTERRUPTED});
    expect(manager, NULL, true, ERROR_INTERRUPTED);
}
END_TEST

START_TEST(test_deleted_by_somebody) {
    STUB(manager, 4, 1, MADE("a"), EMPTY, EMPTY, EMPTY, {.asked = "GET " PATH "/a", .status = 404, .error_code = 202},
         MADE("b"), HOLDS(ENTRY("b", "5")));
    expect(manager, "b", true, ERROR_NONE);
}
END_TEST

START_TEST(test_not_listed_in_time) {
    waits_left = 0;
    STUB(manager, 4, 1, MADE("a"), EMPTY);
    expect(manager, NULL, true, ERROR_DEADLINE);
}
END_TEST

START_TEST(test_waits_as_the_manager_asks) {
    STUB(manager, 4, 1, {.asked = IMPORT, .status = 0, .retry_after_s = 7}, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY,
         MADE("b"), EMPTY, HOLDS(ENTRY("b", "1")));
    expect(manager, "b", true, ERROR_NONE);
    ck_assert_int_eq(waits_asked, 7777); /* and not while the one that was answered is looked for */
}
END_TEST

#define LOST_FOR_LONG LOST, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY

START_TEST(test_lost_again_and_again) {
    waits_left = 34;
    STUB(manager, 4, 1, LOST_FOR_LONG, LOST_FOR_LONG, LOST_FOR_LONG, LOST_FOR_LONG, LOST_FOR_LONG, LOST_FOR_LONG,
         LOST_FOR_LONG, LOST_FOR_LONG, EMPTY, EMPTY); /* looks only, after eight imports */
    expect(manager, NULL, false, ERROR_CUT_ANSWER);
}
END_TEST

START_TEST(test_refused_as_duplicate_of_one_that_is_listed_late) {
    STUB(manager, 4, 1, LOST, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, {.asked = IMPORT, .status = 400}, EMPTY, EMPTY,
         HOLDS(ENTRY("a", "1")));
    expect(manager, "a", true, ERROR_NONE);
}
END_TEST

START_TEST(test_made_one_cannot_be_asked_for) {
    STUB(manager, 4, 1, MADE("a"), EMPTY, EMPTY, EMPTY,
         {.asked = "GET " PATH "/a", .status = 403, .code = ERROR_ROLE_MISSING});
    expect(manager, NULL, true, ERROR_ROLE_MISSING);
}
END_TEST

START_TEST(test_deletion_that_fails_ends_it) {
    STUB(manager, 4, 1, MADE("b"), HOLDS(ENTRY("a", "1") "," ENTRY("b", "2")),
         {.asked = "DELETE " PATH "/b", .status = 0});
    expect(manager, NULL, true, ERROR_CUT_ANSWER);
}
END_TEST

static void set_up(void) {
    waits_left = 20;
    SHA256((const unsigned char *)"ours", 4, ours);
}

static void add_tests(TCase *tests) {
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, test_import);
    tcase_add_test(tests, test_lost_answer_done);
    tcase_add_test(tests, test_lost_answer_not_done);
    tcase_add_test(tests, test_lost_and_late);
    tcase_add_test(tests, test_late_list);
    tcase_add_test(tests, test_race_lost);
    tcase_add_test(tests, test_race_won);
    tcase_add_test(tests, test_used_one_wins);
    tcase_add_test(tests, test_used_surplus_stays);
    tcase_add_test(tests, test_surplus_on_a_later_page);
    tcase_add_test(tests, test_surplus_that_cannot_be_deleted);
    tcase_add_test(tests, test_refused);
    tcase_add_test(tests, test_refused_as_duplicate);
    tcase_add_test(tests, test_refused_as_duplicate_of_a_lost_one);
    tcase_add_test(tests, test_answer_without_id);
    tcase_add_test(tests, test_failed_inside_after_the_work);
    tcase_add_test(tests, test_role_missing_is_final);
    tcase_add_test(tests, test_time_over_before_it_would_show);
    tcase_add_test(tests, test_time_over_after_a_failure_inside);
    tcase_add_test(tests, test_absent_for_good_is_no_change);
    tcase_add_test(tests, test_absent_for_good_after_a_failure_inside);
    tcase_add_test(tests, test_interrupted_import_may_have_changed_something);
    tcase_add_test(tests, test_deleted_by_somebody);
    tcase_add_test(tests, test_not_listed_in_time);
    tcase_add_test(tests, test_waits_as_the_manager_asks);
    tcase_add_test(tests, test_lost_again_and_again);
    tcase_add_test(tests, test_refused_as_duplicate_of_one_that_is_listed_late);
    tcase_add_test(tests, test_made_one_cannot_be_asked_for);
    tcase_add_test(tests, test_deletion_that_fails_ends_it);
}

int main(void) {
    json_object_seed(1);
    return unit_run_tests("store_reconcile", add_tests);
}
