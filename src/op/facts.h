/* SPDX-License-Identifier: Apache-2.0 */
/* What every result tells of the certificate that it is about, for the tasks that come after. */
#ifndef OP_FACTS_H
#define OP_FACTS_H

#include <jansson.h>

#include "x509/cert.h"

/* Puts `fingerprint_sha256`, `not_after` and `renewal_due` (within the last third of its validity) of the leaf into the
 * result; all null when leaf is NULL. */
void facts_tell(json_t *result, X509 *leaf);

#endif
