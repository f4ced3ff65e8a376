/* SPDX-License-Identifier: Apache-2.0 */
/* The manager's trust store: listing it page by page, finding a certificate by its DER, and having it there exactly
 * once. */
#ifndef NSX_STORE_H
#define NSX_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "nsx/manager.h"
#include "x509/cert.h"

/* One entry. From store_each() all texts are borrowed; in a store_list and from store_get() they are owned. */
struct store_entry {
    char *id;
    char *display_name;
    char *pem;                              /* as the manager keeps it; NULL if it has none */
    bool has_sha256;                        /* false: `pem` holds no readable certificate */
    unsigned char sha256[CERT_SHA256_SIZE]; /* of the DER of its first certificate */
    int has_private_key;                    /* -1: the manager does not say (before 3.2), 0, 1 */
    long long create_time_ms;               /* -1: not said */
    bool in_use;                            /* used_by names a service */
    char *used_by; /* the service types, "API, MGMT_CLUSTER"; NULL if none (only in owned entries) */
};
void store_entry_done(struct store_entry *entry);

/* Asks whether to go on. */
typedef bool store_visit(void *context, const struct store_entry *entry);

/* Calls `visit` for each entry, each id once, 200 a page; stops when it says so. Survives a cursor that went stale. */
bool store_each(struct manager *manager, store_visit *visit, void *context, struct error *err) NODISCARD;

/* Owned entries. */
struct store_list {
    struct store_entry *items;
    size_t count;
};
void store_list_done(struct store_list *list);

/* What a search found: entries with that DER that have a key (or do not say), the best first: in use, then oldest, then
 * by id. Unless `whole`, paging stops once an entry in use is found. */
struct store_search {
    const unsigned char *sha256;
    const char *display_name; /* NULL: names are not looked at */
    bool whole;
    struct store_list matches;
    bool name_taken; /* an entry of that name holds another certificate */
};
bool store_find(struct manager *manager, struct store_search *search, struct error *err) NODISCARD;
void store_search_done(struct store_search *search);

/* The best entry for a fingerprint; certificate-not-found when there is none. */
bool store_find_by_fingerprint(struct manager *manager, const unsigned char sha256[CERT_SHA256_SIZE],
                               struct store_entry *ret_entry, struct error *err) NODISCARD;

/* One entry by its id; certificate-not-found when there is none. */
bool store_get(struct manager *manager, const char *id, struct store_entry *ret_entry, struct error *err) NODISCARD;

/* What the manager's own validation says. */
enum store_verdict { STORE_VALID, STORE_REJECTED, STORE_CRL_NOT_READY, STORE_VALIDATION_ERROR, STORE_NOT_VALIDATED };

/* Asks it (3.0+; STORE_NOT_VALIDATED before). CRL_NOT_READY is asked again for up to two minutes. Anything but valid or
 * not validated is an error too: certificate-rejected or crl-unreachable; `ret_verdict` is set then as well. */
bool store_validate(struct manager *manager, const char *id, enum store_verdict *ret_verdict, struct error *err)
    NODISCARD;

/* True if the manager has a validation to ask. */
bool store_can_validate(struct manager *manager, bool *ret_can, struct error *err) NODISCARD;

/* Deletes an entry with its key; one that is gone already is fine. In use: manager-refused. */
bool store_delete(struct manager *manager, const char *id, struct error *err) NODISCARD;

/* A certificate to have in the store. */
struct store_import {
    const unsigned char *sha256; /* of the leaf */
    const char *display_name;
    const char *certificate_pem; /* leaf first, root last */
    const struct secret *key_pem;
};

struct store_reconciled {
    struct store_entry entry; /* the one that counts */
    bool imported;            /* it is one that this run made */
    bool changed;             /* the store is different from before, also on failure */
};

/* Has the certificate in the store exactly once: looks, imports if it is not there, looks again after every write or
 * unclear answer, and deletes younger unused duplicates that this run made, until nothing is left to do or the
 * deadline. `seen` is what a store_find() just found: the loop starts from it. Always sets ret->changed. */
bool store_reconcile(struct manager *manager, const struct store_import *import, struct store_search *seen,
                     struct store_reconciled *ret, struct error *err) NODISCARD;
void store_reconciled_done(struct store_reconciled *result);

static inline void auto_store_entry_cleanup(struct store_entry *entry) {
    store_entry_done(entry);
}
#define auto_store_entry AUTO(store_entry)
static inline void auto_store_search_cleanup(struct store_search *search) {
    store_search_done(search);
}
#define auto_store_search AUTO(store_search)

#endif
