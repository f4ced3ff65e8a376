/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP proxy: where it is, and the CONNECT that opens a tunnel through it (RFC 9110 §9.3.6). */
#include "net/proxy.h"

#include <string.h>

#include "base/mem.h"

bool proxy_split_url(const char *url, char ret_host[NAME_HOST_SIZE], int *ret_port) {
    static const char scheme[] = "http://";
    if (strncmp(url, scheme, sizeof scheme - 1) != 0)
        return false;
    const char *rest = url + sizeof scheme - 1;
    size_t length = strlen(rest);
    if (length > 0 && rest[length - 1] == '/')
        length--;
    auto_text char *endpoint = mem_strndup(rest, length);
    return endpoint != NULL && name_split_endpoint(endpoint, 80, ret_host, ret_port);
}

bool proxy_write_connect(const struct http_proxy *proxy, const char *host, int port, struct buf *out) {
    auto_text char *target =
        strchr(host, ':') != NULL ? mem_printf("[%s]:%d", host, port) : mem_printf("%s:%d", host, port);
    if (target == NULL)
        return false;
    buf_printf(out, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", target, target);
    if (proxy->username != NULL) {
        auto_secret struct secret *basic = http_basic("Basic", proxy->username, proxy->password);
        if (basic == NULL)
            return false;
        buf_printf(out, "Proxy-Authorization: %s\r\n", secret_reveal(basic));
    }
    buf_add_text(out, "\r\n");
    return !out->failed;
}

enum proxy_answer proxy_read_answer(const char *bytes, size_t length, int *ret_status) {
    static const char start[] = "HTTP/1.";
    size_t known = length < sizeof start - 1 ? length : sizeof start - 1;
    *ret_status = 0;
    if (memcmp(bytes, start, known) != 0)
        return PROXY_GARBAGE;
    const char *end = memmem(bytes, length, "\r\n\r\n", 4);
    if (end == NULL)
        return length < PROXY_ANSWER_MAX ? PROXY_MORE : PROXY_GARBAGE;
    /* "HTTP/1.1 200": the head is complete, so these twelve bytes may be looked at if it is that long. */
    const char *digits = bytes + 9;
    if (end - bytes < 12 || bytes[8] != ' ' || strspn(digits, "0123456789") < 3)
        return PROXY_GARBAGE;
    *ret_status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
    if (*ret_status / 100 != 2)
        return PROXY_REFUSED;
    /* A TLS server waits for the client: bytes after the head are not from one. */
    return end + 4 == bytes + length ? PROXY_OPEN : PROXY_GARBAGE;
}
