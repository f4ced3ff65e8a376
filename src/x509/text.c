/* SPDX-License-Identifier: Apache-2.0 */
/* ASN.1 strings and names as UTF-8 text: control characters escaped, so that nothing hides in a terminal or a log. */
#include "x509/text.h"

#include <openssl/err.h>

#include "x509/openssl.h"

/* In the order they are tried: a string that is not what its type says is shown as bytes, at last as hex. */
static const unsigned long styles[] = {
    ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_UTF8_CONVERT | ASN1_STRFLGS_DUMP_UNKNOWN | ASN1_STRFLGS_DUMP_DER,
    ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_ESC_MSB | ASN1_STRFLGS_IGNORE_TYPE,
    ASN1_STRFLGS_DUMP_ALL,
};
enum { STYLE_COUNT = sizeof styles / sizeof *styles };

/* OpenSSL passes a UTF8String through as it is. */
static bool is_utf8(const char *bytes, size_t length) {
    const unsigned char *at = (const unsigned char *)bytes;
    unsigned long value;
    for (int used; length > 0; at += used, length -= (size_t)used)
        if ((used = UTF8_getc(at, (int)length, &value)) <= 0)
            return false;
    return true;
}

/* NULL when it is no UTF-8 or memory ran out. */
static char *take_text(BIO *bio) {
    auto_buf struct buf text = {0};
    char *bytes = NULL;
    long length = BIO_get_mem_data(bio, &bytes);
    if (length > 0 && (!is_utf8(bytes, (size_t)length) || !buf_add(&text, bytes, (size_t)length)))
        return NULL;
    return buf_take(&text);
}

char *text_from_name(const X509_NAME *name) {
    unsigned long layout = XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_DN_REV | XN_FLAG_FN_SN;
    char *text = NULL;
    for (int i = 0; i < STYLE_COUNT && text == NULL; i++) {
        auto_bio BIO *bio = BIO_new(BIO_s_mem());
        if (bio != NULL && X509_NAME_print_ex(bio, name, 0, layout | styles[i] | ASN1_STRFLGS_ESC_2253) >= 0)
            text = take_text(bio);
    }
    ERR_clear_error();
    return text;
}

char *text_from_string(const ASN1_STRING *string) {
    char *text = NULL;
    for (int i = 0; i < STYLE_COUNT && text == NULL; i++) {
        auto_bio BIO *bio = BIO_new(BIO_s_mem());
        if (bio != NULL && ASN1_STRING_print_ex(bio, string, styles[i]) >= 0)
            text = take_text(bio);
    }
    ERR_clear_error();
    return text;
}
