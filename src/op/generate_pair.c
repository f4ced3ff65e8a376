/* SPDX-License-Identifier: Apache-2.0 */
/* The files that `generate` keeps: what stands in them, what differs from the request, what the result says of them. */
#include "op/generate_pair.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "x509/csr.h"
#include "x509/describe.h"
#include "json/get.h"

enum { FILE_BYTES_MAX = CHAIN_PEM_BYTES_MAX };

/* Reads a file that may be absent: then a reason is added and *ret_there is false. False for what another try may mend.
 */
static bool read_optional(const char *path, const char *what, struct buf *ret, bool *ret_there, struct reasons *reasons,
                          struct error *err) {
    *ret_there = file_exists(path);
    if (*ret_there)
        return file_read(path, FILE_BYTES_MAX, ret, err);
    reasons_add(reasons, "no %s at %s", what, path);
    return true;
}

static bool read_key(const char *path, const char *name, EVP_PKEY **ret_key, struct reasons *reasons,
                     struct error *err) {
    auto_buf struct buf text;
    buf_init(&text, 0);
    bool there = false;
    if (!read_optional(path, "key", &text, &there, reasons, err))
        return false;
    auto_error struct error cause = {0};
    if (!there)
        return true;
    *ret_key = key_read_pem(buf_text(&text), text.length, NULL, &cause);
    if (*ret_key == NULL)
        reasons_add(reasons, "the key at %s cannot be used: %s", name, cause.problem.title);
    return true;
}

static bool read_cert(const char *path, const char *name, bool optional, struct generate_pair *pair,
                      struct reasons *reasons, struct error *err) {
    auto_buf struct buf text;
    buf_init(&text, 0);
    if (optional && !file_exists(path))
        return true;
    bool there = false;
    if (!read_optional(path, "certificate", &text, &there, reasons, err))
        return false;
    auto_error struct error cause = {0};
    if (!there)
        return true;
    if (!chain_read_pem(buf_text(&text), text.length, NULL, &pair->chain, &cause)) {
        if (!optional)
            reasons_add(reasons, "the certificate at %s cannot be read", name);
        return true;
    }
    pair->cert = pair->chain.certs[0];
    X509_up_ref(pair->cert);
    return true;
}

static bool read_request(const char *path, const char *name, X509_REQ **ret_request, struct reasons *reasons,
                         struct error *err) {
    auto_buf struct buf text;
    buf_init(&text, 0);
    bool there = false;
    if (!read_optional(path, "request", &text, &there, reasons, err))
        return false;
    auto_error struct error cause = {0};
    if (!there)
        return true;
    *ret_request = csr_read_pem(buf_text(&text), text.length, &cause);
    if (*ret_request == NULL)
        reasons_add(reasons, "the request at %s cannot be read", name);
    return true;
}

bool generate_pair_read(const struct generate_spec *spec, const struct file_set *set, struct generate_pair *ret_pair,
                        struct reasons *reasons, struct error *err) {
    auto_text char *key_file = file_set_current(set, 0);
    auto_text char *second_file = file_set_current(set, 1);
    if (key_file == NULL || second_file == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read the files");
    if (!read_key(key_file, spec->key_path, &ret_pair->key, reasons, err))
        return false;
    if (spec->kind != GENERATE_REQUEST)
        return read_cert(second_file, spec->certificate_path, false, ret_pair, reasons, err);
    ret_pair->request_written = file_written_at(second_file);
    return read_request(second_file, spec->request_path, &ret_pair->request, reasons, err) &&
           (spec->certificate_path == NULL ||
            read_cert(spec->certificate_path, spec->certificate_path, true, ret_pair, reasons, err));
}

bool generate_pair_belongs(const struct generate_pair *pair) {
    EVP_PKEY *inside = pair->cert == NULL ? NULL : X509_get0_pubkey(pair->cert);
    return inside != NULL && pair->key != NULL && key_equal_public(inside, pair->key);
}

/* What was asked for at `asked` (0: nothing was) is pending: the same reason does not ask again. */
static void compare_age(const struct generate_spec *spec, X509 *cert, time_t asked, struct reasons *reasons) {
    char text[CLOCK_TEXT_SIZE];
    time_t now = clock_now();
    time_t due = cert_renewal_at(cert, spec->renew_before_days);
    if (asked < due && cert_not_after(cert) <= now)
        reasons_add(reasons, "expired at %s", clock_format(cert_not_after(cert), text));
    else if (asked < due && due <= now)
        reasons_add(reasons, "renewal was due at %s", clock_format(due, text));
    /* A time that has not come yet renews nothing: no certificate could be issued after it. */
    if (spec->has_issued_after && asked < spec->issued_after && spec->issued_after <= now &&
        cert_not_before(cert) < spec->issued_after)
        reasons_add(reasons, "issued before %s", clock_format(spec->issued_after, text));
}

/* Made while the clock was ahead: nobody takes it now. A CA's answer is not ours to make anew. */
static void compare_begin(X509 *cert, struct reasons *reasons) {
    char text[CLOCK_TEXT_SIZE];
    if (cert_not_before(cert) > clock_now())
        reasons_add(reasons, "not valid before %s", clock_format(cert_not_before(cert), text));
}

static void compare_key(const struct generate_spec *spec, EVP_PKEY *key, struct reasons *reasons, bool *ret_key_fits) {
    *ret_key_fits = key != NULL && key_fits_spec(key, &spec->key);
    if (key == NULL || *ret_key_fits)
        return;
    const char *type;
    const char *curve;
    int bits;
    key_facts(key, &type, &bits, &curve);
    if (spec->key.ec)
        reasons_add(reasons, "the key is %s %s, not ec %s", type, curve == NULL ? "" : curve, spec->key.curve);
    else
        reasons_add(reasons, "the key is %s of %d bits, not rsa of %d", type, bits, spec->key.bits);
}

static bool chain_has(const struct chain *chain, X509 *cert) {
    for (size_t i = 0; i < chain->count; i++)
        if (X509_cmp(chain->certs[i], cert) == 0)
            return true;
    return false;
}

/* Behind the leaf stands what the issuer's source holds, no more and no less. */
static void compare_chain(const struct generate_spec *spec, const struct chain *chain, struct reasons *reasons) {
    if (spec->issuer == NULL)
        return;
    bool same = chain->count == spec->issuer_chain.count + 1;
    for (size_t i = 0; i < spec->issuer_chain.count; i++)
        same = same && chain_has(chain, spec->issuer_chain.certs[i]);
    if (!same)
        reasons_add(reasons, "the chain behind the certificate is not the issuer's");
}

void generate_pair_compare(const struct generate_spec *spec, const struct generate_pair *pair, struct reasons *reasons,
                           bool *ret_key_fits) {
    compare_key(spec, pair->key, reasons, ret_key_fits);
    bool ours = generate_pair_belongs(pair);
    if (spec->kind == GENERATE_REQUEST) {
        EVP_PKEY *inside = pair->request == NULL ? NULL : X509_REQ_get0_pubkey(pair->request);
        if (inside != NULL && pair->key != NULL && !key_equal_public(inside, pair->key))
            reasons_add(reasons, "the request does not belong to the key");
        if (pair->request != NULL)
            csr_compare_spec(pair->request, &spec->cert, reasons);
        /* With a key that stays, the certificate remains the key's own until the CA has answered. */
        if (ours)
            compare_age(spec, pair->cert, spec->reuse_key ? pair->request_written : 0, reasons);
        return;
    }
    if (pair->cert == NULL)
        return;
    if (pair->key != NULL && !ours)
        reasons_add(reasons, "the certificate does not belong to the key");
    cert_compare_spec(pair->cert, &spec->cert, spec->issuer, reasons);
    compare_chain(spec, &pair->chain, reasons);
    compare_begin(pair->cert, reasons);
    compare_age(spec, pair->cert, 0, reasons);
}

static void chain_add(struct chain *chain, X509 *cert) {
    X509_up_ref(cert);
    chain->certs[chain->count++] = cert;
}

bool generate_pair_make(const struct generate_spec *spec, EVP_PKEY *keep_key, struct generate_pair *ret_pair,
                        struct error *err) {
    struct cert_spec cert = spec->cert;
    cert.not_before = clock_now();
    if (keep_key != NULL)
        EVP_PKEY_up_ref(keep_key);
    ret_pair->key = keep_key != NULL ? keep_key : key_generate(&spec->key, err);
    if (ret_pair->key == NULL)
        return false;
    if (spec->kind == GENERATE_REQUEST) {
        ret_pair->request = csr_make(&cert, ret_pair->key, err);
        return ret_pair->request != NULL;
    }
    ret_pair->cert = cert_make(&cert, ret_pair->key, spec->issuer, spec->issuer_key, err);
    if (ret_pair->cert == NULL)
        return false;
    chain_add(&ret_pair->chain, ret_pair->cert);
    for (size_t i = 0; i < spec->issuer_chain.count; i++)
        chain_add(&ret_pair->chain, spec->issuer_chain.certs[i]);
    return true;
}

static void report_cert(const struct generate_spec *spec, const struct generate_pair *pair, json_t *result) {
    X509 *cert = pair->cert;
    auto_buf struct buf pem;
    buf_init(&pem, 0);
    put_text(result, "certificate_pem", chain_write_pem(&pair->chain, &pem) ? buf_text(&pem) : NULL);
    json_t *facts = describe_cert_brief(cert);
    json_object_update_missing(result, facts);
    json_decref(facts);
    put_flag(result, "renewal_due", cert_renewal_at(cert, spec->renew_before_days) <= clock_now());
}

static void report_request(const struct generate_pair *pair, bool issued, json_t *result) {
    auto_buf struct buf pem;
    buf_init(&pem, 0);
    put_text(result, "request_pem",
             pair->request != NULL && csr_write_pem(pair->request, &pem) ? buf_text(&pem) : NULL);
    put_flag(result, "issued", issued);
}

static json_t *paths_new(const struct generate_spec *spec) {
    json_t *paths = json_object();
    put_text(paths, "certificate_path", spec->certificate_path);
    put_text(paths, "key_path", spec->key_path);
    put_text(paths, "request_path", spec->request_path);
    return paths;
}

void generate_pair_report(const struct generate_spec *spec, const struct generate_pair *pair, json_t *result) {
    static const char *const facts[] = {"certificate_pem", "fingerprint_sha256",
                                        "serial",          "subject",
                                        "issuer",          "san",
                                        "not_before",      "not_after",
                                        "renewal_due"};
    char pin[KEY_FINGERPRINT_SIZE];
    bool show_cert = spec->kind == GENERATE_REQUEST ? generate_pair_belongs(pair) : pair->cert != NULL;
    json_object_clear(result);
    if (show_cert)
        report_cert(spec, pair, result);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (json_object_get(result, facts[i]) == NULL)
            put_null(result, facts[i]);
    if (spec->kind == GENERATE_REQUEST)
        report_request(pair, show_cert, result);
    /* The certificate has the bytes at hand; encoding the key anew costs a hundred times as much. */
    bool has_pin =
        pair->key != NULL && (show_cert ? cert_public_sha256(pair->cert, pin) : key_public_sha256(pair->key, pin));
    put_text(result, "public_key_sha256", has_pin ? pin : NULL);
    put_take(result, "key", pair->key == NULL ? NULL : describe_key(pair->key));
    put_take(result, "paths", paths_new(spec));
}

void generate_pair_done(struct generate_pair *pair) {
    EVP_PKEY_free(pair->key);
    X509_free(pair->cert);
    chain_done(&pair->chain);
    X509_REQ_free(pair->request);
    *pair = (struct generate_pair){0};
}
