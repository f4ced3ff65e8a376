/* SPDX-License-Identifier: Apache-2.0 */
/* Lint checks of keys, signatures, extensions and time. */
#include <openssl/x509v3.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "x509/cert.h"
#include "x509/key.h"
#include "x509/lint_checks.h"

enum { DAY_SECONDS = 86400, RSA_BITS_MIN = 2048, LONG_DAYS = 825, MEDIUM_DAYS = 398, RENEWAL_LEAD_DAYS = 31 };

/* Adds a finding about certificate `index` of the chain; `what` completes "<subject> …". */
static void found_in(const struct lint_run *run, size_t index, const char *what, const char *value) {
    auto_text char *subject = cert_subject_text(run->subject->chain->certs[index]);
    lint_found(run, "%s %s%s.", subject != NULL && *subject != '\0' ? subject : "The certificate", what, value);
}

void check_basic_constraints_missing(const struct lint_run *run) {
    if (X509_get_ext_by_NID(run->leaf, NID_basic_constraints, -1) < 0)
        lint_found(run, "The leaf has no basicConstraints extension.");
}

void check_is_ca(const struct lint_run *run) {
    if (cert_is_ca(run->leaf))
        lint_found(run, "The leaf's basicConstraints says CA:TRUE.");
}

void check_signature_weak(const struct lint_run *run) {
    for (size_t i = 0; i < run->subject->chain->count; i++) {
        int digest = NID_undef;
        (void)X509_get_signature_info(run->subject->chain->certs[i], &digest, NULL, NULL, NULL);
        if (digest == NID_sha1 || digest == NID_md5 || digest == NID_md5_sha1 || digest == NID_md4 || digest == NID_md2)
            found_in(run, i, "is signed with ", OBJ_nid2ln(digest));
    }
}

static bool facts_of(X509 *cert, const char **ret_type, int *ret_bits, const char **ret_curve) {
    EVP_PKEY *key = X509_get0_pubkey(cert);
    if (key == NULL)
        return false;
    key_facts(key, ret_type, ret_bits, ret_curve);
    return true;
}

void check_key_too_small(const struct lint_run *run) {
    for (size_t i = 0; i < run->subject->chain->count; i++) {
        const char *type;
        const char *curve;
        int bits;
        if (!facts_of(run->subject->chain->certs[i], &type, &bits, &curve) || strcmp(type, "rsa") != 0 ||
            bits >= RSA_BITS_MIN)
            continue;
        char text[32];
        snprintf(text, sizeof text, "%d bits", bits);
        found_in(run, i, "has an RSA key of ", text);
    }
}

/* The curve's name for an EC leaf, "" when it has none, NULL for other keys. */
static const char *leaf_curve(const struct lint_run *run) {
    const char *type;
    const char *curve;
    int bits;
    if (!facts_of(run->leaf, &type, &bits, &curve) || strcmp(type, "ec") != 0)
        return NULL;
    return curve != NULL ? curve : "";
}

void check_key_type_ec(const struct lint_run *run) {
    const char *curve = leaf_curve(run);
    if (curve != NULL)
        lint_found(run, "The leaf's key is EC%s%s.", *curve != '\0' ? " on " : "", curve);
}

void check_ec_curve_not_fips(const struct lint_run *run) {
    static const char *const allowed[] = {"P-256", "P-384", "P-521"};
    const char *curve = leaf_curve(run);
    for (size_t i = 0; curve != NULL && i < sizeof allowed / sizeof *allowed; i++)
        if (strcmp(curve, allowed[i]) == 0)
            return;
    if (curve != NULL)
        lint_found(run, "The leaf's key is on the curve %s.", *curve != '\0' ? curve : "without a name");
}

void check_ku_no_key_encipherment(const struct lint_run *run) {
    const char *type;
    const char *curve;
    int bits;
    ASN1_BIT_STRING *usage = X509_get_ext_d2i(run->leaf, NID_key_usage, NULL, NULL);
    if (usage != NULL && ASN1_BIT_STRING_get_bit(usage, 2) == 0 && facts_of(run->leaf, &type, &bits, &curve) &&
        strcmp(type, "rsa") == 0)
        lint_found(run, "The leaf's keyUsage lacks keyEncipherment.");
    ASN1_BIT_STRING_free(usage);
}

void check_eku_no_server_auth(const struct lint_run *run) {
    if (!cert_allows_server_auth(run->leaf))
        lint_found(run, "The leaf's extendedKeyUsage does not have serverAuth.");
}

void check_eku_duplicate(const struct lint_run *run) {
    EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(run->leaf, NID_ext_key_usage, NULL, NULL);
    bool twice = false;
    for (int i = 0; i < sk_ASN1_OBJECT_num(usage) && !twice; i++)
        for (int k = 0; k < i && !twice; k++)
            twice = OBJ_cmp(sk_ASN1_OBJECT_value(usage, i), sk_ASN1_OBJECT_value(usage, k)) == 0;
    EXTENDED_KEY_USAGE_free(usage);
    if (twice)
        lint_found(run, "The leaf's extendedKeyUsage has the same usage more than once.");
}

void check_eku_no_client_auth(const struct lint_run *run) {
    if (!run->subject->used_for_aph_tn)
        return;
    EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(run->leaf, NID_ext_key_usage, NULL, NULL);
    bool lacks = usage != NULL;
    for (int i = 0; i < sk_ASN1_OBJECT_num(usage) && lacks; i++)
        lacks = OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, i)) != NID_client_auth;
    EXTENDED_KEY_USAGE_free(usage);
    if (lacks)
        lint_found(run, "The leaf's extendedKeyUsage does not have clientAuth.");
}

void check_key_mismatch(const struct lint_run *run) {
    if (run->subject->key != NULL && !key_equal_public(X509_get0_pubkey(run->leaf), run->subject->key))
        lint_found(run, "The public key in the leaf is not the one of the private key given.");
}

void check_key_encrypted_no_passphrase(const struct lint_run *run) {
    if (run->subject->key_encrypted_no_passphrase)
        lint_found(run, "The private key is encrypted, and no passphrase is given that opens it.");
}

void check_expired(const struct lint_run *run) {
    char text[CLOCK_TEXT_SIZE];
    for (size_t i = 0; i < run->subject->chain->count; i++) {
        time_t end = cert_not_after(run->subject->chain->certs[i]);
        if (end < run->now)
            found_in(run, i, "expired at ", clock_format(end, text));
    }
}

void check_not_yet_valid(const struct lint_run *run) {
    char text[CLOCK_TEXT_SIZE];
    for (size_t i = 0; i < run->subject->chain->count; i++) {
        time_t begin = cert_not_before(run->subject->chain->certs[i]);
        if (begin > run->now)
            found_in(run, i, "is not valid before ", clock_format(begin, text));
    }
}

void check_clock_skew(const struct lint_run *run) {
    time_t theirs = run->subject->manager_clock;
    time_t begin = cert_not_before(run->leaf);
    time_t end = cert_not_after(run->leaf);
    char text[CLOCK_TEXT_SIZE];
    if (theirs != 0 && begin <= run->now && run->now <= end && (theirs < begin || theirs > end))
        lint_found(run, "The manager's clock says %s, which is %s the leaf's validity.", clock_format(theirs, text),
                   theirs < begin ? "before" : "after");
}

static time_t validity_days(const struct lint_run *run) {
    return (cert_not_after(run->leaf) - cert_not_before(run->leaf) + DAY_SECONDS - 1) / DAY_SECONDS;
}

void check_validity_over_825(const struct lint_run *run) {
    if (validity_days(run) > LONG_DAYS)
        lint_found(run, "The leaf is valid for %lld days.", (long long)validity_days(run));
}

void check_validity_over_398(const struct lint_run *run) {
    if (validity_days(run) > MEDIUM_DAYS && validity_days(run) <= LONG_DAYS)
        lint_found(run, "The leaf is valid for %lld days.", (long long)validity_days(run));
}

void check_self_signed_refused(const struct lint_run *run) {
    if (run->self_signed && run->subject->ca_signed_only == 1)
        lint_found(run, "The leaf is self-signed, and the manager's ca_signed_only is on.");
}

void check_crl_point_present(const struct lint_run *run) {
    for (size_t i = 0; run->subject->crl_checking == 1 && i < run->subject->chain->count; i++)
        if (X509_get_ext_by_NID(run->subject->chain->certs[i], NID_crl_distribution_points, -1) >= 0)
            found_in(run, i, "has a CRL distribution point, and the manager's CRL checking is on", "");
}

void check_auto_renew_will_replace(const struct lint_run *run) {
    if (!run->self_signed || run->subject->auto_renewal != 1)
        return;
    char text[CLOCK_TEXT_SIZE];
    time_t end = cert_not_after(run->leaf);
    time_t moment = end - (time_t)RENEWAL_LEAD_DAYS * DAY_SECONDS;
    if (run->now >= moment)
        lint_found_as(run, SEVERITY_ERROR,
                      "The leaf is self-signed and ends in less than 31 days: the manager replaces it within a day.");
    else
        lint_found(run, "The leaf is self-signed: the manager replaces it at %s.", clock_format(moment, text));
}

void check_shared_with_other_class(const struct lint_run *run) {
    if (run->subject->other_class != NULL)
        lint_found(run, "The certificate is in use for %s.", run->subject->other_class);
}
