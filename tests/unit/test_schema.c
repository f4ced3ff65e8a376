/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of json/schema: what is refused at compiling, findings, defaults, secrets. Verdicts alone: tests/suites.
 */
#include "json/schema.h"

#include <string.h>

#include "base/buf.h"
#include "unit.h"
#include "json/pointer.h"
#include "json/read.h"

static struct schema *compile(const char *text) {
    auto_json json_t *document = unit_json(text);
    auto_error struct error err = {0};
    struct schema *schema = schema_compile(document, &err);
    if (schema == NULL)
        ck_abort_msg("%s", err.problem.detail);
    return schema;
}

/* The findings, one a line: "code pointer: detail > remedy" (the remedy only where it is not the table's). */
static char *check(const char *schema_text, const char *value_text) {
    auto_schema struct schema *schema = compile(schema_text);
    auto_json json_t *value = unit_json(value_text);
    auto_problems struct problems findings = {0};
    bool valid = schema_check(schema, value, &findings);
    ck_assert(valid == (findings.count == 0));
    auto_buf struct buf out;
    buf_init(&out, 0);
    for (size_t i = 0; i < findings.count; i++) {
        const struct problem *item = &findings.items[i];
        buf_printf(&out, "%s%s %s: %s", i == 0 ? "" : "\n", item->code, item->pointer, item->detail);
        if (strcmp(item->remedy, error_info(error_code_from_name(item->code))->remedy) != 0)
            buf_printf(&out, " > %s", item->remedy);
    }
    return mem_strdup(buf_text(&out));
}

/* ---- compiling ---- */

static const struct {
    const char *schema, *place;
} refused[] = {
    {"{'patternProperties': {}}", "/patternProperties"},
    {"{'allOf': []}", "/allOf"},
    {"{'else': {}}", "/else"},
    {"{'properties': {'a': {'not': {}}}}", "/properties/a/not"},
    {"{'items': {'minimun': 1}}", "/items/minimun"},
    {"{'$defs': {'a': {'anyOf': [{}]}}}", "/$defs/a/anyOf"},
    {"{'oneOf': [{}, {'multipleOf': 2}]}", "/oneOf/1/multipleOf"},
    {"{'if': {'x': 1}, 'then': {}}", "/if/x"},
    {"{'additionalProperties': {'x': 1}}", "/additionalProperties/x"},
    {"{'type': 'text'}", "/type"},
    {"{'type': []}", "/type"},
    {"{'type': ['string', 'text']}", "/type"},
    {"{'type': 1}", "/type"},
    {"{'enum': []}", "/enum"},
    {"{'required': 'a'}", "/required"},
    {"{'required': [1]}", "/required"},
    {"{'minLength': -1}", "/minLength"},
    {"{'maxItems': 1.5}", "/maxItems"},
    {"{'maxItems': 1e300}", "/maxItems"},
    {"{'maxProperties': '1'}", "/maxProperties"},
    {"{'minimum': '1'}", "/minimum"},
    {"{'uniqueItems': 1}", "/uniqueItems"},
    {"{'properties': []}", "/properties"},
    {"{'properties': {'a': 1}}", "/properties/a"},
    {"{'$defs': 1}", "/$defs"},
    {"{'oneOf': []}", "/oneOf"},
    {"{'oneOf': {}}", "/oneOf"},
    {"{'items': 1}", "/items"},
    {"{'pattern': 1}", "/pattern"},
    {"{'pattern': '('}", "/pattern"},
    {"{'pattern': '\\\\d'}", "/pattern"},
    {"{'pattern': 'a\\\\'}", "/pattern"},
    {"{'pattern': '(a)\\\\1'}", "/pattern"},
    {"{'pattern': '(?:a)'}", "/pattern"},
    {"{'pattern': '[[:digit:]]'}", "/pattern"},
    {"{'pattern': '[\\\\.]'}", "/pattern"},
    {"{'pattern': '[]a]'}", "/pattern"},
    {"{'pattern': '[^'}", "/pattern"},
    {"{'$ref': 1}", "/$ref"},
    {"{'$ref': 'common.schema.json#/$defs/a'}", "common.schema.json#/$defs/a"},
    {"{'$ref': '#anchor'}", "#anchor"},
    {"{'$ref': '#/$defs/none'}", "#/$defs/none"},
    {"{'$ref': '#/title', 'title': 'x'}", "#/title"},
    {"[]", ""},
};

START_TEST(test_compile_refuses) {
    auto_json json_t *document = unit_json(refused[_i].schema);
    auto_error struct error err = {0};
    ck_assert_ptr_null(schema_compile(document, &err));
    ck_assert_int_eq(err.code, ERROR_INTERNAL);
    auto_text char *place = mem_printf("at \"%s\"", refused[_i].place);
    ck_assert_msg(strstr(err.problem.detail, place) != NULL, "%s: %s", refused[_i].schema, err.problem.detail);
}
END_TEST

START_TEST(test_annotations_are_taken) {
    auto_text char *found =
        check("{'$schema': 'x', '$id': 'y', '$comment': '', 'title': '', 'description': '', 'examples': [],"
              "'deprecated': true, 'readOnly': true, 'format': 'uri', 'default': 1, 'writeOnly': false}",
              "'anything'");
    ck_assert_str_eq(found, "");
}
END_TEST

/* ---- findings ---- */

#define OBJECT "'type': 'object', 'additionalProperties': false, "
#define SOURCE                                                                                               \
    "{'oneOf': [{'title': 'The text', 'type': 'string', 'minLength': 1}, "                                   \
    "{'title': 'From a file', " OBJECT "'required': ['file'], 'properties': {'file': {'type': 'string'}}}, " \
    "{'title': 'From a variable', " OBJECT "'required': ['env'], 'properties': {'env': {'type': 'string'}}}]}"
#define KEY                                                                                                     \
    "{'oneOf': [{" OBJECT                                                                                       \
    "'required': ['type', 'bits'], 'properties': {'type': {'const': 'rsa'}, 'bits': {'enum': [2048, 4096]}}}, " \
    "{" OBJECT                                                                                                  \
    "'required': ['type', 'curve'], 'properties': {'type': {'const': 'ec'}, 'curve': {'enum': ['P-256']}}}]}"

static const struct {
    const char *schema, *value, *findings;
} rows[] = {
    {"true", "1", ""},
    {"false", "1", "invalid-value : expected nothing here, found 1"},
    {"{'type': 'integer', 'minimum': 1, 'maximum': 3650}", "'abc'",
     "invalid-value : expected an integer from 1 to 3650, found \"abc\""},
    {"{'type': 'integer', 'minimum': 1, 'maximum': 3650}", "0",
     "invalid-value : expected an integer from 1 to 3650, found 0"},
    {"{'minimum': 1}", "0.5", "invalid-value : expected a number of at least 1, found 0.5"},
    {"{'maximum': 1}", "2", "invalid-value : expected a number of at most 1, found 2"},
    {"{'type': 'integer'}", "1.0", ""},
    {"{'type': 'integer'}", "1.5", "invalid-value : expected an integer, found 1.5"},
    {"{'type': ['string', 'null']}", "true", "invalid-value : expected a string or null, found true"},
    {"{'type': ['number', 'boolean']}", "null", "invalid-value : expected a number or true or false, found null"},
    {"{'type': 'object'}", "[]", "invalid-value : expected an object, found an empty array"},
    {"{'type': 'array'}", "{'a': 1}", "invalid-value : expected an array, found an object"},
    {"{'type': 'null'}", "false", "invalid-value : expected null, found false"},
    {"{'const': 'import'}", "'x'", "invalid-value : expected \"import\", found \"x\""},
    {"{'const': {}}", "[1]", "invalid-value : expected an empty object, found an array"},
    {"{'enum': ['sha256', 'sha384', null, [1]]}", "'SHA-256'",
     "invalid-value : expected one of \"sha256\", \"sha384\", null and an array, found \"SHA-256\" > Use \"sha256\"."},
    {"{'enum': [1]}", "'x'", "invalid-value : expected 1, found \"x\""},
    {"{'minLength': 2, 'maxLength': 2}", "'\xC3\xA9'", "invalid-value : expected a string of 2 characters, found 1"},
    {"{'minLength': 2, 'maxLength': 2}", "'\xC3\xA9\xE2\x82\xAC'", ""},
    {"{'minLength': 2}", "''", "invalid-value : expected a string of at least 2 characters, found 0"},
    {"{'maxLength': 1}", "'ab'", "invalid-value : expected a string of at most 1 character, found 2"},
    {"{'minItems': 1, 'maxItems': 3}", "[]", "invalid-value : expected an array of 1 to 3 items, found 0"},
    {"{'minProperties': 1}", "{}", "invalid-value : expected an object of at least 1 member, found 0"},
    {"{'maxProperties': 0}", "{'a': 1}", "invalid-value : expected an object of at most 0 members, found 1"},
    {"{'uniqueItems': true}", "[1, 'a', {'x': 1, 'y': [2]}, 3, {'y': [2.0], 'x': 1.0}]",
     "invalid-value : expected items that all differ, found items 2 and 4 to be equal"},
    {"{'uniqueItems': true, 'items': {'type': 'integer'}}", "[1, 'a', 2]",
     "invalid-value /1: expected an integer, found \"a\""},
    {"{'pattern': '^a+$'}", "'b'", "invalid-value : expected a string that matches ^a+$, found \"b\""},
    {"{'pattern': 'a', 'title': 'Name'}", "'b'", "invalid-value : expected the form of \"Name\", found \"b\""},
    {"{'pattern': '^[^a]*(b|c)$'}", "1", ""},
    {"{'pattern': 'a', 'title': 'Name', 'description': 'With an a.'}", "'b'",
     "invalid-value : expected the form of \"Name\", found \"b\". With an a."},
    {"{" OBJECT "'required': ['name'], 'properties': {'name': {'title': 'Name'}}}", "{'nmae': 1}",
     "missing-member /name: the member \"name\" (Name) is missing > Add \"name\".\n"
     "unknown-member /nmae: \"nmae\" is not known here, did you mean \"name\"? > Write \"name\" in place of \"nmae\"."},
    {"{" OBJECT "'properties': {'name': {}}}", "{'name': 1, 'nmae': 1}",
     "unknown-member /nmae: \"nmae\" is not known here > Remove \"nmae\"."},
    /* at the wrong place */
    {"{" OBJECT "'required': ['a', 'c'], 'properties': {'a': {}, 'c': {" OBJECT "'properties': {}}}}",
     "{'c': {'a': 1, 'b': 2}}",
     "missing-member /a: the member \"a\" is missing > Add \"a\".\n"
     "unknown-member /c/a: \"a\" is not known here > Move it from /c/a to /a.\n"
     "unknown-member /c/b: \"b\" is not known here > Remove \"b\"."},
    {"{" OBJECT "'properties': {'c': {" OBJECT "'required': ['a'], 'properties': {'a': {}}}}}", "{'a': 1, 'c': {}}",
     "unknown-member /a: \"a\" is not known here > Move it from /a to /c/a.\n"
     "missing-member /c/a: the member \"a\" is missing > Add \"a\"."},
    {"{'additionalProperties': false}", "{'a/b': 1}",
     "unknown-member /a~1b: \"a/b\" is not known here > Remove \"a/b\"."},
    {"{'required': ['x']}", "{}", "missing-member /x: the member \"x\" is missing > Add \"x\"."},
    {"{'required': ['x'], 'if': {}, 'then': {'required': ['x']}}", "{}",
     "missing-member /x: the member \"x\" is missing > Add \"x\"."},
    {"{'if': {'required': ['a']}, 'then': {'required': ['b']}}", "{'b': 1}", ""},
    {"{'then': false}", "1", ""},
    {"{'additionalProperties': {'type': 'string'}}", "{'a': 1}", "invalid-value /a: expected a string, found 1"},
    {"{'properties': {'a': {'$ref': '#/$defs/t%7e0x'}}, '$defs': {'t~x': {'type': 'null', 'title': 'T'}}, 'required': ['a']}",
     "{}", "missing-member /a: the member \"a\" (T) is missing > Add \"a\"."},
    {"{'items': {'$ref': '#'}, 'type': 'array'}", "[[[1]]]", "invalid-value /0/0/0: expected an array, found 1"},
    {"{'$ref': '#'}", "1", "invalid-value : nested too deeply"},
    /* a text is cut after 60 characters, and shown without control characters */
    {"{'type': 'null'}", "'123456789012345678901234567890123456789012345678901234567890\xC3\xA9'",
     "invalid-value : expected null, found \"123456789012345678901234567890123456789012345678901234567890…\""},
    {"{'type': 'null'}", "'a\\u0007\\u007f\\n'", "invalid-value : expected null, found \"a???\""},
    /* oneOf: the kind of value decides, then the members, then the fewest findings */
    {SOURCE, "''", "invalid-value : expected a string of at least 1 character, found 0"},
    {SOURCE, "{'file': 1}", "invalid-value /file: expected a string, found 1"},
    {SOURCE, "{'fil': 'x'}",
     "missing-member /file: the member \"file\" is missing > Add \"file\".\n"
     "unknown-member /fil: \"fil\" is not known here, did you mean \"file\"? > Write \"file\" in place of \"fil\"."},
    {SOURCE, "{}",
     "invalid-value : expected exactly one of: The text, From a file (file), From a variable (env); found an empty object"},
    {SOURCE, "7",
     "invalid-value : expected exactly one of: The text, From a file (file), From a variable (env); found 7"},
    {SOURCE, "{'env': 'a', 'file': 'b'}", "unknown-member /env: \"env\" is not known here > Remove \"env\"."},
    {KEY, "{'type': 'ec', 'bits': 2048}",
     "missing-member /curve: the member \"curve\" is missing > Add \"curve\".\n"
     "unknown-member /bits: \"bits\" is not known here > Remove \"bits\"."},
    {KEY, "{'type': 'ec', 'curve': 'P256'}",
     "invalid-value /curve: expected \"P-256\", found \"P256\" > Use \"P-256\"."},
    {KEY, "{'type': 'dsa', 'bits': 2048}", "invalid-value /type: expected \"rsa\", found \"dsa\""},
    {"{'oneOf': [{'type': 'null'}, {'type': ['null', 'string'], 'maxLength': 1}, false]}", "1",
     "invalid-value : expected exactly one of: null, a string or null of at most 1 character, nothing here; found 1"},
    {"{'oneOf': [{'title': 'A', 'required': ['a']}, {'title': 'B', 'required': ['b']}]}", "{'a': 1, 'b': 1}",
     "invalid-value : expected only one of \"A\" and \"B\", found both"},
    {"{'oneOf': [{}, {'title': 'B'}]}", "1", "invalid-value : fits more than one of the forms that are accepted here"},
    {"{'oneOf': [{'$ref': '#/$defs/n'}, {'$ref': '#/$defs/t'}], '$defs': {'n': {'type': 'null', 'title': 'N'}, 't': {'type': 'object', 'required': ['a']}}}",
     "{}", "missing-member /a: the member \"a\" is missing > Add \"a\"."},
    /* secrets are never shown, nor what could have become one */
    {"{'writeOnly': true, 'type': 'object'}", "'hunter2'", "invalid-value : expected an object, found a string"},
    {"{'properties': {'p': {'writeOnly': true, 'items': {'maxLength': 3, 'type': 'string'}}}}", "{'p': [1, 'hunter2']}",
     "invalid-value /p/0: expected a string of at most 3 characters, found a number\n"
     "invalid-value /p/1: expected a string of at most 3 characters, found 7"},
    {"{'type': 'object', 'properties': {'p': {'writeOnly': true}}}", "'hunter2'",
     "invalid-value : expected an object, found a string"},
    {"{'writeOnly': true, 'pattern': '^x'}", "'hunter2'",
     "invalid-value : expected a string that matches ^x, found a string"},
    {"{'writeOnly': true, 'oneOf': [{'type': 'null'}, {'type': 'object'}]}", "true",
     "invalid-value : expected exactly one of: null, an object; found a boolean"},
    {"{'writeOnly': true, 'type': 'string'}", "null", "invalid-value : expected a string, found null"},
};

START_TEST(test_findings) {
    auto_text char *found = check(rows[_i].schema, rows[_i].value);
    ck_assert_msg(strcmp(found, rows[_i].findings) == 0, "%s against %s\nfound    %s\nexpected %s", rows[_i].value,
                  rows[_i].schema, found, rows[_i].findings);
}
END_TEST

START_TEST(test_at_most_fifty_findings) {
    auto_schema struct schema *schema = compile("{'items': {'type': 'null'}}");
    auto_json json_t *value = json_array();
    for (int i = 0; i < 200; i++)
        json_array_append_new(value, json_integer(i));
    auto_problems struct problems findings = {0};
    ck_assert(!schema_check(schema, value, &findings));
    ck_assert_uint_eq(findings.count, SCHEMA_FINDINGS_MAX);
}
END_TEST

START_TEST(test_at_most_fifty_of_any_kind) {
    static const char *const schemas[] = {
        "{'items': {'pattern': '^x'}}",
        "{'items': {'maxLength': 0}}",
        "{'items': {'const': 1}}",
        "{'items': false}",
        "{'items': {'oneOf': [{'type': 'null'}, {'type': 'object'}]}}",
    };
    for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++) {
        auto_schema struct schema *schema = compile(schemas[i]);
        auto_json json_t *value = json_array();
        for (int j = 0; j < 60; j++)
            json_array_append_new(value, json_string("a"));
        auto_problems struct problems findings = {0};
        ck_assert(!schema_check(schema, value, &findings));
        ck_assert_uint_eq(findings.count, SCHEMA_FINDINGS_MAX);
    }
    auto_schema struct schema *schema =
        compile("{'items': {'additionalProperties': false, 'uniqueItems': true, 'required': ['b']}}");
    auto_json json_t *value = json_array();
    for (int j = 0; j < 60; j++)
        json_array_append_new(value, unit_json(j % 2 == 0 ? "{'a': 1}" : "[1, 1]"));
    auto_problems struct problems findings = {0};
    ck_assert(!schema_check(schema, value, &findings));
    ck_assert_uint_eq(findings.count, SCHEMA_FINDINGS_MAX);
}
END_TEST

START_TEST(test_numbers_are_compared_exactly) {
    static const struct {
        const char *schema, *value;
        bool valid;
    } cases[] = {
        {"{'maximum': 9007199254740992.0}", "9007199254740993", false},
        {"{'maximum': 9007199254740993}", "9007199254740992.0", true},
        {"{'minimum': 9007199254740993}", "9007199254740992.0", false},
        {"{'maximum': 1e300}", "9223372036854775807", true},
        {"{'minimum': -1e300}", "-9223372036854775808", true},
        {"{'minimum': 1e300}", "1", false},
        {"{'maximum': 1.5}", "1", true},
        {"{'minimum': 1.5}", "1", false},
        {"{'minimum': -1.5}", "-2", false},
        {"{'const': 1}", "1.0", true},
        {"{'const': 1.5}", "1", false},
        {"{'const': 0.0}", "-0.0", true},
        {"{'const': {'a': [1]}}", "{'a': [1.0]}", true},
        {"{'const': {'a': [1]}}", "{'b': [1]}", false},
        {"{'const': [1]}", "[1, 2]", false},
        {"{'const': [1, 2]}", "[1, 3]", false},
        {"{'const': {'a': 1}}", "{'a': 1, 'b': 2}", false},
        {"{'uniqueItems': true}", "[0.0, -0.0]", false},
        {"{'uniqueItems': true}", "[1, true, '1', [1], {'1': 1}, null, []]", true},
        {"{'uniqueItems': true}", "[{'a': 1, 'b': 2}, {'a': 2, 'b': 1}, [], {}]", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_text char *found = check(cases[i].schema, cases[i].value);
        ck_assert_msg((found[0] == '\0') == cases[i].valid, "%s against %s", cases[i].value, cases[i].schema);
    }
}
END_TEST

START_TEST(test_many_unique_items) {
    auto_schema struct schema *schema = compile("{'uniqueItems': true}");
    auto_json json_t *value = json_array();
    for (int i = 0; i < 200000; i++)
        json_array_append_new(value, json_integer(i));
    auto_problems struct problems findings = {0};
    ck_assert(schema_check(schema, value, &findings));
    json_array_append_new(value, json_real(199999.0));
    ck_assert(!schema_check(schema, value, &findings));
    ck_assert_str_eq(findings.items[0].detail,
                     "expected items that all differ, found items 199999 and 200000 to be equal");
}
END_TEST

/* ---- defaults ---- */

static const struct {
    const char *schema, *value, *filled;
} defaults[] = {
    {"{'properties': {'a': {'default': 1}, 'b': {'default': null}, 'c': {}}}", "{'b': 2}", "{'a': 1, 'b': 2}"},
    {"{'properties': {'o': {'properties': {'a': {'default': 1}}}}}", "{}", "{}"},
    {"{'properties': {'o': {'properties': {'a': {'default': 1}}}}}", "{'o': {}}", "{'o': {'a': 1}}"},
    {"{'properties': {'o': {'default': {}, 'properties': {'a': {'default': 1}}}}}", "{}", "{'o': {'a': 1}}"},
    {"{'properties': {'a': {'$ref': '#/$defs/d'}, 'b': {'$ref': '#/$defs/d', 'default': 2}}, '$defs': {'d': {'default': 1}}}",
     "{}", "{'a': 1, 'b': 2}"},
    {"{'items': {'properties': {'a': {'default': 1}}}}", "[{}, 1, {'a': 2}]", "[{'a': 1}, 1, {'a': 2}]"},
    {"{'additionalProperties': {'properties': {'a': {'default': 1}}}, 'properties': {'x': {}}}", "{'x': {}, 'y': {}}",
     "{'x': {}, 'y': {'a': 1}}"},
    {"{'oneOf': [{'required': ['p'], 'properties': {'a': {'default': 1}}}, {'required': ['q'], 'properties': {'b': {'default': 2}}}]}",
     "{'q': 0}", "{'q': 0, 'b': 2}"},
    {"{'if': {'required': ['k']}, 'then': {'properties': {'a': {'default': 1}}}}", "{'k': 0}", "{'k': 0, 'a': 1}"},
    {"{'if': {'required': ['k']}, 'then': {'properties': {'a': {'default': 1}}}}", "{}", "{}"},
    /* a default changes no verdict: not that of `if`, not the count of members */
    {"{'properties': {'k': {'default': 1}}, 'if': {'required': ['k']}, 'then': {'properties': {'a': {'default': 1}}}}",
     "{}", "{'k': 1}"},
    {"{'properties': {'k': {'default': 1}}, 'maxProperties': 1}", "{'a': 0}", "{'a': 0, 'k': 1}"},
    {"{'properties': {'k': {'default': 1}, 'o': {'$ref': '#'}}}", "{'o': {'o': {}}}",
     "{'k': 1, 'o': {'k': 1, 'o': {'k': 1}}}"},
    {"{'properties': {'k': {'default': 1}}}", "7", "7"},
};

START_TEST(test_defaults) {
    auto_schema struct schema *schema = compile(defaults[_i].schema);
    auto_json json_t *value = unit_json(defaults[_i].value);
    auto_problems struct problems findings = {0};
    ck_assert(schema_check(schema, value, &findings));
    unit_assert_json(value, defaults[_i].filled);
}
END_TEST

START_TEST(test_defaults_are_copies_and_come_with_findings_too) {
    auto_schema struct schema *schema = compile("{'properties': {'a': {'default': [1]}, 'b': {'type': 'null'}}}");
    auto_json json_t *value = unit_json("{'b': 1}"), *other = unit_json("{}");
    auto_problems struct problems findings = {0};
    ck_assert(!schema_check(schema, value, &findings));
    ck_assert(schema_check(schema, other, &findings));
    json_array_clear(json_object_get(value, "a"));
    unit_assert_json(other, "{'a': [1]}");
}
END_TEST

START_TEST(test_default_is_no_substitute_for_a_required_member) {
    auto_text char *found = check("{'properties': {'a': {'default': 1}}, 'required': ['a']}", "{}");
    ck_assert_str_eq(found, "missing-member /a: the member \"a\" is missing > Add \"a\".");
}
END_TEST

/* ---- secrets ---- */

static void note(void *context, const char *pointer, const json_t *text) {
    buf_printf(context, "%s=%s ", pointer, json_string_value(text));
}

#define SECRET \
    "{'oneOf': [{'type': 'string', 'writeOnly': true}, {" OBJECT "'properties': {'env': {'type': 'string'}}}]}"

static const struct {
    const char *schema, *value, *secrets;
} secrets[] = {
    {"{'properties': {'p': {'$ref': '#/$defs/s', 'writeOnly': true}}, '$defs': {'s': " SECRET "}}",
     "{'p': 'x', 'q': 'y'}", "/p=x "},
    {"{'properties': {'p': {'$ref': '#/$defs/s', 'writeOnly': true}}, '$defs': {'s': " SECRET "}}",
     "{'p': {'env': 'X'}}", ""},
    {"{'properties': {'p': {'$ref': '#/$defs/s'}}, '$defs': {'s': " SECRET "}}", "{'p': 'x'}", "/p=x "},
    {"{'properties': {'l': {'items': " SECRET "}}}", "{'l': ['a', {'env': 'X'}, 1, 'b']}", "/l/0=a /l/3=b "},
    {"{'properties': {'l': {'writeOnly': true, 'items': {}}}}", "{'l': ['a', 1, ['b']]}", "/l/0=a "},
    {"{'additionalProperties': {'writeOnly': true}}", "{'x': 'a', 'y': 1}", "/x=a "},
    {"{'if': {'required': ['k']}, 'then': {'properties': {'p': {'writeOnly': true}}}}", "{'k': 1, 'p': 'x'}", "/p=x "},
    {"{'if': {'required': ['k']}, 'then': {'properties': {'p': {'writeOnly': true}}}}", "{'p': 'x'}", ""},
    {"{'oneOf': [{'required': ['a'], 'properties': {'a': {'writeOnly': true}}}, {'required': ['b']}]}", "{'b': 'x'}",
     ""},
    {"{'writeOnly': true}", "'x'", "=x "},
    {"{'properties': {'p': {'type': 'string'}}}", "{'p': 'x'}", ""},
};

START_TEST(test_each_secret) {
    auto_schema struct schema *schema = compile(secrets[_i].schema);
    auto_json json_t *value = unit_json(secrets[_i].value);
    auto_buf struct buf found;
    buf_init(&found, 0);
    schema_each_secret(schema, value, note, &found);
    ck_assert_str_eq(buf_text(&found), secrets[_i].secrets);
}
END_TEST

/* ---- memory ---- */

#define RICH                                                                                                                 \
    "{'properties': {'s': " SOURCE ", 'k': " KEY                                                                             \
    ", 'u': {'uniqueItems': true}, 'd': {'default': {'a': [1]}}, 'n': {'maximum': 3}, "                                      \
    "'p': {'pattern': '^x'}, 't': {'title': 'T', 'pattern': '^x'}, 'e': {'enum': ['abc']}}, 'additionalProperties': false, " \
    "'if': {'required': ['u']}, 'then': {'required': ['k']}}"

static bool compile_starved(void *context) {
    auto_error struct error err = {0};
    auto_schema struct schema *schema = schema_compile(context, &err);
    ck_assert(schema != NULL || err.code == ERROR_OUT_OF_MEMORY);
    return schema != NULL;
}

struct starved {
    struct schema *schema;
    json_t *value;
    size_t findings;
};

static bool check_starved(void *context) {
    struct starved *starved = context;
    auto_json json_t *value = json_deep_copy(starved->value);
    auto_problems struct problems findings = {0};
    if (value == NULL)
        return false;
    bool valid = schema_check(starved->schema, value, &findings);
    return starved->findings == 0 ? valid : !valid && findings.count == starved->findings;
}

START_TEST(test_without_memory) {
    json_library_init();
    auto_json json_t *document = unit_json(RICH);
    unit_starve(compile_starved, document, true);
    auto_schema struct schema *schema = compile(RICH);
    auto_json json_t *good = unit_json("{'s': 'x', 'u': [1, 2], 'k': {'type': 'rsa', 'bits': 2048}}");
    auto_json json_t *bad =
        unit_json("{'s': {}, 'u': [1, 1], 'k': {'type': 'x'}, 'n': 9, 'p': 'y', 't': 'y', 'e': 'abd', 'uu': 1}");
    struct starved valid = {.schema = schema, .value = good}, invalid = {.schema = schema, .value = bad, .findings = 8};
    unit_starve(check_starved, &valid, true);
    unit_starve(check_starved, &invalid, false);
}
END_TEST

START_TEST(test_free_takes_null) {
    schema_free(NULL);
}
END_TEST

static void add(TCase *tests) {
    tcase_add_loop_test(tests, test_compile_refuses, 0, (int)(sizeof refused / sizeof refused[0]));
    tcase_add_test(tests, test_annotations_are_taken);
    tcase_add_loop_test(tests, test_findings, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(tests, test_at_most_fifty_findings);
    tcase_add_test(tests, test_at_most_fifty_of_any_kind);
    tcase_add_test(tests, test_numbers_are_compared_exactly);
    tcase_add_test(tests, test_many_unique_items);
    tcase_add_loop_test(tests, test_defaults, 0, (int)(sizeof defaults / sizeof defaults[0]));
    tcase_add_test(tests, test_defaults_are_copies_and_come_with_findings_too);
    tcase_add_test(tests, test_default_is_no_substitute_for_a_required_member);
    tcase_add_loop_test(tests, test_each_secret, 0, (int)(sizeof secrets / sizeof secrets[0]));
    tcase_add_test(tests, test_without_memory);
    tcase_add_test(tests, test_free_takes_null);
}

int main(void) {
    return unit_run_tests("schema", add);
}
