/* SPDX-License-Identifier: Apache-2.0 */
/* Names and endpoints: what is accepted is in canonical form, so that reading it again changes nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "entry.h"
#include "x509/name.h"

static void check_endpoint(const char *text) {
    char host[NAME_HOST_SIZE];
    char again[NAME_HOST_SIZE];
    int port;
    int again_port;
    if (!name_split_endpoint(text, 443, host, &port))
        return;
    if (port < 1 || port > 65535 || !name_split_endpoint(host, port, again, &again_port) || strcmp(host, again) != 0 ||
        port != again_port)
        abort();
}

static void check_host(const char *text) {
    auto_error struct error err = {0};
    auto_san struct san san = {0};
    char host[NAME_HOST_SIZE];
    if (!san_add_host(&san, text, &err))
        return;
    if (san.dns_count + san.ip_count != 1)
        abort();
    const char *canonical = san.dns_count == 1 ? san.dns[0] : san.ip[0];
    if (!san_add_host(&san, canonical, &err) || san.dns_count + san.ip_count != 1)
        abort();
    if (name_parse_dns(text, false, host) && !san_covers(&san, host))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    auto_text char *text = mem_strndup((const char *)data, size);
    check_endpoint(text);
    check_host(text);
    return 0;
}
