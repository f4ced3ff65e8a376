/* SPDX-License-Identifier: Apache-2.0 */
/* Names a certificate can carry or an endpoint can have: DNS names, IP addresses, SAN sets, host[:port]. */
#ifndef X509_NAME_H
#define X509_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { NAME_HOST_SIZE = 256, NAME_IP_SIZE = 46 };

/* A SAN: two sorted sets without duplicates. DNS names are lowercase A-labels without a final dot; IPs canonical text
 * (RFC 5952). All owned. */
struct san {
    char **dns;
    size_t dns_count;
    char **ip;
    size_t ip_count;
    bool other; /* a certificate's SAN also has entries of another kind (email, URI, …) */
};

/* True if `text` is an IPv4 or IPv6 address (no brackets, no zone, no port); writes its canonical form. */
bool name_parse_ip(const char *text, char ret_canonical[NAME_IP_SIZE]);

/* True if `text` is a host name (RFC 1123 labels, letters digits hyphen, at most 253, one leading "*." allowed if
 * `wildcard`; no all-numeric last label); writes it lowercase without a final dot. */
bool name_parse_dns(const char *text, bool wildcard, char ret_canonical[NAME_HOST_SIZE]);

/* Adds to the set in canonical form; invalid-value with the reason for an impossible name. Adding twice is no error. */
bool san_add_dns(struct san *san, const char *text, struct error *err) NODISCARD;
bool san_add_ip(struct san *san, const char *text, struct error *err) NODISCARD;
/* An IP if it is one, else a DNS name. */
bool san_add_host(struct san *san, const char *text, struct error *err) NODISCARD;

/* A DNS entry as a certificate has it, lowercase, whatever it says: for reading, and for an IP written as a DNS entry.
 */
bool san_add_raw_dns(struct san *san, const char *text, struct error *err) NODISCARD;

/* Is exactly this (canonical) entry there? */
bool san_has_dns(const struct san *san, const char *text);
bool san_has_ip(const struct san *san, const char *text);

/* Does the SAN cover `host` (an IP literal or a DNS name; RFC 6125: one left-most wildcard label)? Common names never
 * count. */
bool san_covers(const struct san *san, const char *host);
void san_done(struct san *san);

/* Splits "host", "host:port", "[v6]", "[v6]:port" or a bare IPv6 address. `ret_host` has no brackets, canonical; port
 * is `default_port` if none is given. False for anything else (also a scheme, a path, user@, port 0). */
bool name_split_endpoint(const char *text, int default_port, char ret_host[NAME_HOST_SIZE], int *ret_port);

static inline void auto_san_cleanup(struct san *san) {
    san_done(san);
}
#define auto_san AUTO(san)

#endif
