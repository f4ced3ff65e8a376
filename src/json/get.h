/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a tree that is known to be valid, or is a manager's answer: typed, never failing, borrowed. */
#ifndef JSON_GET_H
#define JSON_GET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* `object` may be NULL or of another type: then the member is absent. Absent or of another type: the fallback. */
const char *get_text(const json_t *object, const char *name, const char *fallback);
long long get_integer(const json_t *object, const char *name, long long fallback);
bool get_flag(const json_t *object, const char *name, bool fallback);

/* Borrowed; NULL when absent, null or of another type. */
json_t *get_object(const json_t *object, const char *name);
json_t *get_array(const json_t *object, const char *name);

/* The member of any type but null; NULL when absent or null. */
json_t *get_any(const json_t *object, const char *name);

/* Setters that take NULL as JSON null and drop silently when memory is exhausted (mem_exhausted() tells). */
void put_text(json_t *object, const char *name, const char *text);
void put_integer(json_t *object, const char *name, long long number);
void put_flag(json_t *object, const char *name, bool flag);
void put_null(json_t *object, const char *name);

/* Takes over `value`; NULL becomes JSON null. */
void put_take(json_t *object, const char *name, json_t *value);

/* Appends a copy of `text` to an array. */
void push_text(json_t *array, const char *text);
/* Takes over `value`; NULL is dropped. */
void push_take(json_t *array, json_t *value);

#endif
