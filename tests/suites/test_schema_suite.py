# SPDX-License-Identifier: Apache-2.0
"""JSON-Schema-Test-Suite, draft 2020-12, for every keyword that is supported; left_out.txt says what is not and why."""
import json

from suite_data import table

# One file a keyword; the keywords of src/json/schema_keywords.def that the suite has tests for.
FILES = """additionalProperties boolean_schema const default defs enum format if-then-else infinite-loop-detection items
    maxItems maxLength maxProperties maximum minItems minLength minProperties minimum oneOf pattern properties ref
    required type uniqueItems""".split()


def cases(suites):
    """Each test as (name, schema, value, valid)."""
    for file in FILES:
        for group in json.loads((suites / f"json-schema/tests/draft2020-12/{file}.json").read_text("utf-8")):
            for test in group["tests"]:
                yield f"{file} / {group['description']} / {test['description']}", group["schema"], test["data"], test["valid"]


def left_out(name, rows):
    """The key of left_out.txt that names this test: the file and group, or the test itself."""
    return next((key for key in rows if name == key or name.startswith(key + " / ")), None)


def test_verdicts_are_those_of_the_suite(suites, driver):
    tests = list(cases(suites))
    assert len(tests) > 600
    frames = [json.dumps(part).encode() for _, schema, value, _ in tests for part in (schema, value)]
    answers = driver(["schema"], frames)
    rows = table("left_out.txt")
    right, wrong = set(), {}
    for (name, _, _, valid), answer in zip(tests, answers, strict=True):
        if answer.split()[0] == ("valid" if valid else "invalid"):
            right.add(name)
        else:
            wrong[name] = answer
    unexpected = {name: answer for name, answer in wrong.items() if left_out(name, rows) is None}
    assert not unexpected
    assert all(answer.startswith("refused ") for answer in wrong.values()), "left out, but a verdict is wrong"
    assert set(rows) == {left_out(name, rows) for name in wrong}, "left_out.txt names what does not exist or passes"
    assert not {name for name in right if left_out(name, rows)}, "left_out.txt names tests that pass"
    assert len(right) >= 570
