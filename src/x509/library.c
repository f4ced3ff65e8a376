/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up OpenSSL for this process, before any other call of it. */
#include "x509/library.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include "base/mem.h"

enum { SECURE_HEAP_BYTES = 128 * 1024, SECURE_SMALLEST_BYTES = 32 };

static void *hook_alloc(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return size == 0 ? NULL : mem_alloc(size);
}

static void *hook_realloc(void *block, size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    if (size == 0) {
        mem_free(block);
        return NULL;
    }
    return mem_realloc(block, size);
}

static void hook_free(void *block, const char *file, int line) {
    (void)file;
    (void)line;
    mem_free(block);
}

void library_init(void) {
    (void)CRYPTO_set_mem_functions(hook_alloc, hook_realloc, hook_free);
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    /* 2 would mean that it works without locking into memory: better than nothing, so any result will do. */
    (void)CRYPTO_secure_malloc_init(SECURE_HEAP_BYTES, SECURE_SMALLEST_BYTES);
}

void library_warm_up(void) {
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    EVP_PKEY_free(key);
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t length = 0;
    (void)EVP_Q_digest(NULL, "SHA256", NULL, "", 0, digest, &length);
    SSL_CTX_free(SSL_CTX_new(TLS_client_method()));
}
