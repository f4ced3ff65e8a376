/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificates a run accepts from managers: manager.tls, and the certificates the request itself puts in place.
 */
#ifndef OP_CONNECT_TRUST_H
#define OP_CONNECT_TRUST_H

#include "op/connect.h"

/* The trust of a run ("Trust across runs"); `tls` is manager.tls or NULL. Adds the warnings insecure and ca-not-yet.
 * Errors: source-unavailable, invalid-certificate (a CA), out-of-memory. The caller frees. */
struct trust *connect_trust(struct run *run, const json_t *tls, const struct connect_options *options,
                            struct error *err) NODISCARD;

#endif
