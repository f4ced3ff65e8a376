/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up OpenSSL for this process, before any other call of it. */
#ifndef X509_LIBRARY_H
#define X509_LIBRARY_H

/* Lets OpenSSL use base/mem.h, read no configuration file (quicker, and a stray one cannot change what strict means)
 * and keep private keys in its secure heap where the system allows it. */
void library_init(void);

/* Makes the first use of digests, keys and TLS happen now: libcrypto 3.0 itself crashes when memory runs out during it,
 * so tests of failing allocations count from after this. */
void library_warm_up(void);

#endif
