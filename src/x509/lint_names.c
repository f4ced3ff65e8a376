/* SPDX-License-Identifier: Apache-2.0 */
/* Lint checks of names and of the chain as a whole. */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "x509/cert.h"
#include "x509/lint_checks.h"

static X509 *path_end(const struct chain *chain) {
    return chain->certs[chain->path_count > 0 ? chain->path_count - 1 : 0];
}

void check_chain_incomplete(const struct lint_run *run) {
    const struct chain *chain = run->subject->chain;
    if (run->self_signed || !chain->incomplete)
        return;
    auto_text char *issuer = cert_issuer_text(path_end(chain));
    lint_found(run, "The certificate of the issuer %s is missing.", issuer != NULL ? issuer : "");
}

void check_chain_order(const struct lint_run *run) {
    const struct chain *chain = run->subject->chain;
    for (size_t i = chain->path_count > 0 ? chain->path_count : 1; i < chain->count; i++) {
        auto_text char *subject = cert_subject_text(chain->certs[i]);
        lint_found(run, "%s is not part of the leaf's chain.", subject != NULL ? subject : "A certificate");
    }
    if (chain->reordered)
        lint_found_as(run, SEVERITY_INFO,
                      "The certificates are not in the order leaf, issuers, root; they are sent in that order.");
}

/* A CA at the end that names another issuer: an intermediate without its root, or a root in its cross-signed form. */
void check_chain_root_not_self_signed(const struct lint_run *run) {
    const struct chain *chain = run->subject->chain;
    X509 *last = path_end(chain);
    if (chain->path_count < 2 || !chain->incomplete || !cert_is_ca(last))
        return;
    auto_text char *subject = cert_subject_text(last);
    auto_text char *issuer = cert_issuer_text(last);
    lint_found(run, "The chain ends with %s, which is issued by %s.", subject != NULL ? subject : "a CA",
               issuer != NULL ? issuer : "another");
}

void check_extra_pem(const struct lint_run *run) {
    const struct chain *chain = run->subject->chain;
    if (chain->has_key)
        lint_found(run, "There is a private key in the certificate's text.");
    if (chain->extra_text)
        lint_found_as(run, SEVERITY_INFO,
                      "There is other text or another PEM block in the certificate's text; it is left out.");
    if (chain->alternatives)
        lint_found_as(run, SEVERITY_INFO,
                      "There are cross-signed CA certificates that the chain does not need; they are left out.");
}

void check_san_missing(const struct lint_run *run) {
    if (run->san.dns_count + run->san.ip_count == 0)
        lint_found(run, "The leaf has no DNS name and no IP address in a SAN.");
}

void check_san_lacks_vip(const struct lint_run *run) {
    const char *vip = run->subject->vip;
    if (vip != NULL && !san_covers(&run->san, vip))
        problem_set_endpoint(lint_found(run, "The SAN does not cover %s.", vip), vip);
}

void check_san_lacks_vip_fqdn(const struct lint_run *run) {
    const char *name = run->subject->vip_fqdn;
    if (name != NULL && !san_covers(&run->san, name))
        problem_set_endpoint(lint_found(run, "The SAN does not cover %s.", name), name);
}

void check_san_lacks_node(const struct lint_run *run) {
    bool refused = run->subject->given_to_nodes && !run->self_signed;
    for (size_t i = 0; i < run->subject->node_count; i++) {
        const char *node = run->subject->nodes[i];
        if (san_covers(&run->san, node))
            continue;
        struct problem *item = lint_found_as(run, refused ? SEVERITY_ERROR : run->severity,
                                             "The SAN does not cover the manager %s.", node);
        problem_set_endpoint(item, node);
    }
}

void check_san_ip_as_dns_only(const struct lint_run *run) {
    char ip[NAME_IP_SIZE];
    for (size_t i = 0; i < run->san.dns_count; i++)
        if (name_parse_ip(run->san.dns[i], ip) && !san_has_ip(&run->san, ip))
            lint_found(run, "%s is a DNS entry of the SAN and no IP entry.", ip);
}

void check_wildcard_san(const struct lint_run *run) {
    for (size_t i = 0; i < run->san.dns_count; i++)
        if (strchr(run->san.dns[i], '*') != NULL)
            lint_found(run, "The SAN has %s.", run->san.dns[i]);
}

void check_subject_issuer_differ(const struct lint_run *run) {
    if (!run->subject->common_name_is_address ||
        X509_NAME_cmp(X509_get_subject_name(run->leaf), X509_get_issuer_name(run->leaf)) == 0)
        return;
    auto_text char *subject = cert_subject_text(run->leaf);
    auto_text char *issuer = cert_issuer_text(run->leaf);
    lint_found(run, "The subject is %s, the issuer %s.", subject != NULL ? subject : "", issuer != NULL ? issuer : "");
}

static bool same_host(const char *name, const char *host) {
    char a[NAME_HOST_SIZE];
    char b[NAME_HOST_SIZE];
    if (name == NULL || host == NULL)
        return false;
    if (name_parse_ip(name, a) && name_parse_ip(host, b))
        return strcmp(a, b) == 0;
    return strcasecmp(name, host) == 0;
}

void check_cn_not_endpoint(const struct lint_run *run) {
    const struct lint_subject *subject = run->subject;
    if (!subject->common_name_is_address || (subject->vip == NULL && subject->vip_fqdn == NULL))
        return;
    auto_text char *name = cert_common_name(run->leaf);
    if (!same_host(name, subject->vip) && !same_host(name, subject->vip_fqdn))
        lint_found(run, "The common name is %s, not %s%s%s.", name != NULL ? name : "missing",
                   subject->vip != NULL ? subject->vip : "",
                   subject->vip != NULL && subject->vip_fqdn != NULL ? " or " : "",
                   subject->vip_fqdn != NULL ? subject->vip_fqdn : "");
}
