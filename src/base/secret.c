/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that must not leak: wiped when freed, never formatted, compared in constant time. */
#include "base/secret.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { HIDDEN_LEAST = 6 }; /* what is shorter is part of too many words */

struct secret {
    char *bytes;
    size_t length;
    struct secret *next, *before; /* of those that are alive */
};
static struct secret *alive;

/* Values already taken out of the environment: a request may name one variable twice. */
struct taken {
    char *name;
    struct secret *value;
    struct taken *next;
};
static struct taken *taken_list;

struct secret *secret_new(const char *bytes, size_t length, bool drop_newline) {
    if (drop_newline && length > 0 && bytes[length - 1] == '\n')
        length -= length > 1 && bytes[length - 2] == '\r' ? 2 : 1;
    struct secret *secret = mem_calloc(1, sizeof *secret);
    char *copy = mem_strndup(bytes, length);
    if (secret == NULL || copy == NULL) {
        mem_free(copy);
        mem_free(secret);
        return NULL;
    }
    *secret = (struct secret){.bytes = copy, .length = length, .next = alive};
    if (alive != NULL)
        alive->before = secret;
    alive = secret;
    return secret;
}

void secret_free(struct secret *secret) {
    if (secret == NULL)
        return;
    if (secret->next != NULL)
        secret->next->before = secret->before;
    *(secret->before != NULL ? &secret->before->next : &alive) = secret->next;
    mem_free(secret->bytes);
    mem_free(secret);
}

char *secret_mask(char *at, size_t length) {
    static const char mark[] = "***";
    char *after = at + sizeof mark - 1;
    memcpy(at, mark, sizeof mark - 1);
    memmove(after, at + length, strlen(at + length) + 1);
    return after;
}

static void hide(char *text, const char *secret, size_t length) {
    for (char *at = text; (at = memmem(at, strlen(at), secret, length)) != NULL;)
        at = secret_mask(at, length);
}

void secret_hide(char *text) {
    for (const struct secret *secret = alive; secret != NULL; secret = secret->next)
        for (const char *line = secret->bytes; *line != '\0'; line += strspn(line, "\r\n")) {
            size_t length = strcspn(line, "\r\n");
            if (length >= HIDDEN_LEAST)
                hide(text, line, length);
            line += length;
        }
}

const char *secret_reveal(const struct secret *secret) {
    return secret->bytes;
}

size_t secret_length(const struct secret *secret) {
    return secret->length;
}

const struct secret *secret_from_environment(const char *name) {
    for (struct taken *item = taken_list; item != NULL; item = item->next)
        if (strcmp(item->name, name) == 0)
            return item->value;
    char *value = getenv(name);
    if (value == NULL || *value == '\0')
        return NULL;
    struct taken *item = mem_calloc(1, sizeof *item);
    char *name_copy = mem_strdup(name);
    struct secret *secret = secret_new(value, strlen(value), true);
    if (item == NULL || name_copy == NULL || secret == NULL) {
        mem_free(item);
        mem_free(name_copy);
        secret_free(secret);
        return NULL;
    }
    *item = (struct taken){name_copy, secret, taken_list};
    taken_list = item;
    /* In place, so that /proc/PID/environ no longer shows it. */
    OPENSSL_cleanse(value, strlen(value));
    unsetenv(name);
    return secret;
}

void secret_forget_environment(void) {
    while (taken_list != NULL) {
        struct taken *item = taken_list;
        taken_list = item->next;
        mem_free(item->name);
        secret_free(item->value);
        mem_free(item);
    }
}
