/* SPDX-License-Identifier: Apache-2.0 */
/* What every file of this room needs around OpenSSL's calls: one way to fail, scopes for its types, BIO to buffer. */
#include "x509/openssl.h"

#include <openssl/err.h>
#include <stdarg.h>

#include "base/mem.h"

bool openssl_failed(struct error *err, const char *doing) {
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    if (mem_exhausted())
        return error_set(err, ERROR_OUT_OF_MEMORY, "No memory was left while %s.", doing);
    return error_set(err, ERROR_INTERNAL, "OpenSSL failed while %s: %s.", doing,
                     reason != NULL ? reason : "no reason given");
}

bool openssl_refused(struct error *err, enum error_code code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    auto_text char *detail = mem_vprintf(format, arguments);
    va_end(arguments);
    ERR_clear_error();
    if (mem_exhausted())
        return error_set(err, ERROR_OUT_OF_MEMORY, "No memory was left while a key or certificate was handled.");
    return error_set(err, code, "%s", detail != NULL ? detail : "");
}

bool openssl_bio_into(BIO *bio, struct buf *out) {
    char *bytes = NULL;
    long length = BIO_get_mem_data(bio, &bytes);
    return length > 0 && buf_add(out, bytes, (size_t)length);
}
