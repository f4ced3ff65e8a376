/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of json/schema_store: what is embedded is whole, and what checking uses of it says the same. */
#include "json/schema_store.h"

#include <string.h>

#include "unit.h"
#include "json/get.h"
#include "json/pointer.h"
#include "json/problem.h"
#include "json/read.h"
#include "json/schema.h"

static const char *const files[] = {
    "generate.schema.json", "inspect.schema.json", "import.schema.json", "register.schema.json", "verify.schema.json",
};
enum { FILE_COUNT = sizeof files / sizeof files[0] };

/* The store builds its trees without the scan. */
START_TEST(test_text_is_the_document) {
    auto_error struct error err = {0};
    const char *text = schema_store_text(files[_i]);
    ck_assert_ptr_nonnull(text);
    ck_assert(strlen(text) > 1000 && text[strlen(text) - 1] == '\n');
    auto_json json_t *value = NULL;
    struct json_fault fault = {0};
    ck_assert_msg(json_read(text, strlen(text), &json_limits_request, &value, &fault), "%s:%zu:%zu %s", files[_i],
                  fault.line, fault.column, fault.reason);
    auto_json json_t *document = schema_store_document(files[_i], &err);
    ck_assert(json_equal(value, document));
    ck_assert_str_eq(get_text(document, "$id", ""), files[_i]);
}
END_TEST

START_TEST(test_unknown_file) {
    auto_error struct error err = {0}, other = {0};
    ck_assert_ptr_null(schema_store_text("none.schema.json"));
    ck_assert_ptr_null(schema_store_document("none.schema.json", &err));
    ck_assert_int_eq(err.code, ERROR_INTERNAL);
    ck_assert_ptr_null(schema_store_rules("none.schema.json", &other));
    ck_assert_int_eq(other.code, ERROR_INTERNAL);
}
END_TEST

/* Every reference is local and leads somewhere. */
static void assert_local(json_t *root, json_t *value) {
    size_t i;
    const char *name;
    json_t *below;
    json_array_foreach(value, i, below) {
        assert_local(root, below);
    }
    json_object_foreach(value, name, below) {
        if (strcmp(name, "$ref") == 0 && json_is_string(below)) {
            const char *reference = json_string_value(below);
            ck_assert_msg(reference[0] == '#', "%s", reference);
            ck_assert_msg(pointer_follow(root, reference + 1) != NULL, "%s", reference);
        }
        assert_local(root, below);
    }
}

START_TEST(test_document_is_self_contained_and_compiles) {
    auto_error struct error err = {0};
    auto_json json_t *document = schema_store_document(files[_i], &err);
    ck_assert_msg(document != NULL, "%s", err.problem.detail);
    assert_local(document, document);
    auto_schema struct schema *schema = schema_compile(document, &err);
    ck_assert_msg(schema != NULL, "%s: %s", files[_i], err.problem.detail);
}
END_TEST

START_TEST(test_only_what_is_reached_is_merged) {
    auto_error struct error err = {0};
    auto_json json_t *document = schema_store_document("generate.schema.json", &err);
    json_t *definitions = get_object(document, "$defs");
    ck_assert_ptr_nonnull(get_object(definitions, "secret_source"));
    ck_assert_ptr_nonnull(get_object(definitions, "env_name"));
    ck_assert_ptr_nonnull(get_object(definitions, "generate_parameters"));
    ck_assert_ptr_null(get_object(definitions, "manager"));
}
END_TEST

/* The two schemas of an operation and what each says of the values tried. */
struct pair {
    struct schema *full, *rules;
    size_t tried, refused;
};

static json_t *verdict(const struct schema *schema, const json_t *request) {
    auto_json json_t *value = json_deep_copy(request);
    auto_problems struct problems findings = {0};
    bool valid = schema_check(schema, value, &findings);
    json_t *told = json_object();
    put_flag(told, "valid", valid);
    put_take(told, "findings", json_from_problems(&findings));
    put_take(told, "filled", json_incref(value));
    return told;
}

static void assert_alike(struct pair *pair, const json_t *request) {
    auto_json json_t *full = verdict(pair->full, request), *rules = verdict(pair->rules, request);
    auto_text char *one = json_dumps(full, 0), *other = json_dumps(rules, 0);
    ck_assert_str_eq(one, other);
    pair->tried++;
    pair->refused += !get_flag(full, "valid", true);
}

static json_t *another_value(size_t which) {
    static const char *const texts[] = {
        "null",           "true",          "0", "-1", "2.5", "1000000", "\"\"", "\"x y/\"", "\"x\"", "[]", "{}",
        "[\"x\", \"x\"]", "{\"file\": 1}",
    };
    return which < sizeof texts / sizeof texts[0] ? json_loads(texts[which], JSON_DECODE_ANY, NULL) : NULL;
}

/* Tries `request` with `place` of it, a container, changed in every simple way. */
static void change_everywhere(struct pair *pair, json_t *request, json_t *place) {
    size_t i;
    const char *name;
    json_t *below;
    auto_json json_t *before = json_copy(place);
    json_array_foreach(before, i, below) {
        json_t *other;
        for (size_t which = 0; (other = another_value(which)) != NULL; which++) {
            json_array_set_new(place, i, other);
            assert_alike(pair, request);
        }
        json_array_set(place, i, below);
        change_everywhere(pair, request, below);
    }
    json_object_foreach(before, name, below) {
        json_t *other;
        for (size_t which = 0; (other = another_value(which)) != NULL; which++) {
            json_object_set_new(place, name, other);
            assert_alike(pair, request);
        }
        json_object_del(place, name);
        assert_alike(pair, request);
        put_flag(place, "of_no_schema", true);
        assert_alike(pair, request);
        json_object_del(place, "of_no_schema");
        json_object_set(place, name, below);
        change_everywhere(pair, request, below);
    }
}

START_TEST(test_rules_say_what_the_document_says) {
    auto_error struct error err = {0};
    auto_json json_t *document = schema_store_document(files[_i], &err);
    auto_json json_t *rules = schema_store_rules(files[_i], &err);
    auto_schema struct schema *full_schema = schema_compile(document, &err);
    auto_schema struct schema *rules_schema = schema_compile(rules, &err);
    ck_assert_msg(full_schema != NULL && rules_schema != NULL, "%s", err.problem.detail);
    ck_assert_ptr_null(json_object_get(rules, "examples"));
    ck_assert_str_eq(get_text(rules, "title", "none"), get_text(document, "title", ""));
    struct pair pair = {.full = full_schema, .rules = rules_schema};
    size_t i;
    json_t *example;
    json_array_foreach(get_array(document, "examples"), i, example) {
        auto_json json_t *request = json_deep_copy(example);
        assert_alike(&pair, request);
        change_everywhere(&pair, request, request);
    }
    ck_assert_uint_gt(pair.tried, 200);
    ck_assert_uint_gt(pair.refused, pair.tried / 2);
}
END_TEST

START_TEST(test_examples_are_valid) {
    auto_error struct error err = {0};
    auto_json json_t *document = schema_store_document(files[_i], &err);
    auto_json json_t *rules = schema_store_rules(files[_i], &err);
    auto_schema struct schema *schema = schema_compile(rules, &err);
    json_t *examples = get_array(document, "examples");
    ck_assert_uint_gt(json_array_size(examples), 0);
    for (size_t i = 0; i < json_array_size(examples); i++) {
        auto_problems struct problems findings = {0};
        auto_json json_t *request = json_deep_copy(json_array_get(examples, i));
        bool valid = schema_check(schema, request, &findings);
        ck_assert_msg(valid, "%s example %zu: %s", files[_i], i, valid ? "" : findings.items[0].detail);
        ck_assert(get_integer(request, "deadline_seconds", 0) > 0);
        auto_json json_t *again = json_deep_copy(request);
        ck_assert_msg(schema_check(schema, again, &findings), "defaults made it invalid");
        ck_assert(json_equal(again, request));
    }
}
END_TEST

static bool load_and_compile(void *context) {
    auto_error struct error err = {0};
    auto_json json_t *rules = schema_store_rules(context, &err);
    auto_schema struct schema *schema = rules == NULL ? NULL : schema_compile(rules, &err);
    ck_assert(schema != NULL || err.code == ERROR_OUT_OF_MEMORY);
    return schema != NULL;
}

START_TEST(test_without_memory) {
    char file[] = "inspect.schema.json";
    json_library_init();
    unit_starve(load_and_compile, file, true);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_loop_test(tests, test_text_is_the_document, 0, FILE_COUNT);
    tcase_add_test(tests, test_unknown_file);
    tcase_add_loop_test(tests, test_document_is_self_contained_and_compiles, 0, FILE_COUNT);
    tcase_add_test(tests, test_only_what_is_reached_is_merged);
    tcase_add_loop_test(tests, test_examples_are_valid, 0, FILE_COUNT);
    tcase_add_loop_test(tests, test_rules_say_what_the_document_says, 0, FILE_COUNT);
    tcase_add_test(tests, test_without_memory);
}

int main(void) {
    return unit_run_tests("schema_store", add);
}
