/* SPDX-License-Identifier: Apache-2.0 */
/* generate: a key with a certificate (or a request) for the cluster, made only when the files are not as asked. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "op/generate_pair.h"
#include "op/generate_spec.h"
#include "op/op.h"
#include "op/run.h"
#include "x509/csr.h"
#include "x509/describe.h"
#include "json/get.h"

enum { KEY_MODE = 0600, PUBLIC_MODE = 0644 };

struct generate_state {
    struct generate_spec spec;
    struct generate_pair now; /* what the files hold */
    struct file_set set;      /* key first, then certificate or request, then `kept` */
    char *kept;               /* where what the CA answered to the last request is kept; NULL: nothing is */
    struct lock lock;
    bool locked;
    bool keep_key; /* renewal with the old key */
};

static void state_free(void *pointer) {
    struct generate_state *state = pointer;
    if (state->locked)
        lock_release(&state->lock);
    generate_pair_done(&state->now);
    generate_spec_done(&state->spec);
    mem_free(state->kept);
    mem_free(state);
}

/* What stands beside the key: the certificate, or the request. */
static const char *second_path(const struct generate_spec *spec) {
    return spec->kind == GENERATE_REQUEST ? spec->request_path : spec->certificate_path;
}

/* The CA's next answer replaces this one before the managers serve it: a copy keeps them trusted until then. None in a
 * folder that only the CA's side may write. */
static char *kept_path(const struct generate_spec *spec) {
    const char *path = spec->certificate_path;
    if (spec->kind != GENERATE_REQUEST || path == NULL || !file_exists(path))
        return NULL;
    auto_text char *folder = file_folder(path);
    return folder != NULL && access(folder, R_OK | W_OK | X_OK) == 0 ? mem_printf("%s.previous", path) : NULL;
}

static struct file_set file_set_for(const struct generate_spec *spec, const char *kept) {
    struct file_set set = {0};
    file_set_add(&set, spec->key_path, KEY_MODE, NULL, 0);
    file_set_add(&set, second_path(spec), PUBLIC_MODE, NULL, 0);
    if (kept != NULL)
        file_set_add_unkept(&set, kept, PUBLIC_MODE);
    return set;
}

static bool pair_to_pem(const struct generate_state *state, const struct generate_pair *pair, struct buf *pems) {
    return key_write_pem(pair->key, &pems[0]) &&
           (state->spec.kind == GENERATE_REQUEST ? csr_write_pem(pair->request, &pems[1])
                                                 : chain_write_pem(&pair->chain, &pems[1])) &&
           (state->kept == NULL || state->now.cert == NULL || chain_write_pem(&state->now.chain, &pems[2]));
}

static bool write_pair(struct generate_state *state, const struct generate_pair *pair, struct error *err) {
    struct file_set set = state->set;
    struct buf pems[FILE_SET_MAX] = {0};
    bool ok = pair_to_pem(state, pair, pems) || error_set(err, mem_exhausted() ? ERROR_OUT_OF_MEMORY : ERROR_INTERNAL,
                                                          "the pair cannot be written as PEM");
    /* What holds no certificate is no answer. */
    if (state->kept != NULL && state->now.cert == NULL)
        set.count--;
    for (size_t i = 0; i < set.count; i++) {
        set.items[i].bytes = buf_text(&pems[i]);
        set.items[i].length = pems[i].length;
    }
    ok = ok && file_set_commit(&set, err);
    state->set.replaced = set.replaced;
    for (size_t i = 0; i < FILE_SET_MAX; i++)
        buf_done(&pems[i]);
    return ok;
}

/* The SAN that a new certificate gets: with ip_as_dns its addresses count as names too. */
static json_t *planned_san(const struct generate_spec *spec) {
    size_t count = spec->san.dns_count + spec->cert.ip_as_dns_count;
    struct san all = spec->san;
    char **dns = mem_calloc(count + 1, sizeof *dns);
    if (dns == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        dns[i] = i < all.dns_count ? all.dns[i] : all.ip[i - all.dns_count];
    all.dns = dns;
    all.dns_count = count;
    json_t *described = describe_san(&all);
    mem_free(dns);
    return described;
}

static json_t *diff_side(const struct generate_spec *spec, X509 *cert) {
    json_t *side = json_object();
    char fingerprint[CERT_HEX_SIZE];
    char text[CLOCK_TEXT_SIZE];
    bool known = cert != NULL && cert_fingerprint(cert, fingerprint);
    auto_san struct san san = {0};
    put_text(side, "path", second_path(spec));
    put_text(side, "fingerprint_sha256", known ? fingerprint : NULL);
    put_text(side, "not_after", cert == NULL ? NULL : clock_format(cert_not_after(cert), text));
    put_take(side, "san", cert != NULL && cert_san(cert, &san) ? describe_san(&san) : planned_san(spec));
    return side;
}

static bool act_recover(struct run *run, struct step *step, struct error *err) {
    struct generate_state *state = run->state;
    bool ok = file_set_recover(&state->set, err);
    step->changed = !ok && !file_set_has_leftovers(&state->set);
    return ok;
}

static bool digest_file(const char *path, unsigned char digest[EVP_MAX_MD_SIZE]) {
    auto_buf struct buf bytes;
    buf_init(&bytes, 0);
    auto_error struct error ignored = {0};
    return file_exists(path) && file_read(path, CHAIN_PEM_BYTES_MAX, &bytes, &ignored) &&
           EVP_Digest(buf_text(&bytes), bytes.length, digest, NULL, EVP_sha256(), NULL) == 1;
}

/* ".bak-" and the first 12 hex digits of the certificate or request that is replaced; of the bytes of the file where
 * that cannot be read, so that no two backups get one name. */
static void backup_suffix(const struct generate_state *state, char suffix[32]) {
    unsigned char digest[EVP_MAX_MD_SIZE] = {0};
    char hex[CERT_HEX_SIZE];
    const struct generate_spec *spec = &state->spec;
    bool request = spec->kind == GENERATE_REQUEST;
    bool known =
        request ? state->now.request != NULL && X509_REQ_digest(state->now.request, EVP_sha256(), digest, NULL) == 1
                : state->now.cert != NULL && cert_sha256(state->now.cert, digest);
    if (!known && !digest_file(second_path(spec), digest))
        (void)digest_file(spec->key_path, digest);
    cert_hex(digest, hex);
    snprintf(suffix, 32, ".bak-%.12s", hex);
}

static bool act_generate(struct run *run, struct step *step, struct error *err) {
    struct generate_state *state = run->state;
    struct generate_pair made = {0};
    char suffix[32];
    int64_t begun_ms = clock_monotonic_ms();
    bool ok = generate_pair_make(&state->spec, state->keep_key ? state->now.key : NULL, &made, err);
    log_debug("key and certificate made in %lld ms", (long long)(clock_monotonic_ms() - begun_ms));
    if (ok && state->spec.backup) {
        backup_suffix(state, suffix);
        state->set.backup_suffix = suffix;
    }
    ok = ok && write_pair(state, &made, err);
    state->set.backup_suffix = NULL;
    step->changed = state->set.replaced;
    if (ok) {
        step_set_diff(step, step->what, json_incref(step->before), diff_side(&state->spec, made.cert));
        generate_pair_report(&state->spec, &made, run->result);
    }
    generate_pair_done(&made);
    return ok;
}

static bool act_restrict(struct run *run, struct step *step, struct error *err) {
    (void)step;
    struct generate_state *state = run->state;
    return chmod(state->spec.key_path, KEY_MODE) == 0 || file_error(err, errno, "restrict", state->spec.key_path);
}

/* A key that others may read is as good as published: mended without making a new one. */
static bool key_is_open_to_others(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 && (status.st_mode & 077) != 0;
}

static long long cert_days(X509 *cert) {
    return (long long)(cert_not_after(cert) - cert_not_before(cert)) / 86400;
}

/* A CA that issues for less than the window would have its answer thrown away, key and all, by the very next run. */
static bool check_window(const struct generate_state *state, struct error *err) {
    int window = state->spec.renew_before_days;
    if (state->spec.kind != GENERATE_REQUEST || window < 0 || !generate_pair_belongs(&state->now))
        return true;
    long long days = cert_days(state->now.cert);
    if (days > window)
        return true;
    error_set(err, ERROR_RENEWAL_WINDOW_TOO_LONG,
              "the certificate was issued for %lld days, which is not more than renew_before_days (%d)", days, window);
    return error_set_pointer(err, "/parameters/renew_before_days");
}

static bool look(struct run *run, struct generate_state *state, struct reasons *reasons, struct error *err) {
    state->kept = kept_path(&state->spec);
    const char *paths[] = {state->spec.key_path, second_path(&state->spec), state->kept};
    if (!run->dry_run) {
        if (!lock_take(&state->lock, paths, state->kept == NULL ? 2 : 3, run->deadline, err))
            return false;
        state->locked = true;
    }
    state->set = file_set_for(&state->spec, state->kept);
    if (!file_set_check(&state->set, err) ||
        !generate_pair_read(&state->spec, &state->set, &state->now, reasons, err) || !check_window(state, err))
        return false;
    bool key_fits = false;
    generate_pair_compare(&state->spec, &state->now, reasons, &key_fits);
    state->keep_key = state->spec.reuse_key && key_fits;
    return true;
}

static void plan_recover(struct run *run, const struct generate_state *state) {
    if (!file_set_has_leftovers(&state->set))
        return;
    struct step *step = steps_add(&run->steps, "recover", act_recover);
    step_add_reason(step, "%s",
                    file_set_is_half_done(&state->set) ? "an earlier run was killed while it replaced the files"
                                                       : "an earlier run was killed before it replaced the files");
}

static void plan_generate(struct run *run, struct generate_state *state, const struct reasons *reasons) {
    struct step *step = steps_add(&run->steps, "generate", act_generate);
    for (size_t i = 0; i < reasons->count; i++)
        step_add_reason(step, "%s", reasons->items[i]);
    json_t *before = state->now.cert == NULL ? NULL : diff_side(&state->spec, state->now.cert);
    step_set_diff(step, state->spec.kind == GENERATE_REQUEST ? "certificate request" : "certificate", before,
                  diff_side(&state->spec, NULL));
}

/* What only making it can tell. */
static void report_unknown(struct run *run, const struct generate_state *state) {
    static const char *const of_request[] = {"request_pem", "public_key_sha256", "key"};
    static const char *const of_certificate[] = {"certificate_pem",
                                                 "fingerprint_sha256",
                                                 "public_key_sha256",
                                                 "serial",
                                                 "subject",
                                                 "issuer",
                                                 "san",
                                                 "not_before",
                                                 "not_after",
                                                 "key",
                                                 "renewal_due"};
    bool request = state->spec.kind == GENERATE_REQUEST;
    struct generate_pair kept = {.key = state->keep_key ? state->now.key : NULL};
    generate_pair_report(&state->spec, &kept, run->result);
    const char *const *members = request ? of_request : of_certificate;
    size_t count = request ? sizeof of_request / sizeof *of_request : sizeof of_certificate / sizeof *of_certificate;
    for (size_t i = 0; i < count; i++) {
        auto_text char *pointer = mem_printf("/result/%s", members[i]);
        if (pointer != NULL && get_any(run->result, members[i]) == NULL)
            run_add_unknown(run, pointer);
    }
    if (request)
        return;
    run_add_unknown(run, "/diff/0/after/fingerprint_sha256");
    run_add_unknown(run, "/diff/0/after/not_after");
}

static void warn_validity(struct run *run, const struct generate_state *state) {
    if (state->spec.kind == GENERATE_REQUEST || state->now.cert == NULL)
        return;
    long long days = cert_days(state->now.cert);
    if (days == state->spec.cert.validity_days)
        return;
    problem_set_pointer(problems_add(&run->warnings, ERROR_VALIDITY_DIFFERS,
                                     "the certificate is valid for %lld days, the request says %d", days,
                                     state->spec.cert.validity_days),
                        "/parameters/validity_days");
}

/* Known before anything is made, so that a dry run tells it too. */
static bool check_issuer(const struct generate_spec *spec, struct error *err) {
    if (spec->issuer == NULL || cert_check_issuer(spec->issuer, spec->issuer_key, clock_now(), err))
        return true;
    if (err->code == ERROR_KEY_MISMATCH)
        return error_set_pointer(err, "/parameters/issuer/private_key");
    if (err->code == ERROR_INVALID_CERTIFICATE)
        problem_set_remedy(&err->problem, "Give the certificate of a CA that may sign and is valid now.");
    return error_set_pointer(err, "/parameters/issuer/certificate");
}

bool generate_plan(struct run *run, struct error *err) {
    struct generate_state *state = mem_calloc(1, sizeof *state);
    if (state == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to begin");
    run->state = state;
    run->state_free = state_free;
    auto_reasons struct reasons reasons = {0};
    if (!generate_spec_read(run, &state->spec, err) || !look(run, state, &reasons, err))
        return false;
    plan_recover(run, state);
    if (reasons.count > 0) {
        if (!check_issuer(&state->spec, err))
            return false;
        plan_generate(run, state, &reasons);
        report_unknown(run, state);
        return true;
    }
    steps_add_unchanged(&run->steps, "generate", "the files are as the request asks");
    if (key_is_open_to_others(state->spec.key_path))
        step_add_reason(steps_add(&run->steps, "restrict-key", act_restrict), "others may read %s",
                        state->spec.key_path);
    warn_validity(run, state);
    generate_pair_report(&state->spec, &state->now, run->result);
    return true;
}
