/* SPDX-License-Identifier: Apache-2.0 */
/* What every result tells of the certificate that it is about, for the tasks that come after. */
#include "op/facts.h"

#include "base/clock.h"
#include "json/get.h"

void facts_tell(json_t *result, X509 *leaf) {
    unsigned char sha256[CERT_SHA256_SIZE];
    char hex[CERT_HEX_SIZE];
    char text[CLOCK_TEXT_SIZE];
    bool known = leaf != NULL && cert_sha256(leaf, sha256);
    if (known)
        cert_hex(sha256, hex);
    put_text(result, "fingerprint_sha256", known ? hex : NULL);
    put_text(result, "not_after", known ? clock_format(cert_not_after(leaf), text) : NULL);
    put_take(result, "renewal_due", known ? json_boolean(cert_renewal_at(leaf, -1) <= clock_now()) : NULL);
}
