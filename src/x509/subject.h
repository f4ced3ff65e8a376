/* SPDX-License-Identifier: Apache-2.0 */
/* The subject of a certificate or request: made from its parts, and compared with them. */
#ifndef X509_SUBJECT_H
#define X509_SUBJECT_H

#include <openssl/x509.h>

#include "x509/cert.h"

/* The parts as a distinguished name: UTF8String, the country PrintableString (RFC 5280 section 4.1.2.4). invalid-value
 * names the part that is too long or no UTF-8. The caller frees. */
X509_NAME *subject_make(const struct subject *subject, struct error *err) NODISCARD;

/* Adds a reason when `name` does not read as the parts do. */
void subject_compare(const X509_NAME *name, const struct subject *subject, struct reasons *reasons);

#endif
