/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what http_totals() reports; one thread only. */
#include "net/totals.h"

#include "net/http.h"

static struct http_totals totals;

void totals_count_request(void) {
    totals.requests++;
}

void totals_count_connection(void) {
    totals.connections++;
}

struct http_totals http_totals(void) {
    return totals;
}
