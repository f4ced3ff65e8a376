/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP/1.1 answer as it comes in: keeps what is asked for, bounds it, and knows whether it is whole. */
#include "net/answer.h"

#include <ctype.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/clean.h"

enum { VALUE_MAX = 8192, RETRY_AFTER_MAX_S = 7 * 86400 };

void answer_init(struct answer *answer, struct http_response *response, size_t body_limit) {
    *answer = (struct answer){.response = response, .body_limit = body_limit, .content_length = -1};
}

static bool refuse(struct answer *answer, const char *fault) {
    if (answer->fault == NULL)
        answer->fault = fault;
    return false;
}

static bool replace(struct answer *answer, char **slot, char *value) {
    mem_free(*slot);
    *slot = value;
    return value != NULL || refuse(answer, "no memory was left for it");
}

static bool take_content_type(struct answer *answer, const char *value, size_t length) {
    const char *end = memchr(value, ';', length);
    char *type = clean_text(value, end == NULL ? length : (size_t)(end - value), VALUE_MAX);
    for (char *at = type; at != NULL && *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    return replace(answer, &answer->response->content_type, type);
}

static bool take_location(struct answer *answer, const char *value, size_t length) {
    return replace(answer, &answer->response->location, clean_text(value, length, VALUE_MAX));
}

static bool take_xsrf_token(struct answer *answer, const char *value, size_t length) {
    return replace(answer, &answer->response->xsrf_token, clean_text(value, length, VALUE_MAX));
}

/* The manager's session cookie comes first; a load balancer in front may add its own. */
static bool take_set_cookie(struct answer *answer, const char *value, size_t length) {
    if (answer->response->set_cookie != NULL)
        return true;
    const char *end = memchr(value, ';', length);
    return replace(answer, &answer->response->set_cookie,
                   clean_text(value, end == NULL ? length : (size_t)(end - value), VALUE_MAX));
}

static bool take_content_length(struct answer *answer, const char *value, size_t length) {
    long long number = 0;
    if (length == 0 || length > 18)
        return refuse(answer, "its Content-Length is no number");
    for (size_t i = 0; i < length; i++) {
        if (value[i] < '0' || value[i] > '9')
            return refuse(answer, "its Content-Length is no number");
        number = number * 10 + (value[i] - '0');
    }
    if (answer->content_length >= 0 && answer->content_length != number)
        return refuse(answer, "it has two different Content-Lengths");
    answer->content_length = number;
    return true;
}

static bool take_transfer_encoding(struct answer *answer, const char *value, size_t length) {
    answer->chunked = length == 7 && strncasecmp(value, "chunked", 7) == 0;
    return answer->chunked || refuse(answer, "its Transfer-Encoding is not known");
}

static bool take_content_encoding(struct answer *answer, const char *value, size_t length) {
    return length == 0 || (length == 8 && strncasecmp(value, "identity", 8) == 0) ||
           refuse(answer, "its body is compressed, which was not asked for");
}

/* Seconds, or a date (RFC 9110 §10.2.3); anything else is as if it were not there. */
static bool take_retry_after(struct answer *answer, const char *value, size_t length) {
    char text[64];
    if (length == 0 || length >= sizeof text)
        return true;
    memcpy(text, value, length);
    text[length] = '\0';
    long long seconds = -1;
    struct tm parts = {0};
    if (strspn(text, "0123456789") == length) {
        seconds = length > 9 ? RETRY_AFTER_MAX_S : strtoll(text, NULL, 10);
    } else {
        const char *rest = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        if (rest == NULL || *rest != '\0')
            return true;
        long long until = timegm(&parts);
        seconds = until - clock_now();
    }
    answer->response->retry_after_s = seconds < 0 ? 0 : seconds > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (long)seconds;
    return true;
}

static const struct {
    const char *name;
    bool (*take)(struct answer *answer, const char *value, size_t length);
} fields[] = {
    {"Content-Type", take_content_type},
    {"Location", take_location},
    {"Set-Cookie", take_set_cookie},
    {"X-XSRF-TOKEN", take_xsrf_token},
    {"Content-Length", take_content_length},
    {"Transfer-Encoding", take_transfer_encoding},
    {"Content-Encoding", take_content_encoding},
    {"Retry-After", take_retry_after},
};

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t';
}

static bool take_field(struct answer *answer, const char *line, size_t length) {
    const char *colon = memchr(line, ':', length);
    if (colon == NULL || colon == line || is_blank(line[0]) || is_blank(colon[-1]))
        return refuse(answer, "its head has a line that is no header field");
    size_t name_length = (size_t)(colon - line);
    const char *value = colon + 1;
    const char *end = line + length;
    while (value < end && is_blank(*value))
        value++;
    while (end > value && is_blank(end[-1]))
        end--;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strlen(fields[i].name) == name_length && strncasecmp(fields[i].name, line, name_length) == 0)
            return fields[i].take(answer, value, (size_t)(end - value));
    return true;
}

/* "HTTP/1.1 200 OK": the words after the number mean nothing. */
static bool take_status_line(struct answer *answer, const char *line, size_t length) {
    if (length < 12 || memcmp(line, "HTTP/1.", 7) != 0 || line[8] != ' ' || (length > 12 && line[12] != ' '))
        return refuse(answer, "it is not HTTP/1.1");
    int status = 0;
    for (size_t i = 9; i < 12; i++) {
        if (line[i] < '0' || line[i] > '9')
            return refuse(answer, "its status is no number");
        status = status * 10 + (line[i] - '0');
    }
    if (status < 100 || status == 101)
        return refuse(answer, "its status makes no sense here");
    answer->part = status < 200 ? ANSWER_INTERIM : ANSWER_FIELDS;
    if (status < 200 && ++answer->interim > ANSWER_INTERIM_MAX)
        return refuse(answer, "too many interim answers came before it");
    answer->response->status = status < 200 ? 0 : status;
    return true;
}

static bool end_head(struct answer *answer) {
    if (answer->part == ANSWER_INTERIM) {
        answer->part = ANSWER_STATUS_LINE;
        return true;
    }
    answer->part = ANSWER_BODY;
    if (answer->chunked || answer->content_length < 0 ||
        (unsigned long long)answer->content_length <= answer->body_limit)
        return true;
    answer->too_large = true;
    return refuse(answer, "its body is too large");
}

bool answer_add_line(struct answer *answer, const char *line, size_t length) {
    answer->head_bytes += length;
    if (answer->head_bytes > ANSWER_HEAD_BYTES_MAX || ++answer->lines > ANSWER_LINES_MAX)
        return refuse(answer, "its head is too long");
    if (length == 0 || line[length - 1] != '\n')
        return refuse(answer, "its head is cut");
    length -= length > 1 && line[length - 2] == '\r' ? 2 : 1;
    if (memchr(line, '\0', length) != NULL || memchr(line, '\r', length) != NULL)
        return refuse(answer, "its head holds a control character");
    if (answer->part == ANSWER_BODY)
        return true; /* a trailer: nothing in it is asked for */
    if (answer->part == ANSWER_STATUS_LINE)
        return take_status_line(answer, line, length);
    if (length == 0)
        return end_head(answer);
    return answer->part == ANSWER_INTERIM || take_field(answer, line, length);
}

bool answer_add_body(struct answer *answer, const char *bytes, size_t length) {
    struct buf *body = &answer->response->body;
    if (answer->part != ANSWER_BODY)
        return refuse(answer, "its body came before its head ended");
    if (length > answer->body_limit - body->length) {
        answer->too_large = true;
        return refuse(answer, "its body is too large");
    }
    return buf_add(body, bytes, length) || refuse(answer, "no memory was left for it");
}

bool answer_finish(struct answer *answer, bool closed) {
    if (answer->fault != NULL)
        return false;
    if (answer->head_bytes == 0)
        return refuse(answer, "it is empty");
    if (answer->part != ANSWER_BODY)
        return refuse(answer, "its head is cut");
    if (answer->chunked || answer->response->status == 204 || answer->response->status == 304)
        return true;
    if (answer->content_length < 0)
        return closed || refuse(answer, "its body is cut");
    return (unsigned long long)answer->content_length == answer->response->body.length ||
           refuse(answer, "its body is not as long as its Content-Length says");
}

void http_response_done(struct http_response *response) {
    buf_done(&response->body);
    mem_free(response->content_type);
    mem_free(response->location);
    mem_free(response->set_cookie);
    mem_free(response->xsrf_token);
    mem_free(response->reason);
    X509_free(response->presented);
    *response = (struct http_response){.retry_after_s = -1};
}
