/* SPDX-License-Identifier: Apache-2.0 */
/* Brings the certificates of a file into the order leaf → root. */
#ifndef X509_CHAIN_ORDER_H
#define X509_CHAIN_ORDER_H

#include "x509/chain.h"

/* Finds the leaf (with `key`: the one whose key it is) and the best path from it: one that ends self-signed before one
 * that does not, then the shortest complete or the longest incomplete one. Sets every flag that follows from it. */
void chain_order(struct chain *chain, EVP_PKEY *key);

#endif
