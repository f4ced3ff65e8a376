/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of json/schema_store. Every embedded document must compile: this is what refuses an unsupported keyword.
 */
#include "json/schema_store.h"

#include <string.h>

#include "unit.h"
#include "json/get.h"
#include "json/pointer.h"
#include "json/read.h"
#include "json/schema.h"

static const char *const files[] = {
    "common.schema.json",   "generate.schema.json", "inspect.schema.json", "import.schema.json",
    "register.schema.json", "verify.schema.json",   "result.schema.json",
};
enum { FILE_COUNT = sizeof files / sizeof files[0], FIRST_REQUEST = 1, REQUESTS_END = 6 };

START_TEST(test_text_is_the_file) {
    char path[512];
    char content[65536];
    snprintf(path, sizeof path, "%s/%s", NSXCERT_SCHEMA_DIR, files[_i]);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    size_t size = fread(content, 1, sizeof content, file), length = 0;
    fclose(file);
    const char *text = schema_store_text(files[_i], &length);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(length, size);
    ck_assert_mem_eq(text, content, size);
    ck_assert_int_eq(text[length], '\0');
}
END_TEST

/* The store builds its trees without the scan. */
START_TEST(test_file_is_read_strictly) {
    size_t length = 0;
    const char *text = schema_store_text(files[_i], &length);
    auto_json json_t *value = NULL;
    struct json_fault fault = {0};
    ck_assert_msg(json_read(text, length, &json_limits_request, &value, &fault), "%s:%zu:%zu %s", files[_i], fault.line,
                  fault.column, fault.reason);
}
END_TEST

START_TEST(test_unknown_file) {
    size_t length = 7;
    auto_error struct error err = {0};
    ck_assert_ptr_null(schema_store_text("none.schema.json", &length));
    ck_assert_uint_eq(length, 7);
    ck_assert_ptr_null(schema_store_document("none.schema.json", &err));
    ck_assert_int_eq(err.code, ERROR_INTERNAL);
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

START_TEST(test_examples_are_valid) {
    auto_error struct error err = {0};
    auto_json json_t *document = schema_store_document(files[_i], &err);
    auto_schema struct schema *schema = schema_compile(document, &err);
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
    auto_json json_t *document = schema_store_document(context, &err);
    auto_schema struct schema *schema = document == NULL ? NULL : schema_compile(document, &err);
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
    tcase_add_loop_test(tests, test_text_is_the_file, 0, FILE_COUNT);
    tcase_add_loop_test(tests, test_file_is_read_strictly, 0, FILE_COUNT);
    tcase_add_test(tests, test_unknown_file);
    tcase_add_loop_test(tests, test_document_is_self_contained_and_compiles, 0, FILE_COUNT);
    tcase_add_test(tests, test_only_what_is_reached_is_merged);
    tcase_add_loop_test(tests, test_examples_are_valid, FIRST_REQUEST, REQUESTS_END);
    tcase_add_test(tests, test_without_memory);
}

int main(void) {
    return unit_run_tests("schema_store", add);
}
