/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to one endpoint and the request under way on it. Of no use outside http.c and http_client.c, which
 * alone see libcurl. */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include <curl/curl.h>

#include "net/answer.h"
#include "net/http.h"
#include "net/tls.h"
#include "x509/name.h"

struct http_client {
    struct http_options options;
    char *authority;                /* host:port of URL and Host header */
    char first_hop[NAME_HOST_SIZE]; /* who is connected to: the proxy, or the host */
    int first_hop_port;
    CURL *easy;
    CURLM *multi; /* holds the kept connection; NULL: none */
    struct curl_slist *connect_to;
    struct curl_slist *addresses; /* of first_hop; NULL: to be looked up, or an IP literal */
    struct tls_identity identity;
    struct tls_handshake handshake;
    /* Of the request under way: */
    const struct http_request *request;
    struct answer answer;
    struct deadline until; /* of connecting, then of the request */
    bool sent;
    bool sent_twice; /* libcurl wanted to send it again, which was refused */
};

/* Appends a copy of `text`; false when it is NULL or memory ran out. */
bool http_client_append(struct curl_slist **list, const char *text);

#endif
