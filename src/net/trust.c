/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificates a connection accepts: a value that is asked after (or inside) each handshake, never a switch. */
#include "net/trust.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/trust_system.h"

enum { SECURITY_LEVEL = 2, CHAIN_DEPTH = 16 };

struct digests {
    unsigned char (*items)[CERT_SHA256_SIZE];
    size_t count;
};

struct trust {
    struct digests pins;
    struct digests leaves;
    X509_STORE *ca;    /* NULL: none added */
    X509_STORE *roots; /* the system's; NULL: not asked for, or it has none */
    bool use_system;
    bool insecure;
};

const char *trust_kind_name(enum trust_kind kind) {
    static const char *const names[] = {
        [TRUST_NONE] = NULL, [TRUST_PIN] = "pin",       [TRUST_REQUEST] = "request",
        [TRUST_CA] = "ca",   [TRUST_SYSTEM] = "system", [TRUST_INSECURE] = "insecure",
    };
    return names[kind];
}

struct trust *trust_new(void) {
    return mem_calloc(1, sizeof(struct trust));
}

void trust_free(struct trust *trust) {
    if (trust == NULL)
        return;
    mem_free(trust->pins.items);
    mem_free(trust->leaves.items);
    X509_STORE_free(trust->ca);
    X509_STORE_free(trust->roots);
    mem_free(trust);
}

static bool digests_add(struct digests *list, const unsigned char digest[CERT_SHA256_SIZE]) {
    void *items = mem_realloc(list->items, (list->count + 1) * sizeof *list->items);
    if (items == NULL)
        return false;
    list->items = items;
    memcpy(list->items[list->count++], digest, CERT_SHA256_SIZE);
    return true;
}

static bool digests_have(const struct digests *list, const unsigned char digest[CERT_SHA256_SIZE]) {
    for (size_t i = 0; i < list->count; i++)
        if (memcmp(list->items[i], digest, CERT_SHA256_SIZE) == 0)
            return true;
    return false;
}

bool trust_add_pin(struct trust *trust, const unsigned char sha256[CERT_SHA256_SIZE]) {
    return digests_add(&trust->pins, sha256);
}

bool trust_add_leaf(struct trust *trust, const unsigned char sha256[CERT_SHA256_SIZE]) {
    return digests_add(&trust->leaves, sha256);
}

bool trust_add_ca(struct trust *trust, X509 *ca) {
    if (trust->ca == NULL)
        trust->ca = X509_STORE_new();
    return trust->ca != NULL && X509_STORE_add_cert(trust->ca, ca) == 1;
}

void trust_use_system(struct trust *trust) {
    trust->use_system = true;
    if (trust->roots == NULL)
        trust->roots = trust_system_store();
}

void trust_use_insecure(struct trust *trust) {
    trust->insecure = true;
}

bool trust_is_empty(const struct trust *trust) {
    return trust->pins.count == 0 && trust->leaves.count == 0 && trust->ca == NULL && !trust->use_system &&
           !trust->insecure;
}

X509_STORE *trust_store_new(X509 *const *anchors, size_t count) {
    X509_STORE *store = X509_STORE_new();
    for (size_t i = 0; store != NULL && i < count; i++) {
        if (X509_STORE_add_cert(store, anchors[i]) == 1)
            continue;
        X509_STORE_free(store);
        store = NULL;
    }
    return store;
}

/* OpenSSL's words serve for the rest. */
static const char *reason_text(int code) {
    static const struct {
        int code;
        const char *text;
    } rows[] = {
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "its issuer is neither a trusted CA nor presented"},
        {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "its issuer is neither a trusted CA nor presented"},
        {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "it is self-signed and not itself trusted"},
        {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "its root is not a trusted CA"},
        {X509_V_ERR_CERT_HAS_EXPIRED, "a certificate of its chain has expired"},
        {X509_V_ERR_CERT_NOT_YET_VALID, "a certificate of its chain is not valid yet"},
        {X509_V_ERR_INVALID_PURPOSE, "a certificate of its chain may not be used for servers"},
        {X509_V_ERR_HOSTNAME_MISMATCH, "its subjectAltName does not name the host"},
        {X509_V_ERR_IP_ADDRESS_MISMATCH, "its subjectAltName does not hold the IP address"},
        {X509_V_ERR_EE_KEY_TOO_SMALL, "its key is too small"},
        {X509_V_ERR_CA_KEY_TOO_SMALL, "the key of one of its issuers is too small"},
        {X509_V_ERR_CA_MD_TOO_WEAK, "a signature of its chain uses a weak digest"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code)
            return rows[i].text;
    return X509_verify_cert_error_string(code);
}

static bool host_is_ip(const char *host) {
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(host);
    ASN1_OCTET_STRING_free(address);
    return address != NULL;
}

static const unsigned NAME_FLAGS = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

static bool expect_host(X509_VERIFY_PARAM *param, const char *host) {
    X509_VERIFY_PARAM_set_hostflags(param, NAME_FLAGS);
    return host_is_ip(host) ? X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1
                            : X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}

/* Not X509_V_FLAG_X509_STRICT: it refuses CAs that lack an AKI, SKI or a critical bit, which Go, Java and Ops Manager
 * accept; lint names those. A partial chain ends at an anchor only: nothing that was merely presented can end one.
 * `host` NULL: no name check. */
static X509_STORE_CTX *context_new(X509_STORE *store, X509 *leaf, STACK_OF(X509) * chain, const char *host) {
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (context == NULL || X509_STORE_CTX_init(context, store, leaf, chain) != 1) {
        X509_STORE_CTX_free(context);
        return NULL;
    }
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    X509_VERIFY_PARAM_set_depth(param, CHAIN_DEPTH);
    X509_VERIFY_PARAM_set_time(param, clock_now());
    if (X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER) == 1 && (host == NULL || expect_host(param, host)))
        return context;
    X509_STORE_CTX_free(context);
    return NULL;
}

/* NULL when everything holds. */
static const char *verify(X509_STORE *store, X509 *leaf, STACK_OF(X509) * chain, const char *host) {
    X509_STORE_CTX *context = context_new(store, leaf, chain, host);
    if (context == NULL)
        return "it could not be checked";
    const char *reason = NULL;
    if (X509_verify_cert(context) != 1) {
        int code = X509_STORE_CTX_get_error(context);
        reason = code == X509_V_OK ? "it could not be checked" : reason_text(code);
    }
    X509_STORE_CTX_free(context);
    return reason;
}

static bool valid_now(X509 *cert) {
    time_t now = clock_now();
    return X509_cmp_time(X509_get0_notBefore(cert), &now) < 0 && X509_cmp_time(X509_get0_notAfter(cert), &now) > 0;
}

static enum trust_kind judge_exact(const struct trust *trust, X509 *leaf) {
    unsigned char digest[CERT_SHA256_SIZE];
    if ((trust->pins.count == 0 && trust->leaves.count == 0) || !cert_sha256(leaf, digest))
        return TRUST_NONE;
    if (digests_have(&trust->pins, digest))
        return TRUST_PIN;
    return digests_have(&trust->leaves, digest) ? TRUST_REQUEST : TRUST_NONE;
}

struct trust_verdict trust_judge(const struct trust *trust, X509 *leaf, STACK_OF(X509) * chain, const char *host) {
    enum trust_kind exact = judge_exact(trust, leaf);
    if (exact != TRUST_NONE)
        return (struct trust_verdict){.by = exact, .expired = !valid_now(leaf)};
    const char *reason = "it matches no pin";
    if (trust->ca != NULL && (reason = verify(trust->ca, leaf, chain, host)) == NULL)
        return (struct trust_verdict){.by = TRUST_CA};
    if (trust->use_system && trust->roots == NULL)
        reason = "this system has no certificate store";
    else if (trust->use_system && (reason = verify(trust->roots, leaf, chain, host)) == NULL)
        return (struct trust_verdict){.by = TRUST_SYSTEM};
    if (trust->insecure)
        return (struct trust_verdict){.by = TRUST_INSECURE};
    return (struct trust_verdict){.by = TRUST_NONE, .reason = reason};
}

/* What the leaf itself breaks is judged apart, so that it cannot hide how the chain fares. */
static int pass_leaf_faults(int ok, X509_STORE_CTX *context) {
    if (ok || X509_STORE_CTX_get_error_depth(context) != 0)
        return ok;
    int code = X509_STORE_CTX_get_error(context);
    return code == X509_V_ERR_CERT_HAS_EXPIRED || code == X509_V_ERR_CERT_NOT_YET_VALID ||
           code == X509_V_ERR_INVALID_PURPOSE;
}

static const char *check_chain(X509_STORE *anchors, X509 *leaf, STACK_OF(X509) * chain) {
    X509_STORE_CTX *context = context_new(anchors, leaf, chain, NULL);
    if (context == NULL)
        return "it could not be checked";
    X509_STORE_CTX_set_verify_cb(context, pass_leaf_faults);
    const char *reason = X509_verify_cert(context) == 1 ? NULL : reason_text(X509_STORE_CTX_get_error(context));
    X509_STORE_CTX_free(context);
    return reason;
}

void trust_check_strict(X509_STORE *anchors, X509 *leaf, STACK_OF(X509) * chain, const char *host,
                        struct trust_checks *ret) {
    const char *reason = check_chain(anchors, leaf, chain);
    *ret = (struct trust_checks){
        .chain = reason == NULL,
        .chain_reason = reason,
        .validity = valid_now(leaf),
        .name = host_is_ip(host) ? X509_check_ip_asc(leaf, host, NAME_FLAGS) == 1
                                 : X509_check_host(leaf, host, 0, NAME_FLAGS, NULL) == 1,
        .server_auth = X509_check_purpose(leaf, X509_PURPOSE_SSL_SERVER, 0) == 1,
    };
}
