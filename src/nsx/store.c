/* SPDX-License-Identifier: Apache-2.0 */
/* The manager's trust store, read: page by page, one entry, or all that hold a certificate (nsx-api.md, "Certificate
 * store"). */
#include "nsx/store.h"

#include <openssl/sha.h>
#include <string.h>

#include "base/mem.h"
#include "nsx/calls.h"
#include "x509/pem.h"
#include "json/get.h"
#include "json/read.h"

enum {
    RESTARTS_MAX = 3,       /* of a listing whose cursor went stale */
    BARREN_PAGES_MAX = 100, /* pages in a row without a new entry: then the cursor leads nowhere */
};

void store_entry_done(struct store_entry *entry) {
    mem_free(entry->id);
    mem_free(entry->display_name);
    mem_free(entry->pem);
    mem_free(entry->used_by);
    *entry = (struct store_entry){0};
}

/* SHA-256 of the first certificate's DER; parsing it as X.509 would cost 40 times as much. */
static bool read_fingerprint(const char *pem, unsigned char ret_sha256[CERT_SHA256_SIZE]) {
    struct pem_scan scan = pem_scan(pem, strlen(pem));
    struct pem_block block;
    while (pem_next(&scan, &block)) {
        if (!pem_label_is(&block, "CERTIFICATE") && !pem_label_is(&block, "X509 CERTIFICATE"))
            continue;
        auto_buf struct buf der = {0};
        if (!pem_decode(&block, &der) || der.length == 0)
            return false;
        SHA256((const unsigned char *)der.bytes, der.length, ret_sha256);
        return true;
    }
    return false;
}

static bool names_a_service(const json_t *used_by) {
    size_t index;
    const json_t *use;
    json_array_foreach(used_by, index, use) {
        /* An entry without service_types is a use of a kind that is not known: in use all the same. */
        const json_t *types = get_array(use, "service_types");
        if (types == NULL || json_array_size(types) > 0)
            return true;
    }
    return false;
}

static char *list_services(const json_t *used_by) {
    auto_buf struct buf text = {0};
    size_t index, at;
    const json_t *use, *type;
    json_array_foreach(used_by, index, use) {
        json_array_foreach(get_array(use, "service_types"), at, type) {
            if (json_is_string(type))
                buf_printf(&text, "%s%s", text.length == 0 ? "" : ", ", json_string_value(type));
        }
    }
    return text.length == 0 ? NULL : buf_take(&text);
}

/* A view of one result; false if it has no id, which nothing could be done with. */
static bool view_entry(const json_t *json, struct store_entry *entry) {
    const char *id = get_text(json, "id", NULL);
    const char *pem = get_text(json, "pem_encoded", NULL);
    if (id == NULL)
        return false;
    const json_t *has_key = get_any(json, "has_private_key");
    *entry = (struct store_entry){
        .id = (char *)id,
        .display_name = (char *)get_text(json, "display_name", id),
        .pem = (char *)pem,
        .has_private_key = json_is_boolean(has_key) ? json_is_true(has_key) : -1,
        .create_time_ms = get_integer(json, "_create_time", -1),
        .in_use = names_a_service(get_array(json, "used_by")),
    };
    entry->has_sha256 = pem != NULL && read_fingerprint(pem, entry->sha256);
    return true;
}

static bool copy_entry(const struct store_entry *view, char *used_by, struct store_entry *ret) {
    *ret = *view;
    ret->id = mem_strdup(view->id);
    ret->display_name = mem_strdup(view->display_name);
    ret->pem = mem_strdup(view->pem);
    ret->used_by = used_by;
    if (ret->id != NULL && ret->display_name != NULL && (view->pem == NULL || ret->pem != NULL))
        return true;
    store_entry_done(ret);
    return false;
}

/* A listing under way. */
struct listing {
    struct manager *manager;
    store_visit *visit;
    void *context;
    json_t *seen; /* object with a member for each id that was visited */
    char *cursor; /* of the next page; NULL: the first */
    int restarts;
    int barren_pages;
    bool over;
};

static bool visit_page(struct listing *listing, const json_t *results) {
    size_t before = json_object_size(listing->seen);
    size_t index;
    const json_t *item;
    json_array_foreach(results, index, item) {
        struct store_entry entry;
        if (!view_entry(item, &entry) || json_object_get(listing->seen, entry.id) != NULL)
            continue;
        json_object_set_new(listing->seen, entry.id, json_true());
        if (!listing->visit(listing->context, &entry)) {
            listing->over = true;
            break;
        }
    }
    return json_object_size(listing->seen) > before;
}

/* End: absent, empty, or starting with 0000. */
static bool take_cursor(struct listing *listing, const json_t *page, struct error *err) {
    const char *cursor = get_text(page, "cursor", "");
    if (*cursor == '\0' || strncmp(cursor, "0000", 4) == 0) {
        listing->over = true;
        return true;
    }
    char *copy = mem_strdup(cursor);
    mem_free(listing->cursor);
    listing->cursor = copy;
    return copy != NULL || error_set(err, ERROR_OUT_OF_MEMORY, "no memory to list the trust store");
}

/* A cursor may go stale when the store changes between pages: begin anew; what was seen is not visited again. */
static bool begin_anew(struct listing *listing, const struct manager_answer *answer) {
    if (listing->cursor == NULL || answer->outcome != CALL_REFUSED ||
        (answer->status != 400 && answer->status != 404) || listing->restarts++ == RESTARTS_MAX)
        return false;
    mem_free(listing->cursor);
    listing->cursor = NULL;
    return true;
}

static bool read_page(struct listing *listing, struct error *err) {
    struct peer *peer = manager_peer(listing->manager);
    const struct call_arguments arguments = {.cursor = listing->cursor};
    struct manager_answer answer;
    const char *name = "";
    auto_error struct error cause = {0};
    if (!call_do(listing->manager, peer, CALL_LIST, &arguments, &answer, &name, &cause)) {
        if (begin_anew(listing, &answer))
            return true;
        error_move(err, &cause);
        return false;
    }
    auto_json json_t *page = answer.body;
    const json_t *results = get_array(page, "results");
    if (results == NULL)
        return peer_unexpected(peer, name, "results", err);
    listing->barren_pages = visit_page(listing, results) ? 0 : listing->barren_pages + 1;
    if (listing->barren_pages > BARREN_PAGES_MAX)
        return peer_unexpected(peer, name, "an end to its pages", err);
    return listing->over || take_cursor(listing, page, err);
}

bool store_each(struct manager *manager, store_visit *visit, void *context, struct error *err) {
    struct listing listing = {.manager = manager, .visit = visit, .context = context, .seen = json_object()};
    bool ok = listing.seen != NULL || error_set(err, ERROR_OUT_OF_MEMORY, "no memory to list the trust store");
    while (ok && !listing.over)
        ok = read_page(&listing, err);
    /* Whatever was dropped for want of memory may have been the entry that was looked for. */
    if (ok && mem_exhausted())
        ok = error_set(err, ERROR_OUT_OF_MEMORY, "no memory to list the trust store");
    json_decref(listing.seen);
    mem_free(listing.cursor);
    return ok;
}

void store_list_done(struct store_list *list) {
    for (size_t i = 0; i < list->count; i++)
        store_entry_done(&list->items[i]);
    mem_free(list->items);
    *list = (struct store_list){0};
}

void store_search_done(struct store_search *search) {
    store_list_done(&search->matches);
}

static bool is_better(const struct store_entry *a, const struct store_entry *b) {
    if (a->in_use != b->in_use)
        return a->in_use;
    if (a->create_time_ms != b->create_time_ms)
        return a->create_time_ms < b->create_time_ms;
    return strcmp(a->id, b->id) < 0;
}

/* Keeps the matches in order, the best first. When memory runs out store_each() says so. */
static void add_match(struct store_list *list, const struct store_entry *view) {
    struct store_entry *items = mem_realloc(list->items, (list->count + 1) * sizeof *items);
    if (items == NULL)
        return;
    list->items = items;
    struct store_entry entry;
    if (!copy_entry(view, NULL, &entry))
        return;
    size_t at = list->count++;
    for (; at > 0 && is_better(&entry, &items[at - 1]); at--)
        items[at] = items[at - 1];
    items[at] = entry;
}

static bool look_at(void *context, const struct store_entry *entry) {
    struct store_search *search = context;
    bool same = entry->has_sha256 && memcmp(entry->sha256, search->sha256, CERT_SHA256_SIZE) == 0;
    if (!same && search->display_name != NULL && strcmp(entry->display_name, search->display_name) == 0)
        search->name_taken = true;
    if (!same || entry->has_private_key == 0)
        return true;
    add_match(&search->matches, entry);
    /* The one in use wins whatever else there is. */
    return search->whole || !entry->in_use;
}

bool store_find(struct manager *manager, struct store_search *search, struct error *err) {
    store_list_done(&search->matches);
    search->name_taken = false;
    return store_each(manager, look_at, search, err);
}

bool store_find_by_fingerprint(struct manager *manager, const unsigned char sha256[CERT_SHA256_SIZE],
                               struct store_entry *ret_entry, struct error *err) {
    auto_store_search struct store_search search = {.sha256 = sha256};
    if (!store_find(manager, &search, err))
        return false;
    if (search.matches.count == 0) {
        char hex[CERT_HEX_SIZE];
        cert_hex(sha256, hex);
        return error_set(err, ERROR_CERTIFICATE_NOT_FOUND, "no entry with a private key has the fingerprint %s", hex);
    }
    *ret_entry = search.matches.items[0];
    search.matches.items[0] = (struct store_entry){0};
    return true;
}

bool store_get(struct manager *manager, const char *id, struct store_entry *ret_entry, struct error *err) {
    struct peer *peer = manager_peer(manager);
    const struct call_arguments arguments = {.certificate_id = id};
    struct manager_answer answer;
    auto_error struct error cause = {0};
    if (!call_do(manager, peer, CALL_GET, &arguments, &answer, NULL, &cause)) {
        if (answer.outcome == CALL_REFUSED && answer.status == 404 && cause.code == ERROR_MANAGER_REFUSED)
            return error_set(err, ERROR_CERTIFICATE_NOT_FOUND, "no entry has the id %s", id);
        error_move(err, &cause);
        return false;
    }
    auto_json json_t *json = answer.body;
    struct store_entry view;
    if (!view_entry(json, &view) || view.pem == NULL)
        return peer_unexpected(peer, "certificates/ID", "id and pem_encoded", err);
    return copy_entry(&view, list_services(get_array(json, "used_by")), ret_entry) ||
           error_set(err, ERROR_OUT_OF_MEMORY, "no memory for an entry of the trust store");
}
