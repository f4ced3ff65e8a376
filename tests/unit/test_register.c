/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/register_targets and register_report: who gets the certificate, in which order, and what is told. */
#include "op/register_plan.h"

#include "unit.h"
#include "json/get.h"

static struct register_state state;
static struct connection connection;
static struct run run;

static void set_up(void) {
    auto_error struct error err = {0};
    state.connection = &connection;
    ck_assert(endpoint_init(&connection.address, "192.0.2.10", 443, NULL, &err));
    static const char *const ids[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++) {
        struct cluster_node *node = &state.cluster.nodes[state.cluster.node_count++];
        *node = (struct cluster_node){.id = mem_strdup(ids[i]), .joined = i != 2};
        node->address = mem_printf("192.0.2.%zu", 11 + i);
    }
    run.result = json_object();
}

static void tear_down(void) {
    members_done(&state.members);
    for (size_t i = 0; i < connection.node_count; i++)
        endpoint_done(&connection.nodes[i]);
    endpoint_done(&connection.address);
    cluster_done(&state.cluster);
    json_decref((json_t *)run.parameters);
    json_decref(run.result);
    problems_done(&run.warnings);
}

static void read_targets(const char *parameters) {
    auto_error struct error err = {0};
    run.parameters = unit_json(parameters);
    ck_assert(register_targets_read(&run, &state, &err));
}

static const struct {
    const char *parameters;
    size_t given;
    size_t looked;
    bool vip_last;
} scopes[] = {
    {"{}", 1, 3, false}, /* the managers are only looked at */
    {"{'scope': 'cluster'}", 1, 3, false},
    {"{'scope': 'nodes'}", 2, 2, false},
    {"{'scope': 'all'}", 3, 3, true},
};

START_TEST(a_scope_decides_who_gets_it) {
    read_targets(scopes[_i].parameters);
    ck_assert_uint_eq(state.target_count, scopes[_i].given);
    ck_assert_uint_eq(state.looked_count, scopes[_i].looked);
    ck_assert_int_eq(state.targets[state.looked_count - 1].role == ROLE_VIP, scopes[_i].vip_last);
}
END_TEST

START_TEST(managers_of_the_request_come_in_its_order) {
    auto_error struct error err = {0};
    ck_assert(endpoint_init(&connection.nodes[connection.node_count++], "192.0.2.12:8443", 443, NULL, &err));
    ck_assert(endpoint_init(&connection.nodes[connection.node_count++], "192.0.2.99", 443, NULL, &err));
    read_targets("{'scope': 'nodes'}");
    ck_assert_uint_eq(state.target_count, 2);
    ck_assert_str_eq(state.targets[0].node->id, "b");
    ck_assert_ptr_null(state.targets[1].node); /* no member: refused later, by name */
}
END_TEST

static const struct {
    const char *leader;
    const char *order; /* ids, "-" for the VIP */
} orders[] = {{"a", "ba-"}, {"b", "ab-"}, {"x", "ab-"}, {NULL, "ab-"}};

START_TEST(the_leader_is_last_of_the_managers) {
    read_targets("{'scope': 'all'}");
    for (size_t i = 0; i < state.target_count; i++)
        state.endpoints[i] = (struct prove_endpoint){.endpoint = state.targets[i].endpoint};
    register_targets_order(&state, orders[_i].leader);
    for (size_t i = 0; i < state.target_count; i++) {
        ck_assert_ptr_eq(state.endpoints[i].endpoint, state.targets[i].endpoint);
        const struct cluster_node *node = state.targets[i].node;
        ck_assert_int_eq(node == NULL ? '-' : node->id[0], orders[_i].order[i]);
    }
}
END_TEST

START_TEST(the_result_tells_call_and_time) {
    read_targets("{'scope': 'all'}");
    state.targets[0].call = "some call";
    state.targets[0].via = "192.0.2.10";
    state.targets[0].settled_after_ms = 12;
    register_report(&run, &state);
    ck_assert_str_eq(get_text(run.result, "call", ""), "some call");
    ck_assert(json_is_null(json_object_get(run.result, "previous_certificate_id")));
    unit_assert_json(json_array_get(get_array(run.result, "endpoints"), 0),
                     "{'address': '192.0.2.11', 'role': 'node', 'call': 'some call', 'via': '192.0.2.10',"
                     " 'fingerprint_sha256': null, 'settled_after_ms': 12}");
    unit_assert_json(json_array_get(get_array(run.result, "endpoints"), 2),
                     "{'address': '192.0.2.10', 'role': 'vip', 'call': null, 'via': null, 'fingerprint_sha256': null,"
                     " 'settled_after_ms': null}");
}
END_TEST

START_TEST(a_manager_that_cannot_be_looked_at_is_named) {
    read_targets("{}");
    for (size_t i = 0; i < state.looked_count; i++)
        state.endpoints[i] = (struct prove_endpoint){.endpoint = state.targets[i].endpoint};
    register_warn_nodes(&run, &state);
    ck_assert_uint_eq(run.warnings.count, 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(run.warnings.items[i].code, "node-not-checked");
    ck_assert_str_eq(run.warnings.items[0].endpoint, "192.0.2.13"); /* has not joined */
    ck_assert_str_eq(run.warnings.items[2].endpoint, "192.0.2.12");
}
END_TEST

static void add(TCase *tests) {
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, a_scope_decides_who_gets_it, 0, (int)(sizeof scopes / sizeof *scopes));
    tcase_add_test(tests, managers_of_the_request_come_in_its_order);
    tcase_add_loop_test(tests, the_leader_is_last_of_the_managers, 0, (int)(sizeof orders / sizeof *orders));
    tcase_add_test(tests, the_result_tells_call_and_time);
    tcase_add_test(tests, a_manager_that_cannot_be_looked_at_is_named);
}

int main(void) {
    return unit_run_tests("register", add);
}
