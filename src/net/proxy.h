/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP proxy: where it is, and the CONNECT that opens a tunnel through it (RFC 9110 §9.3.6). */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "net/http.h"
#include "x509/name.h"

enum { PROXY_ANSWER_MAX = 8192 };

/* Splits "http://host:port" (port 80 if none, a final '/' allowed). False for anything else, https:// too. */
bool proxy_split_url(const char *url, char ret_host[NAME_HOST_SIZE], int *ret_port);

/* Writes the CONNECT request for host:port, with Basic credentials if the proxy has a username. False when memory ran
 * out. */
bool proxy_write_connect(const struct http_proxy *proxy, const char *host, int port, struct buf *out) NODISCARD;

enum proxy_answer { PROXY_MORE, PROXY_OPEN, PROXY_REFUSED, PROXY_GARBAGE };

/* Judges what the proxy answered so far; ret_status is its status when there is one, else 0. */
enum proxy_answer proxy_read_answer(const char *bytes, size_t length, int *ret_status);

#endif
