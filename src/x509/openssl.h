/* SPDX-License-Identifier: Apache-2.0 */
/* What every file of this room needs around OpenSSL's calls: one way to fail, scopes for its types, BIO to buffer. */
#ifndef X509_OPENSSL_H
#define X509_OPENSSL_H

#include <openssl/bio.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

/* out-of-memory when an allocation has failed, else internal with OpenSSL's reason (fixed words, never data); clears
 * its error queue. `doing` completes "OpenSSL failed while …". Always false. */
bool openssl_failed(struct error *err, const char *doing);

/* The same with `code` in place of internal, and a detail of our own words. */
bool openssl_refused(struct error *err, enum error_code code, const char *format, ...) PRINTF_LIKE(3, 4);

/* Appends all that is in a memory BIO. */
bool openssl_bio_into(BIO *bio, struct buf *out) NODISCARD;

AUTO_DEFINE(bio, BIO *, BIO_free_all)
#define auto_bio AUTO(bio)
static inline void auto_extensions_cleanup(STACK_OF(X509_EXTENSION) * *list) {
    sk_X509_EXTENSION_pop_free(*list, X509_EXTENSION_free);
}
#define auto_extensions AUTO(extensions)

#endif
