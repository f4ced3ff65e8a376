/* SPDX-License-Identifier: Apache-2.0 */
/* inspect: what a certificate says, and what NSX of a version will say to it. */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "op/look.h"
#include "op/op.h"
#include "op/run.h"
#include "op/source.h"
#include "x509/cert.h"
#include "x509/chain.h"
#include "x509/describe.h"
#include "x509/key.h"
#include "x509/lint.h"
#include "json/get.h"
#include "json/problem.h"

struct inspection {
    struct chain chain;
    EVP_PKEY *key;
    bool key_locked; /* encrypted, and no passphrase was given */
};

static void inspection_done(void *pointer) {
    struct inspection *inspection = pointer;
    chain_done(&inspection->chain);
    EVP_PKEY_free(inspection->key);
    mem_free(inspection);
}

/* An encrypted key without passphrase is a finding here, not a failure: the certificate can be looked at all the same.
 */
static bool read_key(struct inspection *inspection, const json_t *parameters, struct error *err) {
    const json_t *source = get_any(parameters, "private_key");
    if (source == NULL)
        return true;
    auto_secret struct secret *passphrase = NULL;
    auto_secret struct secret *pem = NULL;
    if (!source_read_optional_secret(get_any(parameters, "passphrase"), "/parameters/passphrase", &passphrase, err))
        return false;
    pem = source_read_secret(source, "/parameters/private_key", err);
    if (pem == NULL)
        return false;
    inspection->key = key_read_pem(secret_reveal(pem), secret_length(pem), passphrase, err);
    if (inspection->key != NULL)
        return true;
    if (err->code == ERROR_PASSPHRASE_WRONG && passphrase == NULL) {
        error_done(err);
        inspection->key_locked = true;
        return true;
    }
    return error_set_pointer(err, "/parameters/private_key");
}

static bool read_certificate(struct inspection *inspection, const json_t *source, struct error *err) {
    auto_buf struct buf text;
    buf_init(&text, 0);
    if (!source_read(source, "/parameters/certificate", &text, err))
        return false;
    return chain_read_pem(buf_text(&text), text.length, inspection->key, &inspection->chain, err) ||
           error_set_pointer(err, "/parameters/certificate");
}

static bool look_at_endpoint(struct run *run, const json_t *source, struct error *err) {
    struct inspection *inspection = run->state;
    auto_look struct look look = {0};
    bool ok = look_at(run, source, "/parameters/endpoint", NULL, &look, err);
    put_text(run->result, "endpoint", look.endpoint);
    put_text(run->result, "tls_version", look.tls_version);
    if (!ok)
        return false;
    return chain_from_stack(look.presented, &inspection->chain) ||
           error_set(err, ERROR_OUT_OF_MEMORY, "no memory to keep what was presented");
}

/* The first IP and the first name of `addresses` stand for VIP and its name, the rest for the nodes. */
static void take_addresses(const json_t *parameters, struct lint_subject *subject, const char **nodes) {
    size_t index;
    json_t *item;
    json_array_foreach(get_array(parameters, "addresses"), index, item) {
        char canonical[NAME_IP_SIZE];
        const char *text = json_string_value(item);
        bool ip = name_parse_ip(text, canonical);
        if (ip && subject->vip == NULL)
            subject->vip = text;
        else if (!ip && subject->vip_fqdn == NULL)
            subject->vip_fqdn = text;
        else
            nodes[subject->node_count++] = text;
    }
    subject->nodes = nodes;
}

static bool lint(struct run *run, const struct inspection *inspection, struct error *err) {
    const char *version = get_text(run->parameters, "nsx_version", NULL);
    struct lint_subject subject = {.chain = &inspection->chain,
                                   .key = inspection->key,
                                   .key_encrypted_no_passphrase = inspection->key_locked,
                                   .scopes = LINT_CERTIFICATE | LINT_NAMES,
                                   .common_name_is_address = cert_is_self_signed(inspection->chain.certs[0]),
                                   .ca_signed_only = -1,
                                   .crl_checking = -1,
                                   .auto_renewal = -1};
    if (version != NULL && !lint_parse_version(version, &subject.version)) {
        error_set(err, ERROR_INVALID_VALUE, "\"%s\" is no version of NSX", version);
        return error_set_pointer(err, "/parameters/nsx_version");
    }
    size_t most = json_array_size(get_array(run->parameters, "addresses"));
    const char **nodes = mem_calloc(most + 1, sizeof *nodes);
    auto_problems struct problems findings = {0};
    if (nodes == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to judge the certificate");
    take_addresses(run->parameters, &subject, nodes);
    lint_check(&subject, &findings);
    mem_free(nodes);
    put_text(run->result, "nsx_version", version);
    put_take(run->result, "findings", json_from_problems(&findings));
    return true;
}

static bool act_inspect(struct run *run, struct step *step, struct error *err) {
    (void)step;
    struct inspection *inspection = run->state;
    const json_t *certificate = get_any(run->parameters, "certificate");
    put_null(run->result, "endpoint");
    put_null(run->result, "tls_version");
    bool ok = certificate != NULL ? read_certificate(inspection, certificate, err)
                                  : look_at_endpoint(run, get_any(run->parameters, "endpoint"), err);
    if (!ok) {
        json_object_clear(run->result); /* half a result would have no shape */
        return false;
    }
    const struct chain *chain = &inspection->chain;
    put_take(run->result, "certificates", describe_chain(chain));
    json_t *order = json_object();
    put_flag(order, "in_order", !chain->reordered);
    put_flag(order, "complete", !chain->incomplete);
    put_take(run->result, "chain", order);
    EVP_PKEY *inside = X509_get0_pubkey(chain->certs[0]);
    json_t *matches =
        inspection->key == NULL || inside == NULL ? NULL : json_boolean(key_equal_public(inspection->key, inside));
    put_take(run->result, "key_matches", matches);
    return lint(run, inspection, err);
}

/* In a dry run an earlier step may not have made the files yet. */
static bool not_yet(struct run *run) {
    bool certificate = source_comes_later(run, get_any(run->parameters, "certificate"), "/parameters/certificate");
    bool key = source_comes_later(run, get_any(run->parameters, "private_key"), "/parameters/private_key");
    if (!certificate && !key)
        return false;
    struct step *step = steps_add(&run->steps, "inspect", NULL);
    step_add_reason(step, "not there yet");
    if (step != NULL)
        step->outcome = STEP_PLANNED;
    run_add_unknown(run, "/result");
    return true;
}

bool inspect_plan(struct run *run, struct error *err) {
    if (not_yet(run))
        return true;
    struct inspection *inspection = mem_calloc(1, sizeof *inspection);
    if (inspection == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to begin");
    run->state = inspection;
    run->state_free = inspection_done;
    if (!read_key(inspection, run->parameters, err))
        return false;
    struct step *step = steps_add(&run->steps, "inspect", act_inspect);
    if (step != NULL)
        step->read_only = true;
    return true;
}
