/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificates a run accepts from managers: manager.tls, and the certificates the request itself puts in place.
 */
#include "op/connect_trust.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/file.h"
#include "base/mem.h"
#include "op/source.h"
#include "x509/cert.h"
#include "x509/chain.h"
#include "x509/openssl.h"
#include "json/get.h"

static bool no_memory(struct error *err) {
    return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to prepare the connection");
}

/* The leaf of a PEM text, trusted as it is. A damaged one adds nothing: the operation itself reports it. */
static bool add_leaf_of(struct trust *trust, const struct buf *pem, struct error *err) {
    auto_chain struct chain chain = {0};
    auto_error struct error ignored = {0};
    unsigned char sha256[CERT_SHA256_SIZE];
    if (!chain_read_pem(buf_text(pem), pem->length, NULL, &chain, &ignored) || !cert_sha256(chain.certs[0], sha256))
        return !mem_exhausted() || no_memory(err);
    return trust_add_leaf(trust, sha256) || no_memory(err);
}

static bool add_file(struct trust *trust, const char *path, struct error *err) {
    auto_buf struct buf pem;
    buf_init(&pem, SOURCE_BYTES_MAX);
    auto_error struct error ignored = {0};
    if (path == NULL || !file_exists(path) || !file_read(path, SOURCE_BYTES_MAX, &pem, &ignored))
        return !mem_exhausted() || no_memory(err);
    return add_leaf_of(trust, &pem, err);
}

static bool is_source(const json_t *value) {
    return json_is_string(value) || get_any(value, "file") != NULL || get_any(value, "env") != NULL;
}

static bool add_source(struct trust *trust, const json_t *source, const unsigned char *known, struct error *err) {
    if (known != NULL)
        return trust_add_leaf(trust, known) || no_memory(err);
    auto_buf struct buf pem;
    buf_init(&pem, SOURCE_BYTES_MAX);
    auto_error struct error ignored = {0};
    return !source_read(source, "", &pem, &ignored) || add_leaf_of(trust, &pem, err);
}

/* What the managers serve after the last renewal is in `.previous`; what they will serve is in the source itself, or
 * told by its fingerprint. */
static bool add_own(struct trust *trust, const json_t *source, const unsigned char *known, struct error *err) {
    unsigned char sha256[CERT_SHA256_SIZE];
    const char *fingerprint = get_text(source, "fingerprint_sha256", NULL);
    if (fingerprint != NULL)
        return !cert_parse_hex(fingerprint, sha256) || trust_add_leaf(trust, sha256) || no_memory(err);
    if (!is_source(source))
        return true;
    if (!add_source(trust, source, known, err))
        return false;
    const char *path = source_path(source);
    auto_text char *previous = path == NULL ? NULL : mem_printf("%s.previous", path);
    return add_file(trust, previous, err);
}

static bool add_own_certificates(struct trust *trust, const struct connect_options *options, struct error *err) {
    for (size_t i = 0; i < CONNECT_OWN_MAX && options->own[i] != NULL; i++)
        if (!add_own(trust, options->own[i], i == 0 ? options->own_sha256 : NULL, err))
            return false;
    for (size_t i = 0; i < CONNECT_OWN_MAX && options->own_files[i] != NULL; i++)
        if (!add_file(trust, options->own_files[i], err))
            return false;
    return true;
}

/* Every certificate of a CA source: one or many. */
static bool add_anchors(struct trust *trust, const struct buf *pem, const char *pointer, struct error *err) {
    auto_bio BIO *bio = BIO_new_mem_buf(buf_text(pem), (int)pem->length);
    size_t count = 0;
    for (; bio != NULL; count++) {
        auto_x509 X509 *ca = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        if (ca == NULL)
            break;
        if (!trust_add_ca(trust, ca))
            return no_memory(err);
    }
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (mem_exhausted())
        return no_memory(err);
    if (count > 0 && at_end)
        return true;
    error_set(err, ERROR_INVALID_CERTIFICATE,
              count == 0 ? "the CA source holds no PEM certificate" : "the CA source holds a damaged certificate");
    return error_set_pointer(err, pointer);
}

static bool add_ca_sources(struct run *run, struct trust *trust, const json_t *sources, struct error *err) {
    const char *missing = NULL;
    auto_error struct error first = {0};
    size_t index;
    const json_t *source;
    json_array_foreach(sources, index, source) {
        auto_text char *pointer = mem_printf("/manager/tls/ca/%zu", index);
        auto_buf struct buf pem;
        buf_init(&pem, SOURCE_BYTES_MAX);
        bool not_yet = source_is_not_yet(source);
        auto_error struct error cause = {0};
        if (!source_read(source, pointer, &pem, &cause)) {
            if (!not_yet) {
                error_move(err, &cause);
                return false;
            }
            if (missing == NULL)
                error_move(&first, &cause);
            missing = missing == NULL ? source_path(source) : missing;
        } else if (!add_anchors(trust, &pem, pointer, err)) {
            return false;
        }
    }
    if (missing == NULL)
        return true;
    if (trust_is_empty(trust)) {
        error_move(err, &first);
        return false;
    }
    problem_set_pointer(problems_add(&run->warnings, ERROR_CA_NOT_YET,
                                     "%s does not exist; the other sources of trust are used", missing),
                        first.problem.pointer);
    return true;
}

static bool add_pins(struct trust *trust, const json_t *pins, struct error *err) {
    size_t index;
    const json_t *pin;
    json_array_foreach(pins, index, pin) {
        unsigned char sha256[CERT_SHA256_SIZE];
        if (!cert_parse_hex(json_string_value(pin), sha256))
            return error_set(err, ERROR_INVALID_VALUE, "manager.tls.pin_sha256[%zu] is no SHA-256 fingerprint", index);
        if (!trust_add_pin(trust, sha256))
            return no_memory(err);
    }
    return true;
}

static bool fill(struct run *run, struct trust *trust, const json_t *tls, const struct connect_options *options,
                 struct error *err) {
    const json_t *ca = get_array(tls, "ca");
    const json_t *pins = get_array(tls, "pin_sha256");
    bool insecure = get_flag(tls, "insecure", false);
    if (!add_own_certificates(trust, options, err) || !add_pins(trust, pins, err))
        return false;
    /* The system's CAs are what is left when nothing else is named. */
    if (get_flag(tls, "system", !insecure && ca == NULL && pins == NULL))
        trust_use_system(trust);
    if (insecure) {
        trust_use_insecure(trust);
        problem_set_pointer(problems_add(&run->warnings, ERROR_INSECURE,
                                         "manager.tls.insecure is true: whoever answers gets the credentials"),
                            "/manager/tls/insecure");
    }
    return add_ca_sources(run, trust, ca, err);
}

struct trust *connect_trust(struct run *run, const json_t *tls, const struct connect_options *options,
                            struct error *err) {
    struct trust *trust = trust_new();
    if (trust == NULL) {
        no_memory(err);
        return NULL;
    }
    if (fill(run, trust, tls, options, err))
        return trust;
    trust_free(trust);
    return NULL;
}
