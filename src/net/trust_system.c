/* SPDX-License-Identifier: Apache-2.0 */
/* Where this system keeps the CAs it trusts. */
#include "net/trust_system.h"

#include <dirent.h>
#include <openssl/x509_vfy.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* "1a2b3c4d.0": the link that OpenSSL's rehash makes for each CA. */
static bool is_hash_name(const char *name) {
    return strlen(name) > 9 && strspn(name, "0123456789abcdef") == 8 && name[8] == '.' &&
           strspn(name + 9, "0123456789") > 0;
}

static bool is_hashed_directory(const char *path) {
    DIR *directory = opendir(path);
    if (directory == NULL)
        return false;
    bool found = false;
    for (struct dirent *entry = readdir(directory); entry != NULL && !found; entry = readdir(directory))
        found = is_hash_name(entry->d_name);
    closedir(directory);
    return found;
}

static bool add_directory(X509_STORE *store, const char *path) {
    X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
    return lookup != NULL && X509_LOOKUP_add_dir(lookup, path, X509_FILETYPE_PEM) == 1;
}

static bool add_bundle(X509_STORE *store, const char *path) {
    X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    return lookup != NULL && X509_LOOKUP_load_file(lookup, path, X509_FILETYPE_PEM) == 1;
}

X509_STORE *trust_system_store_from(const char *const *directories, const char *const *bundles) {
    X509_STORE *store = X509_STORE_new();
    if (store == NULL)
        return NULL;
    for (; *directories != NULL; directories++)
        if (is_hashed_directory(*directories) && add_directory(store, *directories))
            return store;
    for (; *bundles != NULL; bundles++)
        if (access(*bundles, R_OK) == 0 && add_bundle(store, *bundles))
            return store;
    X509_STORE_free(store);
    return NULL;
}

X509_STORE *trust_system_store(void) {
    static const char *const directories[] = {"/etc/ssl/certs", "/etc/pki/tls/certs",
                                              "/etc/pki/ca-trust/extracted/pem/directory-hash", NULL};
    static const char *const bundles[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                          "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem", NULL};
    return trust_system_store_from(directories, bundles);
}
