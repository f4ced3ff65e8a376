/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/verify_targets, verify_api and verify_reported: who is looked at, and what the others say. */
#include "op/verify_plan.h"

#include "unit.h"
#include "json/get.h"

static struct verify_state state;
static struct connection connection;
static struct run run;

static void set_up(void) {
    auto_error struct error err = {0};
    state.connection = &connection;
    state.api_cluster_matches = -1;
    ck_assert(endpoint_init(&connection.address, "192.0.2.10", 443, NULL, &err));
    run.result = json_object();
}

static void tear_down(void) {
    members_done(&state.members);
    for (size_t i = 0; i < state.owned_count; i++)
        endpoint_done(&state.owned[i]);
    for (size_t i = 0; i < connection.node_count; i++)
        endpoint_done(&connection.nodes[i]);
    endpoint_done(&connection.address);
    mem_free(state.owned);
    mem_free(state.endpoints);
    error_done(&state.api_error);
    json_decref((json_t *)run.parameters);
    json_decref(run.result);
    problems_done(&run.warnings);
}

static void read_targets(const char *parameters) {
    auto_error struct error err = {0};
    run.parameters = unit_json(parameters);
    ck_assert(verify_targets_read(&run, &state, &err));
}

START_TEST(without_managers_the_address_alone_and_a_warning) {
    read_targets("{}");
    ck_assert_uint_eq(state.endpoint_count, 1);
    ck_assert_int_eq(state.endpoints[0].role, ROLE_VIP);
    ck_assert_str_eq(run.warnings.items[0].code, "nodes-not-checked");
}
END_TEST

START_TEST(one_listener_is_looked_at_once) {
    auto_error struct error err = {0};
    ck_assert(endpoint_init(&connection.nodes[connection.node_count++], "192.0.2.10", 443, NULL, &err));
    ck_assert(endpoint_init(&connection.nodes[connection.node_count++], "192.0.2.11", 443, NULL, &err));
    read_targets("{'scope': 'all'}");
    ck_assert_uint_eq(state.endpoint_count, 2); /* the address of a cluster without VIP is a manager's own */
    ck_assert_int_eq(state.endpoints[1].role, ROLE_NODE);
    ck_assert_uint_eq(run.warnings.count, 0);
}
END_TEST

START_TEST(endpoints_of_the_request_replace_the_cluster) {
    read_targets("{'endpoints': ['198.51.100.1', {'address': '[2001:db8::1]:8443', 'server_name': 'nsx.test'}]}");
    ck_assert_uint_eq(state.endpoint_count, 2);
    ck_assert_int_eq(state.endpoints[0].role, ROLE_ENDPOINT);
    ck_assert_str_eq(state.endpoints[1].endpoint->host, "2001:db8::1");
    ck_assert_int_eq(state.endpoints[1].endpoint->port, 8443);
    ck_assert_str_eq(state.endpoints[1].endpoint->server_name, "nsx.test");
}
END_TEST

START_TEST(an_endpoint_that_is_none_is_named) {
    auto_error struct error err = {0};
    run.parameters = unit_json("{'endpoints': ['198.51.100.1', 'https://nsx.test/']}");
    ck_assert(!verify_targets_read(&run, &state, &err));
    ck_assert_int_eq(err.code, ERROR_INVALID_VALUE);
    ck_assert_str_eq(err.problem.pointer, "/parameters/endpoints/1");
}
END_TEST

static const struct {
    bool wanted;
    int cluster;
    bool failed;
    enum prove_status status;
} apis[] = {
    {false, 0, true, PROVE_IN_SYNC}, /* not asked: no drift of its own */
    {true, 1, false, PROVE_IN_SYNC}, {true, -1, false, PROVE_IN_SYNC}, {true, 0, false, PROVE_DRIFTED},
    {true, 0, true, PROVE_DRIFTED},  {true, 1, true, PROVE_UNKNOWN},
};

START_TEST(what_the_api_adds) {
    state.api_wanted = apis[_i].wanted;
    state.api_cluster_matches = apis[_i].cluster;
    if (apis[_i].failed)
        (void)error_set(&state.api_error, ERROR_ROLE_MISSING, "no");
    ck_assert_int_eq(verify_api_status(&state), apis[_i].status);
}
END_TEST

START_TEST(a_console_that_shows_no_certificate_is_unknown) {
    run.parameters = unit_json("{'reported': [{'endpoint': '192.0.2.11', 'service': 'api', 'text': '% no'}]}");
    ck_assert_int_eq(verify_reported(&run, &state), PROVE_UNKNOWN);
    unit_assert_json(json_object_get(run.result, "reported"),
                     "[{'endpoint': '192.0.2.11', 'service': 'api', 'fingerprint_sha256': null, 'status': 'unknown'}]");
}
END_TEST

START_TEST(no_console_is_no_drift) {
    run.parameters = unit_json("{}");
    ck_assert_int_eq(verify_reported(&run, &state), PROVE_IN_SYNC);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, without_managers_the_address_alone_and_a_warning);
    tcase_add_test(tests, one_listener_is_looked_at_once);
    tcase_add_test(tests, endpoints_of_the_request_replace_the_cluster);
    tcase_add_test(tests, an_endpoint_that_is_none_is_named);
    tcase_add_loop_test(tests, what_the_api_adds, 0, (int)(sizeof apis / sizeof *apis));
    tcase_add_test(tests, a_console_that_shows_no_certificate_is_unknown);
    tcase_add_test(tests, no_console_is_no_drift);
}

int main(void) {
    return unit_run_tests("verify", add);
}
