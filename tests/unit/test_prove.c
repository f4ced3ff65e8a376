/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of op/prove: what wins, and a round over listeners of our own. */
#include "op/prove.h"

/* unit.h comes first: a parameter in it has the name of a function of tls_server.c. */
/* clang-format off */
#include "unit.h"
#include "tls_server.c"
/* clang-format on */

static const struct prove_rules any = {.min_remaining_days = -1, .common_name_is_address = -1};

START_TEST(words) {
    ck_assert_str_eq(prove_role_name(ROLE_VIP), "vip");
    ck_assert_str_eq(prove_role_name(ROLE_ENDPOINT), "endpoint");
    ck_assert_str_eq(prove_status_name(PROVE_IN_SYNC), "in_sync");
    ck_assert_str_eq(prove_status_name(PROVE_UNKNOWN), "unknown");
    ck_assert_str_eq(prove_check_name(CHECK_FINGERPRINT), "fingerprint");
    ck_assert_str_eq(prove_check_name(CHECK_COMMON_NAME), "common_name");
}
END_TEST

static const struct {
    enum prove_status parts[3];
    size_t count;
    enum prove_status whole;
} wholes[] = {
    {{PROVE_IN_SYNC}, 0, PROVE_UNKNOWN}, /* nothing looked at proves nothing */
    {{PROVE_IN_SYNC, PROVE_IN_SYNC, PROVE_IN_SYNC}, 3, PROVE_IN_SYNC},
    {{PROVE_IN_SYNC, PROVE_UNKNOWN, PROVE_IN_SYNC}, 3, PROVE_UNKNOWN},
    {{PROVE_UNKNOWN, PROVE_IN_SYNC, PROVE_DRIFTED}, 3, PROVE_DRIFTED},
    {{PROVE_DRIFTED, PROVE_UNKNOWN, PROVE_IN_SYNC}, 3, PROVE_DRIFTED},
};

START_TEST(drifted_wins_over_unknown) {
    struct prove_endpoint endpoints[3] = {0};
    for (size_t i = 0; i < 3; i++)
        endpoints[i].status = wholes[_i].parts[i];
    struct prover *prover = prover_new(endpoints, wholes[_i].count, &any);
    ck_assert_int_eq(prover_status(prover), wholes[_i].whole);
    prover_free(prover);
}
END_TEST

/* One server with two listeners; a third endpoint where nobody listens. */
struct world {
    struct pair pair;
    struct server *server;
    char texts[3][80];
    struct endpoint at[3];
    struct prove_endpoint endpoints[3];
};

static void world_init(struct world *world, const struct pair_spec *spec) {
    auto_error struct error err = {0};
    world->pair = pair_make(spec);
    world->server = server_start(&(struct server_options){.pair = &world->pair, .listeners = 2});
    for (size_t i = 0; i < 3; i++) {
        char host[64];
        server_address(i < 2 ? i : 0, host);
        int port = i < 2 ? server_port(world->server, i) : 1;
        snprintf(world->texts[i], sizeof world->texts[i], "%s:%d", host, port);
        ck_assert(endpoint_init(&world->at[i], world->texts[i], 443, "nsx.test", &err));
        world->endpoints[i] = (struct prove_endpoint){.endpoint = &world->at[i], .role = ROLE_ENDPOINT};
    }
}

static void world_done(struct world *world) {
    for (size_t i = 0; i < 3; i++)
        endpoint_done(&world->at[i]);
    server_stop(world->server);
    pair_done(&world->pair);
}

static bool round_of(struct prover *prover) {
    auto_error struct error err = {0};
    return prove_round(prover, &(struct prove_options){.timeout_ms = 10000}, deadline_after_ms(30000), &err);
}

START_TEST(a_round_without_expected_takes_the_first_as_reference) {
    struct world world;
    world_init(&world, &(struct pair_spec){.common_name = "nsx.test", .san = "DNS:nsx.test"});
    struct prover *prover = prover_new(world.endpoints, 2, &any);
    ck_assert(round_of(prover));
    ck_assert(prover_all_serve(prover));
    ck_assert_int_eq(prover_status(prover), PROVE_IN_SYNC);
    ck_assert_uint_eq(prover_reference(prover)->count, 1);
    ck_assert_ptr_eq(world.endpoints[0].facts, world.endpoints[1].facts);
    ck_assert(round_of(prover)); /* and again: the round before is forgotten */
    ck_assert_int_eq(prover_status(prover), PROVE_IN_SYNC);
    prover_free(prover);
    world_done(&world);
}
END_TEST

START_TEST(one_that_is_dead_hides_nothing) {
    struct world world;
    world_init(&world, &(struct pair_spec){.common_name = "nsx.test", .san = "DNS:nsx.test"});
    struct prover *prover = prover_new(world.endpoints, 3, &any);
    ck_assert(round_of(prover));
    ck_assert(!prover_all_serve(prover));
    ck_assert_int_eq(prover_status(prover), PROVE_UNKNOWN);
    ck_assert_int_eq(world.endpoints[1].status, PROVE_IN_SYNC);
    ck_assert_int_eq(world.endpoints[2].status, PROVE_UNKNOWN);
    ck_assert(!world.endpoints[2].reachable);
    ck_assert_ptr_nonnull(world.endpoints[2].reason);
    prover_free(prover);
    world_done(&world);
}
END_TEST

static const struct {
    struct pair_spec spec;
    struct prove_rules rules;
    int failing; /* -1: none */
} checks[] = {
    {{.common_name = "nsx.test", .san = "DNS:nsx.test"}, {.has_expected = true}, CHECK_FINGERPRINT},
    {{.common_name = "nsx.test", .san = "DNS:nsx.test", .begin_s = -200, .end_s = -100}, {0}, CHECK_VALIDITY},
    {{.common_name = "b.test", .san = "DNS:b.test"}, {0}, CHECK_NAME},
    {{.common_name = "nsx.test", .san = "DNS:nsx.test", .usage = "clientAuth"}, {0}, CHECK_SERVER_AUTH},
    {{.common_name = "b.test", .san = "DNS:nsx.test"}, {0}, CHECK_COMMON_NAME},
    {{.common_name = "nsx.test", .san = "DNS:nsx.test"}, {0}, -1},
};

START_TEST(each_check_fails_by_itself) {
    struct world world;
    world_init(&world, &checks[_i].spec);
    struct prove_rules rules = checks[_i].rules;
    rules.min_remaining_days = -1;
    rules.common_name_is_address = -1;
    struct prover *prover = prover_new(world.endpoints, 1, &rules);
    ck_assert(round_of(prover));
    for (int check = 0; check < PROVE_CHECKS; check++) {
        bool judged =
            check != CHECK_CHAIN || !rules.has_expected; /* of an unknown certificate the chain is not known */
        if (judged)
            ck_assert_msg(world.endpoints[0].checks[check] == (check != checks[_i].failing), "%s",
                          prove_check_name((enum prove_check)check));
    }
    ck_assert_int_eq(world.endpoints[0].status, checks[_i].failing < 0 ? PROVE_IN_SYNC : PROVE_DRIFTED);
    prover_free(prover);
    world_done(&world);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_test(tests, words);
    tcase_add_loop_test(tests, drifted_wins_over_unknown, 0, (int)(sizeof wholes / sizeof *wholes));
    tcase_add_test(tests, a_round_without_expected_takes_the_first_as_reference);
    tcase_add_test(tests, one_that_is_dead_hides_nothing);
    tcase_add_loop_test(tests, each_check_fails_by_itself, 0, (int)(sizeof checks / sizeof *checks));
}

int main(void) {
    return unit_run_tests("prove", add);
}
