/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/members: which of the managers that the cluster tells can be looked at. */
#include "op/members.h"

#include "unit.h"

static struct cluster cluster;
static struct members members;
static struct run run;

static void tear_down(void) {
    members_done(&members);
    problems_done(&run.warnings);
}

static void take(struct cluster_node *nodes, size_t count) {
    cluster.node_count = count;
    auto_error struct error err = {0};
    for (size_t i = 0; i < count; i++)
        cluster.nodes[i] = nodes[i];
    ck_assert(members_read(&run, &cluster, 8443, &members, &err));
}

START_TEST(managers_come_in_the_clusters_order) {
    struct cluster_node nodes[] = {{.address = (char *)"192.0.2.12", .joined = true},
                                   {.address = (char *)"nsx1.test", .joined = true}};
    take(nodes, 2);
    ck_assert_uint_eq(members.count, 2);
    ck_assert_str_eq(members.endpoints[0].host, "192.0.2.12");
    ck_assert_int_eq(members.endpoints[1].port, 8443);
    ck_assert_str_eq(members.nodes[1]->address, "nsx1.test");
    ck_assert(!members.lacks_joined);
    ck_assert_uint_eq(run.warnings.count, 0);
}
END_TEST

START_TEST(one_that_has_not_joined_is_named) {
    struct cluster_node nodes[] = {{.address = (char *)"192.0.2.11"},
                                   {.address = (char *)"192.0.2.12", .joined = true}};
    take(nodes, 2);
    ck_assert_uint_eq(members.count, 1);
    ck_assert(!members.lacks_joined);
    ck_assert_uint_eq(run.warnings.count, 1);
    ck_assert_str_eq(run.warnings.items[0].code, "node-not-checked");
    ck_assert_str_eq(run.warnings.items[0].endpoint, "192.0.2.11");
}
END_TEST

START_TEST(a_joined_one_without_an_address_is_missed) {
    struct cluster_node nodes[] = {{.id = (char *)"a", .joined = true}};
    take(nodes, 1);
    ck_assert_uint_eq(members.count, 0);
    ck_assert(members.lacks_joined);
    ck_assert_str_eq(run.warnings.items[0].detail, "a has no address in the cluster's list");
}
END_TEST

static void add(TCase *tests) {
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_test(tests, managers_come_in_the_clusters_order);
    tcase_add_test(tests, one_that_has_not_joined_is_named);
    tcase_add_test(tests, a_joined_one_without_an_address_is_missed);
}

int main(void) {
    return unit_run_tests("members", add);
}
