/* SPDX-License-Identifier: Apache-2.0 */
/* Values as JSON Schema sees them: 1 and 1.0 are one number, lengths are counted in code points. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/schema_node.h"

unsigned schema_type_of(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_NULL: return TYPE_NULL;
    case JSON_TRUE:
    case JSON_FALSE: return TYPE_BOOLEAN;
    case JSON_INTEGER: return TYPE_INTEGER;
    case JSON_REAL: return floor(json_real_value(value)) == json_real_value(value) ? TYPE_INTEGER : TYPE_FRACTION;
    case JSON_STRING: return TYPE_STRING;
    case JSON_ARRAY: return TYPE_ARRAY;
    default: return TYPE_OBJECT;
    }
}

/* A 64-bit integer may lie between two doubles, so neither is converted before their whole parts differ. */
static int compare_mixed(json_int_t integer, double real) {
    if (real >= 0x1p63)
        return -1;
    if (real < -0x1p63)
        return 1;
    json_int_t whole = (json_int_t)floor(real);
    if (integer != whole)
        return integer < whole ? -1 : 1;
    return real > floor(real) ? -1 : 0;
}

int schema_compare(const json_t *a, const json_t *b) {
    if (json_is_integer(a) && json_is_integer(b)) {
        json_int_t x = json_integer_value(a), y = json_integer_value(b);
        return (x > y) - (x < y);
    }
    if (json_is_integer(a))
        return compare_mixed(json_integer_value(a), json_real_value(b));
    if (json_is_integer(b))
        return -compare_mixed(json_integer_value(b), json_real_value(a));
    double x = json_real_value(a), y = json_real_value(b);
    return (x > y) - (x < y);
}

static bool arrays_equal(json_t *a, json_t *b) {
    if (json_array_size(a) != json_array_size(b))
        return false;
    for (size_t i = 0; i < json_array_size(a); i++)
        if (!schema_equal(json_array_get(a, i), json_array_get(b, i)))
            return false;
    return true;
}

static bool objects_equal(json_t *a, json_t *b) {
    const char *name;
    json_t *value;
    if (json_object_size(a) != json_object_size(b))
        return false;
    json_object_foreach(a, name, value) {
        json_t *other = json_object_get(b, name);
        if (other == NULL || !schema_equal(value, other))
            return false;
    }
    return true;
}

bool schema_equal(json_t *a, json_t *b) {
    if (json_is_number(a) && json_is_number(b))
        return schema_compare(a, b) == 0;
    if (json_typeof(a) != json_typeof(b))
        return false;
    if (json_is_array(a))
        return arrays_equal(a, b);
    if (json_is_object(a))
        return objects_equal(a, b);
    return json_equal(a, b) != 0;
}

size_t schema_text_length(const json_t *text) {
    const char *bytes = json_string_value(text);
    size_t count = 0;
    for (size_t i = 0; i < json_string_length(text); i++)
        count += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    return count;
}

/* FNV-1a. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001B3);
    return hash;
}

/* Equal values have equal hashes, whatever the order of their members. */
static uint64_t hash_value(json_t *value) {
    json_type type = json_is_real(value) ? JSON_INTEGER : json_typeof(value);
    uint64_t hash = hash_bytes(UINT64_C(0xCBF29CE484222325), &type, sizeof type);
    if (json_is_string(value))
        return hash_bytes(hash, json_string_value(value), json_string_length(value));
    if (json_is_number(value)) {
        double number = json_number_value(value) + 0.0; /* -0.0 becomes 0.0 */
        return hash_bytes(hash, &number, sizeof number);
    }
    size_t i;
    const char *name;
    json_t *below;
    json_array_foreach(value, i, below) {
        uint64_t part = hash_value(below);
        hash = hash_bytes(hash, &part, sizeof part);
    }
    json_object_foreach(value, name, below) {
        hash += hash_bytes(hash_value(below), name, strlen(name));
    }
    return hash;
}

struct hashed {
    uint64_t hash;
    size_t index;
};

static int order_hashed(const void *a, const void *b) {
    const struct hashed *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

bool schema_find_twins(json_t *array, size_t *ret_first, size_t *ret_second, bool *ret_failed) {
    size_t count = json_array_size(array);
    struct hashed *items = mem_calloc(count, sizeof *items);
    *ret_failed = items == NULL;
    if (items == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        items[i] = (struct hashed){.hash = hash_value(json_array_get(array, i)), .index = i};
    qsort(items, count, sizeof *items, order_hashed);
    bool found = false;
    for (size_t i = 0; !found && i < count; i++) {
        for (size_t j = i + 1; !found && j < count && items[j].hash == items[i].hash; j++) {
            found = schema_equal(json_array_get(array, items[i].index), json_array_get(array, items[j].index));
            *ret_first = items[i].index;
            *ret_second = items[j].index;
        }
    }
    mem_free(items);
    return found;
}
