/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of nsx/cluster and nsx/cluster_use: answers of all versions, and giving a certificate. */
#include "nsx/cluster.h"

#include "manager_stub.h"

#define SHA "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

START_TEST(test_nodes) {
    STUB(
        manager, 4, 1,
        {.asked = "GET /api/v1/cluster",
         .status = 200,
         .body =
             "{'cluster_id': 'C', 'nodes': ["
             "{'node_uuid': 'a', 'fqdn': '', 'status': 'JOINED', 'api_listen_addr': {'ip_address': '192.0.2.11', 'port': 443,"
             " 'certificate_sha256_thumbprint': '" SHA "'}},"
             "{'node_uuid': 'b', 'fqdn': 'b.test', 'status': 'REMOVING', 'entities': [{'entity_type': 'MANAGER', 'ip_address': '1.1.1.1'},"
             " {'entity_type': 'HTTP', 'ip_address': '2001:DB8::1', 'port': 8443}],"
             " 'certificates': [{'entity_type': 'HTTP', 'certificate_sha256_thumbprint': '" SHA "'}]},"
             "{'node_uuid': 'c', 'fqdn': 'c.test'}, {'no': 'uuid'}, 3]}"});
    auto_cluster struct cluster cluster = {0};
    auto_error struct error err = {0};
    ck_assert(cluster_fetch(manager, &cluster, &err));
    ck_assert_str_eq(cluster.id, "C");
    ck_assert_uint_eq(cluster.node_count, 3);
    const struct cluster_node *node = cluster.nodes;
    ck_assert_str_eq(node[0].address, "192.0.2.11");
    ck_assert(node[0].joined && node[0].has_sha256 && node[0].sha256[31] == 0xff && node[0].fqdn == NULL);
    ck_assert_str_eq(node[1].address, "2001:DB8::1");
    ck_assert(!node[1].joined && node[1].has_sha256 && node[1].port == 8443);
    ck_assert_str_eq(node[2].address, "c.test");
    ck_assert(node[2].joined && !node[2].has_sha256 && node[2].port == 0);
    ck_assert_ptr_eq(cluster_find_node(manager, &cluster, "192.0.2.11"), &node[0]);
    ck_assert_ptr_eq(cluster_find_node(manager, &cluster, "2001:db8::1"), &node[1]);
    ck_assert_ptr_eq(cluster_find_node(manager, &cluster, "B.test"), &node[1]);
    ck_assert_ptr_null(cluster_find_node(manager, &cluster, "d.test"));
    stub_done(manager);
}
END_TEST

static const struct {
    const char *body;
    bool stable;
    const char *words, *leader;
} statuses[] = {
    {"{'mgmt_cluster_status': {'status': 'STABLE'}}", true, "STABLE", NULL},
    {"{'mgmt_cluster_status': {'status': 'STABLE'}, 'detailed_cluster_status': {'overall_status': 'DEGRADED'}}", false,
     "DEGRADED", NULL},
    {"{'mgmt_cluster_status': {'status': 'UNSTABLE'}, 'detailed_cluster_status': {'overall_status': 'STABLE'}}", false,
     "UNSTABLE", NULL},
    {"{'detailed_cluster_status': {'overall_status': 'STABLE', 'groups': [{'group_type': 'MANAGER', 'leaders': [{'leader_uuid': 'x'}]},"
     "{'group_type': 'HTTPS', 'leaders': [{'service_name': 'api', 'leader_uuid': 'y'}]}]}}",
     true, "STABLE", "y"},
    {"{'detailed_cluster_status': {'overall_status': 'STABLE', 'groups': [{'group_type': 'HTTPS', 'leaders': []}]}}",
     true, "STABLE", NULL},
};

START_TEST(test_status) {
    const struct stub_call script[] = {
        {.asked = "GET /api/v1/cluster/status", .status = 200, .body = statuses[_i].body}};
    struct manager *manager = stub_manager(3, 0, script, 1);
    auto_cluster_status struct cluster_status status = {0};
    auto_error struct error err = {0};
    ck_assert(cluster_status_fetch(manager, &status, &err));
    ck_assert(status.stable == statuses[_i].stable);
    ck_assert_str_eq(status.words, statuses[_i].words);
    ck_assert(statuses[_i].leader == NULL ? status.leader_id == NULL
                                          : strcmp(status.leader_id, statuses[_i].leader) == 0);
    stub_done(manager);
}
END_TEST

static const struct {
    const char *body;
    const char *listed; /* NULL: the list is not asked */
    const char *id;
    enum error_code code;
} uses[] = {
    {"{'certificate_id': 'x'}", NULL, "x", ERROR_NONE},
    {"{'certificate_id': null}", "{'results': [{'id': 'y'}]}", "y", ERROR_NONE},
    {"{'certificate_id': ''}", "{'results': []}", NULL, ERROR_NONE},
    {"{}", "{'results': [{'id': 'y'}, {'id': 'z'}]}", NULL, ERROR_NONE}, /* the filter is not known there */
    {"{'certificate_id': 7}", NULL, NULL, ERROR_UNEXPECTED_ANSWER},
};

START_TEST(test_use) {
    const struct stub_call script[] = {
        {.asked = "GET /api/v1/cluster/api-certificate", .status = 200, .body = uses[_i].body},
        {.asked = "GET /api/v1/trust-management/certificates?type=cluster_api_certificate",
         .status = 200,
         .body = uses[_i].listed}};
    struct manager *manager = stub_manager(3, 0, script, uses[_i].listed == NULL ? 1 : 2);
    auto_text char *id = NULL;
    auto_error struct error err = {0};
    ck_assert(cluster_certificate_fetch(manager, &id, &err) == (uses[_i].code == ERROR_NONE));
    ck_assert_int_eq(err.code, uses[_i].code);
    ck_assert(uses[_i].id == NULL ? id == NULL : strcmp(id, uses[_i].id) == 0);
    stub_done(manager);
}
END_TEST

START_TEST(test_use_that_no_list_tells) {
    STUB(manager, 2, 4, {.asked = "GET /api/v1/cluster/api-certificate", .status = 200, .body = "{}"},
         {.asked = "GET /api/v1/trust-management/certificates?type=cluster_api_certificate", .status = 403});
    char *id = NULL;
    auto_error struct error err = {0};
    ck_assert(cluster_certificate_fetch(manager, &id, &err));
    ck_assert_ptr_null(id);
    stub_done(manager);
}
END_TEST

START_TEST(test_name_of_a_node) {
    STUB(manager, 4, 1,
         {.asked = "GET /api/v1/cluster",
          .status = 200,
          .body = "{'nodes': [{'node_uuid': 'a', 'entities': [{'entity_type': 'HTTP', 'ip_address': '127.0.0.1'}]},"
                  " {'node_uuid': 'b', 'entities': [{'entity_type': 'HTTP', 'ip_address': '::1'}]}]}"});
    auto_cluster struct cluster cluster = {0};
    auto_error struct error err = {0};
    manager->config.connect_timeout_ms = 10000;
    ck_assert(cluster_fetch(manager, &cluster, &err));
    /* Not what the cluster publishes, but it leads there. */
    ck_assert_ptr_nonnull(cluster_find_node(manager, &cluster, "localhost"));
    ck_assert_ptr_null(cluster_find_node(manager, &cluster, "no-such-host.invalid"));
    ck_assert_ptr_null(cluster_find_node(manager, &cluster, "127.0.0.2"));
    manager->config.proxy = &(const struct http_proxy){0};
    ck_assert_ptr_null(cluster_find_node(manager, &cluster, "localhost"));
    stub_done(manager);
}
END_TEST

START_TEST(test_vip) {
    STUB(manager, 4, 1,
         {.asked = "GET /api/v1/cluster/api-virtual-ip",
          .status = 200,
          .body = "{'ip_address': '192.0.2.10', 'ip6_address': '::'}"},
         {.asked = "GET /api/v1/cluster/api-virtual-ip", .status = 200, .body = "{'ip_address': '0.0.0.0'}"});
    auto_text char *ip = NULL;
    char *ip6 = NULL;
    char *unset = NULL;
    auto_error struct error err = {0};
    ck_assert(cluster_vip_fetch(manager, &ip, &ip6, &err));
    ck_assert_str_eq(ip, "192.0.2.10");
    ck_assert_ptr_null(ip6);
    ck_assert(cluster_vip_fetch(manager, &unset, &ip6, &err));
    ck_assert_ptr_null(unset);
    stub_done(manager);
}
END_TEST

static const struct {
    int status;
    const char *words;
    enum error_code given, code;
    enum apply_outcome outcome;
    long retry_after_s;
} applies[] = {
    {200, NULL, ERROR_NONE, ERROR_NONE, APPLY_DONE, 0},
    {202, NULL, ERROR_NONE, ERROR_NONE, APPLY_DONE, 0},
    {0, NULL, ERROR_NONE, ERROR_CUT_ANSWER, APPLY_UNCLEAR, 0},
    {504, NULL, ERROR_MANAGER_BUSY, ERROR_MANAGER_BUSY, APPLY_UNCLEAR, 0},
    {503, NULL, ERROR_MANAGER_BUSY, ERROR_MANAGER_BUSY, APPLY_DENIED, 0},
    {503, "Come back", ERROR_MANAGER_BUSY, ERROR_MANAGER_BUSY, APPLY_RUNNING, 5},
    {409, "whatever", ERROR_NONE, ERROR_MANAGER_BUSY, APPLY_RUNNING, 0},
    {400, "A certificate replacement is already in progress", ERROR_NONE, ERROR_MANAGER_BUSY, APPLY_RUNNING, 0},
    {500, "Another replacement is running", ERROR_MANAGER_FAILED, ERROR_MANAGER_BUSY, APPLY_RUNNING, 0},
    {500, "It broke", ERROR_MANAGER_FAILED, ERROR_MANAGER_FAILED, APPLY_DENIED, 0},
    {400, "Chain incomplete", ERROR_NONE, ERROR_MANAGER_REFUSED, APPLY_REFUSED, 0},
    {403, NULL, ERROR_ROLE_MISSING, ERROR_ROLE_MISSING, APPLY_REFUSED, 0},
};

START_TEST(test_apply) {
    const struct stub_call script[] = {
        {.asked = "POST /api/v1/cluster/api-certificate?action=set_cluster_certificate&certificate_id=c",
         .status = applies[_i].status,
         .words = applies[_i].words,
         .code = applies[_i].given,
         .retry_after_s = applies[_i].retry_after_s}};
    struct manager *manager = stub_manager(3, 1, script, 1);
    auto_error struct error err = {0};
    const char *call = NULL;
    ck_assert_int_eq(cluster_apply_certificate(manager, "c", &call, &err), applies[_i].outcome);
    ck_assert_int_eq(err.code, applies[_i].code);
    ck_assert_str_eq(call, "cluster/api-certificate?action=set_cluster_certificate");
    if (applies[_i].outcome == APPLY_RUNNING)
        ck_assert_str_eq(err.upstream.error_message, applies[_i].words);
    stub_done(manager);
}
END_TEST

START_TEST(test_apply_to_a_node) {
    STUB(manager, 2, 4,
         {.asked = "POST /api/v1/node/services/http?action=apply_certificate&certificate_id=c", .status = 202},
         {.asked = "POST /api/v1/cluster/n/node/services/http?action=apply_certificate&certificate_id=c",
          .status = 202});
    auto_error struct error err = {0};
    const char *call;
    ck_assert_int_eq(node_apply_certificate(manager, manager_peer(manager), "n", "c", &call, &err), APPLY_DONE);
    ck_assert_int_eq(node_apply_certificate(manager, NULL, "n", "c", &call, &err), APPLY_DONE);
    ck_assert_str_eq(call, "cluster/NODE-ID/node/services/http?action=apply_certificate");
    stub_done(manager);
}
END_TEST

static const struct {
    int status;
    const char *body;
    enum error_code code;
    bool ok;
    int crl, ca, renewal;
} switches[] = {
    {200,
     "{'crl_checking_enabled': true, 'ca_signed_only': false, 'automatic_appliance_certificate_renewal_enabled': true}",
     ERROR_NONE, true, 1, 0, 1},
    {200, "{'automatic_appliance_certificate_replacement_enabled': false}", ERROR_NONE, true, -1, -1, 0},
    {403, NULL, ERROR_ROLE_MISSING, true, -1, -1, -1},
    {403, NULL, ERROR_CREDENTIALS_REFUSED, false, -1, -1, -1},
};

START_TEST(test_switches) {
    const struct stub_call script[] = {{.asked = "GET /api/v1/global-configs/SecurityGlobalConfig",
                                        .status = switches[_i].status,
                                        .body = switches[_i].body,
                                        .code = switches[_i].code}};
    struct manager *manager = stub_manager(3, 0, script, 1);
    struct security_switches found;
    auto_error struct error err = {0};
    ck_assert(security_switches_fetch(manager, &found, &err) == switches[_i].ok);
    ck_assert_int_eq(found.crl_checking, switches[_i].crl);
    ck_assert_int_eq(found.ca_signed_only, switches[_i].ca);
    ck_assert_int_eq(found.auto_renewal, switches[_i].renewal);
    stub_done(manager);
}
END_TEST

START_TEST(test_switches_before_3) {
    struct manager *manager = stub_manager(2, 5, NULL, 0);
    struct security_switches found;
    auto_error struct error err = {0};
    ck_assert(security_switches_fetch(manager, &found, &err));
    ck_assert_int_eq(found.crl_checking, -1);
    stub_done(manager);
}
END_TEST

static void add_tests(TCase *tests) {
    tcase_add_test(tests, test_nodes);
    tcase_add_loop_test(tests, test_status, 0, sizeof statuses / sizeof *statuses);
    tcase_add_loop_test(tests, test_use, 0, sizeof uses / sizeof *uses);
    tcase_add_test(tests, test_use_that_no_list_tells);
    tcase_add_test(tests, test_name_of_a_node);
    tcase_add_test(tests, test_vip);
    tcase_add_loop_test(tests, test_apply, 0, sizeof applies / sizeof *applies);
    tcase_add_test(tests, test_apply_to_a_node);
    tcase_add_loop_test(tests, test_switches, 0, sizeof switches / sizeof *switches);
    tcase_add_test(tests, test_switches_before_3);
}

int main(void) {
    json_object_seed(1);
    return unit_run_tests("cluster", add_tests);
}
