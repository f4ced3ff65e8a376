/* SPDX-License-Identifier: Apache-2.0 */
/* What NSX of a given version, and the clients behind it, will say to a certificate: a table of rules. */
#ifndef X509_LINT_H
#define X509_LINT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/error.h"
#include "x509/chain.h"

struct lint_version {
    int major, minor, patch; /* all 0: version unknown, the newest one's severity */
};

enum lint_scope {
    LINT_CERTIFICATE = 1, /* rules about the certificate alone */
    LINT_NAMES = 2,       /* san-lacks-* rules: needs addresses */
};

/* What is judged. Members may be 0/NULL when unknown: their rules stay silent. */
struct lint_subject {
    const struct chain *chain;
    EVP_PKEY *key; /* to check that it belongs to the leaf */
    bool key_encrypted_no_passphrase;
    struct lint_version version;
    unsigned scopes;          /* LINT_… */
    const char *vip;          /* address (IP) that the leaf should cover: san-lacks-vip */
    const char *vip_fqdn;     /* and its name: san-lacks-vip-fqdn */
    const char *const *nodes; /* IPs or names of managers: san-lacks-node */
    size_t node_count;
    bool common_name_is_address; /* subject-issuer-differ, cn-not-endpoint (Ops Manager) */
    int ca_signed_only;          /* -1 unknown, 0, 1: the manager's switches (nsx-api.md section 2.4) */
    int crl_checking;
    int auto_renewal;
    bool given_to_nodes;     /* register gives it to managers too: then a CA-signed one must name them */
    bool used_for_aph_tn;    /* it also serves APH_TN: eku-no-client-auth */
    const char *other_class; /* a service of another certificate class that uses it already: shared-with-other-class */
    time_t now;              /* 0: the wall clock */
    time_t manager_clock;    /* what the manager's own clock says, 0 unknown: clock-skew */
};

/* A row of lint_rules.def, for --explain and docs/errors.md. */
struct lint_rule_info {
    const char *name;     /* the code of its findings */
    const char *versions; /* "all", "3.0+" … as text */
    const char *title;
    const char *why;
    const char *remedy;
};

/* Adds a finding for each rule that the subject breaks, with the severity for its version. */
void lint_check(const struct lint_subject *subject, struct problems *findings);

size_t lint_rule_count(void);
const struct lint_rule_info *lint_rule(size_t index);

/* Parses "4.2.1.0.0.123" (first numbers; missing ones are 0). False for text without a leading number. */
bool lint_parse_version(const char *text, struct lint_version *ret_version);
/* <0, 0, >0 like strcmp. */
int lint_compare_version(struct lint_version a, struct lint_version b);

#endif
