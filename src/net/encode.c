/* SPDX-License-Identifier: Apache-2.0 */
/* Values as HTTP carries them: credentials in base64, query values in percent encoding. */
#include <openssl/evp.h>
#include <string.h>

#include "base/mem.h"
#include "net/encode.h"
#include "net/http.h"

static struct secret *join(const char *scheme, const char *plain, size_t length) {
    size_t encoded_size = (length + 2) / 3 * 4 + 1;
    size_t scheme_length = strlen(scheme);
    char *value = mem_alloc(scheme_length + 1 + encoded_size);
    if (value == NULL)
        return NULL;
    memcpy(value, scheme, scheme_length);
    value[scheme_length] = ' ';
    int encoded =
        EVP_EncodeBlock((unsigned char *)value + scheme_length + 1, (const unsigned char *)plain, (int)length);
    struct secret *secret = secret_new(value, scheme_length + 1 + (size_t)encoded, false);
    mem_free(value);
    return secret;
}

struct secret *http_basic(const char *scheme, const char *username, const struct secret *password) {
    size_t user_length = strlen(username);
    size_t password_length = password == NULL ? 0 : secret_length(password);
    char *plain = mem_alloc(user_length + 1 + password_length);
    if (plain == NULL)
        return NULL;
    memcpy(plain, username, user_length);
    plain[user_length] = ':';
    if (password_length > 0)
        memcpy(plain + user_length + 1, secret_reveal(password), password_length);
    struct secret *secret = join(scheme, plain, user_length + 1 + password_length);
    mem_free(plain);
    return secret;
}

char *http_encode(const char *text) {
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char hex[] = "0123456789ABCDEF";
    char *encoded = mem_alloc(strlen(text) * 3 + 1);
    if (encoded == NULL)
        return NULL;
    char *end = encoded;
    for (; *text != '\0'; text++) {
        if (strchr(unreserved, *text) != NULL) {
            *end++ = *text;
            continue;
        }
        *end++ = '%';
        *end++ = hex[(unsigned char)*text >> 4];
        *end++ = hex[(unsigned char)*text & 15];
    }
    *end = '\0';
    return encoded;
}

static bool is_visible(const char *text) {
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text >= 0x7F)
            return false;
    return true;
}

static bool is_value(const char *text) {
    for (; text != NULL && *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return false;
    return true;
}

static bool is_secret_value(const struct secret *secret) {
    return secret == NULL || is_value(secret_reveal(secret));
}

bool encode_is_clean(const struct http_request *request) {
    return request->path[0] == '/' && is_visible(request->path) && is_value(request->content_type) &&
           is_secret_value(request->authorization) && is_secret_value(request->cookie) &&
           is_secret_value(request->xsrf_token);
}
