/* SPDX-License-Identifier: Apache-2.0 */
/* Names a certificate can carry or an endpoint can have: DNS names, IP addresses, SAN sets, host[:port]. */
#include "x509/name.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/mem.h"

enum { LABEL_MAX = 63, NAME_MAX_LENGTH = 253, PORT_MAX = 65535 };

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static char lower(char c) {
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool is_letter_or_digit(char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

bool name_parse_ip(const char *text, char ret_canonical[NAME_IP_SIZE]) {
    unsigned char address[16];
    int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    if (inet_pton(family, text, address) != 1)
        return false;
    char canonical[NAME_IP_SIZE];
    if (inet_ntop(family, address, canonical, sizeof canonical) == NULL)
        return false;
    memcpy(ret_canonical, canonical, sizeof canonical);
    return true;
}

static const char *label_fault(const char *label, size_t length) {
    if (length == 0)
        return "it has an empty label";
    if (length > LABEL_MAX)
        return "a label is longer than 63 characters";
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)label[i] >= 0x80)
            return "it has characters outside ASCII; use the A-label (xn--…)";
        if (label[i] == '_')
            return "host names have no underscore (RFC 1123)";
        if (!is_letter_or_digit(label[i]) && label[i] != '-')
            return "only letters, digits, hyphens and dots are allowed (RFC 1123)";
    }
    if (label[0] == '-' || label[length - 1] == '-')
        return "a label begins or ends with a hyphen";
    return NULL;
}

static bool all_digits(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!is_digit(text[i]))
            return false;
    return true;
}

/* Why `text` (without a final dot, `length` long) is no DNS name; NULL if it is one. */
static const char *dns_fault(const char *text, size_t length, bool wildcard) {
    if (length == 0)
        return "it is empty";
    if (length > NAME_MAX_LENGTH)
        return "it is longer than 253 characters";
    const char *label = text;
    const char *end = text + length;
    if (length >= 2 && strncmp(text, "*.", 2) == 0) {
        if (!wildcard)
            return "a wildcard is not allowed here";
        label = text + 2;
        if (memchr(label, '.', (size_t)(end - label)) == NULL)
            return "a wildcard for a whole top-level domain is accepted by no client";
    }
    for (;;) {
        const char *dot = memchr(label, '.', (size_t)(end - label));
        size_t label_length = (size_t)((dot != NULL ? dot : end) - label);
        const char *fault = label_fault(label, label_length);
        if (fault != NULL)
            return fault;
        if (dot == NULL)
            return all_digits(label, label_length) ? "its last label is a number: it is an address or a mistyped one"
                                                   : NULL;
        label = dot + 1;
    }
}

static size_t length_without_dot(const char *text) {
    size_t length = strlen(text);
    return length > 1 && text[length - 1] == '.' ? length - 1 : length;
}

static void copy_lower(char *into, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        into[i] = lower(text[i]);
    into[length] = '\0';
}

bool name_parse_dns(const char *text, bool wildcard, char ret_canonical[NAME_HOST_SIZE]) {
    size_t length = length_without_dot(text);
    if (dns_fault(text, length, wildcard) != NULL)
        return false;
    copy_lower(ret_canonical, text, length);
    return true;
}

/* Index of the first item not less than `text`. */
static size_t set_position(char *const *items, size_t count, const char *text) {
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (strcmp(items[middle], text) < 0)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

static bool set_has(char *const *items, size_t count, const char *text) {
    size_t at = set_position(items, count, text);
    return at < count && strcmp(items[at], text) == 0;
}

static bool set_add(char ***items, size_t *count, const char *text, struct error *err) {
    if (set_has(*items, *count, text))
        return true;
    size_t at = set_position(*items, *count, text);
    char **grown = *items;
    if ((*count & (*count - 1)) == 0) { /* 0 or a power of two: full */
        grown = mem_realloc(*items, (*count == 0 ? 1 : *count * 2) * sizeof *grown);
        if (grown == NULL)
            return error_set(err, ERROR_OUT_OF_MEMORY, "No memory was left for the names of a certificate.");
        *items = grown;
    }
    char *copy = mem_strdup(text);
    if (copy == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "No memory was left for the names of a certificate.");
    memmove(grown + at + 1, grown + at, (*count - at) * sizeof *grown);
    grown[at] = copy;
    (*count)++;
    return true;
}

static bool refuse(const char *text, const char *kind, const char *fault, struct error *err) {
    return error_set(err, ERROR_INVALID_VALUE, "\"%.300s\" is not %s: %s.", text, kind, fault);
}

bool san_add_dns(struct san *san, const char *text, struct error *err) {
    char name[NAME_HOST_SIZE];
    char ip[NAME_IP_SIZE];
    if (name_parse_ip(text, ip))
        return refuse(text, "a DNS name", "it is an IP address", err);
    const char *fault = dns_fault(text, length_without_dot(text), true);
    if (fault != NULL)
        return refuse(text, "a DNS name", fault, err);
    copy_lower(name, text, length_without_dot(text));
    return set_add(&san->dns, &san->dns_count, name, err);
}

bool san_add_ip(struct san *san, const char *text, struct error *err) {
    char ip[NAME_IP_SIZE];
    if (!name_parse_ip(text, ip))
        return refuse(text, "an IP address",
                      strchr(text, '%') != NULL ? "an address with a zone means nothing outside this machine"
                      : strchr(text, '/') != NULL
                          ? "it is a network"
                          : "neither IPv4 (four numbers up to 255 without leading zeros) nor IPv6",
                      err);
    return set_add(&san->ip, &san->ip_count, ip, err);
}

bool san_add_host(struct san *san, const char *text, struct error *err) {
    char ip[NAME_IP_SIZE];
    return name_parse_ip(text, ip) || strchr(text, ':') != NULL ? san_add_ip(san, text, err)
                                                                : san_add_dns(san, text, err);
}

bool san_add_raw_dns(struct san *san, const char *text, struct error *err) {
    auto_text char *name = mem_strdup(text);
    if (name == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "No memory was left for the names of a certificate.");
    copy_lower(name, text, strlen(text));
    return set_add(&san->dns, &san->dns_count, name, err);
}

bool san_has_dns(const struct san *san, const char *text) {
    return set_has(san->dns, san->dns_count, text);
}

bool san_has_ip(const struct san *san, const char *text) {
    return set_has(san->ip, san->ip_count, text);
}

bool san_covers(const struct san *san, const char *host) {
    char name[NAME_HOST_SIZE];
    if (name_parse_ip(host, name))
        return san_has_ip(san, name);
    if (!name_parse_dns(host, false, name))
        return false;
    if (san_has_dns(san, name))
        return true;
    const char *dot = strchr(name, '.');
    char wildcard[NAME_HOST_SIZE + 1];
    if (dot == NULL || strchr(dot + 1, '.') == NULL)
        return false;
    snprintf(wildcard, sizeof wildcard, "*%s", dot);
    return san_has_dns(san, wildcard);
}

void san_done(struct san *san) {
    for (size_t i = 0; i < san->dns_count; i++)
        mem_free(san->dns[i]);
    for (size_t i = 0; i < san->ip_count; i++)
        mem_free(san->ip[i]);
    mem_free(san->dns);
    mem_free(san->ip);
    *san = (struct san){0};
}

/* ":443" → 443; 0 if it is no port. */
static int parse_port(const char *text) {
    size_t length = strlen(text);
    if (length < 2 || length > 6 || text[0] != ':' || text[1] == '0' || !all_digits(text + 1, length - 1))
        return 0;
    int port = 0;
    for (const char *digit = text + 1; *digit != '\0'; digit++)
        port = port * 10 + (*digit - '0');
    return port <= PORT_MAX ? port : 0;
}

static bool parse_host(const char *text, char ret_host[NAME_HOST_SIZE]) {
    char ip[NAME_IP_SIZE];
    if (!name_parse_ip(text, ip))
        return name_parse_dns(text, false, ret_host);
    memcpy(ret_host, ip, sizeof ip);
    return true;
}

bool name_split_endpoint(const char *text, int default_port, char ret_host[NAME_HOST_SIZE], int *ret_port) {
    char part[NAME_HOST_SIZE];
    char host[NAME_HOST_SIZE];
    bool bracketed = text[0] == '[';
    const char *start = text + bracketed;
    const char *end = bracketed ? strchr(start, ']') : strchr(start, ':');
    if (bracketed && end == NULL)
        return false;
    bool bare_v6 = !bracketed && end != NULL && strchr(end + 1, ':') != NULL;
    size_t length = end == NULL || bare_v6 ? strlen(start) : (size_t)(end - start);
    if (length >= sizeof part)
        return false;
    memcpy(part, start, length);
    part[length] = '\0';
    const char *rest = start + length + bracketed;
    int port = *rest == '\0' ? default_port : parse_port(rest);
    /* Brackets are for IPv6 alone. */
    if (port == 0 || (bracketed && strchr(part, ':') == NULL) || !parse_host(part, host))
        return false;
    memcpy(ret_host, host, sizeof host);
    *ret_port = port;
    return true;
}
