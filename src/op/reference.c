/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate reference of the request: a source, or an id, fingerprint or endpoint that leads to one. */
#include "op/reference.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "nsx/store.h"
#include "op/look.h"
#include "op/source.h"
#include "json/get.h"

static bool take_chain(struct reference *reference, struct error *err) {
    reference->known = cert_sha256(reference->chain.certs[0], reference->sha256);
    return reference->known || error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read the certificate");
}

bool reference_take_pem(struct reference *reference, const char *pem, struct error *err) {
    return chain_read_pem(pem, strlen(pem), NULL, &reference->chain, err) && take_chain(reference, err);
}

static bool from_source(const json_t *value, const char *pointer, struct reference *ret, struct error *err) {
    auto_buf struct buf text;
    buf_init(&text, 0);
    if (!source_read(value, pointer, &text, err))
        return false;
    if (reference_take_pem(ret, buf_text(&text), err))
        return true;
    return error_set_pointer(err, pointer);
}

static bool from_id(const char *id, const char *pointer, struct connection *connection, struct reference *ret,
                    struct error *err) {
    if (connection == NULL || connection->auth.kind == AUTH_NONE)
        return error_set(err, ERROR_MISSING_MEMBER, "{certificate_id} needs manager.auth to look it up") ||
               error_set_pointer(err, pointer);
    auto_store_entry struct store_entry entry = {0};
    if (!store_get(connection->manager, id, &entry, err))
        return error_set_pointer(err, pointer);
    ret->certificate_id = mem_strdup(entry.id);
    ret->display_name = mem_strdup(entry.display_name);
    if (entry.pem == NULL)
        return error_set(err, ERROR_UNEXPECTED_ANSWER, "the entry %s has no certificate", id);
    return reference_take_pem(ret, entry.pem, err);
}

bool reference_read(struct run *run, const json_t *value, const char *pointer, struct connection *connection,
                    struct reference *ret, struct error *err) {
    const char *id = get_text(value, "certificate_id", NULL);
    const char *fingerprint = get_text(value, "fingerprint_sha256", NULL);
    const json_t *endpoint = get_any(value, "endpoint");
    if (id != NULL)
        return from_id(id, pointer, connection, ret, err);
    if (fingerprint != NULL) {
        ret->known = cert_parse_hex(fingerprint, ret->sha256);
        return ret->known || error_set(err, ERROR_INVALID_VALUE, "not the SHA-256 of a certificate") ||
               error_set_pointer(err, pointer);
    }
    if (endpoint == NULL)
        return from_source(value, pointer, ret, err);
    auto_look struct look look = {0};
    if (!look_at(run, endpoint, pointer, connection, &look, err) || !chain_from_stack(look.presented, &ret->chain))
        return err->code != ERROR_NONE ? false
                                       : error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read the certificate");
    return take_chain(ret, err);
}

void reference_done(struct reference *reference) {
    chain_done(&reference->chain);
    mem_free(reference->certificate_id);
    mem_free(reference->display_name);
    *reference = (struct reference){0};
}
