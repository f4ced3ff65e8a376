/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what http_totals() reports; one thread only. */
#ifndef NET_TOTALS_H
#define NET_TOTALS_H

/* A request is about to be sent. */
void totals_count_request(void);
/* A TLS handshake begins, of a request or of a probe. */
void totals_count_connection(void);

#endif
