/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a tree that is known to be valid, or is a manager's answer: typed, never failing, borrowed. */
#include "json/get.h"

#include <string.h>

#include "base/mem.h"

json_t *get_any(const json_t *object, const char *name) {
    json_t *value = json_object_get(object, name);
    return json_is_null(value) ? NULL : value;
}

json_t *get_object(const json_t *object, const char *name) {
    json_t *value = json_object_get(object, name);
    return json_is_object(value) ? value : NULL;
}

json_t *get_array(const json_t *object, const char *name) {
    json_t *value = json_object_get(object, name);
    return json_is_array(value) ? value : NULL;
}

const char *get_text(const json_t *object, const char *name, const char *fallback) {
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? fallback : text;
}

long long get_integer(const json_t *object, const char *name, long long fallback) {
    const json_t *value = json_object_get(object, name);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool get_flag(const json_t *object, const char *name, bool fallback) {
    const json_t *value = json_object_get(object, name);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

/* Certificates and file names may hold bytes that are no UTF-8; a result must be written all the same. */
static json_t *text_without_high_bytes(const char *text) {
    auto_text char *copy = mem_strdup(text);
    if (copy == NULL)
        return NULL;
    for (char *at = copy; *at != '\0'; at++)
        if ((*at & 0x80) != 0)
            *at = '?';
    return json_string(copy);
}

static json_t *text_value(const char *text) {
    json_t *value = json_string(text);
    return value != NULL ? value : text_without_high_bytes(text);
}

void put_take(json_t *object, const char *name, json_t *value) {
    json_object_set_new(object, name, value == NULL ? json_null() : value);
}

void put_text(json_t *object, const char *name, const char *text) {
    put_take(object, name, text == NULL ? NULL : text_value(text));
}

void put_integer(json_t *object, const char *name, long long number) {
    put_take(object, name, json_integer(number));
}

void put_flag(json_t *object, const char *name, bool flag) {
    put_take(object, name, json_boolean(flag));
}

void put_null(json_t *object, const char *name) {
    put_take(object, name, NULL);
}

void push_take(json_t *array, json_t *value) {
    if (value != NULL)
        json_array_append_new(array, value);
}

void push_text(json_t *array, const char *text) {
    push_take(array, text_value(text));
}
