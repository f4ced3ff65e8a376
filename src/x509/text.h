/* SPDX-License-Identifier: Apache-2.0 */
/* ASN.1 strings and names as UTF-8 text: control characters escaped, so that nothing hides in a terminal or a log. */
#ifndef X509_TEXT_H
#define X509_TEXT_H

#include <openssl/x509.h>

/* "CN=…, O=…" (RFC 4514 with spaces); the caller frees; NULL when memory ran out. */
char *text_from_name(const X509_NAME *name);

/* The string's characters; the caller frees; NULL when memory ran out. */
char *text_from_string(const ASN1_STRING *string);

#endif
