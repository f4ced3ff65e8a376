# SPDX-License-Identifier: Apache-2.0
"""Mutated requests get the same verdict from nsxcert and from python-jsonschema; LONG=1 makes the short run long."""
import copy
import json
import os
import random

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from suite_data import ROOT

OPERATIONS = sorted(
    path.name.removesuffix(".schema.json")
    for path in (ROOT / "schema").glob("*.schema.json")
    if path.name not in ("common.schema.json", "result.schema.json")
)
COUNT_LONG = 20000
COUNT = COUNT_LONG if os.environ.get("LONG") else 700
SCALARS = [None, True, False, 0, 1, -1, 1.0, 1.5, 10**6, 2**53, "", "x", "a b", "é" * 70, "x" * 300, [], {}, [[]], {"a": 1}]


def load(name):
    return json.loads((ROOT / "schema" / name).read_text("utf-8"))


def places(value, found=None):
    """Every container in `value`."""
    found = [] if found is None else found
    if isinstance(value, (dict, list)):
        found.append(value)
        for below in value.values() if isinstance(value, dict) else value:
            places(below, found)
    return found


def words(value, found):
    """Member names and texts of the schema: what a mutation may put somewhere else."""
    if isinstance(value, dict):
        for name, below in value.items():
            found.add(name)
            words(below, found)
    elif isinstance(value, list):
        for below in value:
            words(below, found)
    return found


def mutate(request, names, stock, dice):
    request = copy.deepcopy(request)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        place = dice.choice(places(request))
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        kind = dice.choice(("drop", "rename", "replace", "replace", "swap", "extend"))
        value = copy.deepcopy(dice.choice(stock))
        if kind == "extend" or not keys:
            if isinstance(place, dict):
                place[dice.choice(names)] = value
            else:
                place.append(copy.deepcopy(dice.choice(place)) if place and dice.random() < 0.5 else value)
            continue
        key = dice.choice(keys)
        if kind == "drop":
            del place[key]
        elif kind == "rename" and isinstance(place, dict):
            place[dice.choice(names)] = place.pop(key)
        elif kind == "swap" and isinstance(place[key], str):
            place[key] = place[key][::-1] if dice.random() < 0.5 else place[key] + dice.choice("/ :.-{}é0aZ")
        else:
            place[key] = value
    return request


@pytest.fixture(scope="module")
def registry():
    common = load("common.schema.json")
    return Registry().with_resource("common.schema.json", Resource.from_contents(common))


def examples(schema, found):
    """Every `examples` entry, at any depth, as material for mutations."""
    if isinstance(schema, dict):
        found.extend(schema["examples"] if isinstance(schema.get("examples"), list) else [])
        for below in schema.values():
            examples(below, found)
    elif isinstance(schema, list):
        for below in schema:
            examples(below, found)
    return found


def compare(operation, count, driver, registry):
    schema, common = load(f"{operation}.schema.json"), load("common.schema.json")
    validator = Draft202012Validator(schema, registry=registry)
    names = sorted(words([schema["properties"], schema.get("$defs", {}), common["$defs"]], set()))
    stock = SCALARS + examples([schema.get("$defs", {}), common["$defs"]], [])
    dice = random.Random(f"{operation} {count}")
    requests = [*schema["examples"]]
    requests += [mutate(dice.choice(schema["examples"]), names, stock, dice) for _ in range(count)]
    answers = driver(["check", f"{operation}.schema.json"], [json.dumps(request).encode() for request in requests])
    ours = [json.loads(answer) == [] for answer in answers]
    theirs = [validator.is_valid(request) for request in requests]
    assert all(ours[: len(schema["examples"])])
    rows = zip(requests, answers, ours, theirs, strict=True)
    differ = [(request, answer) for request, answer, mine, other in rows if mine != other]
    assert not differ, f"{len(differ)} of {len(requests)}; the first: {json.dumps(differ[0][0])}: {differ[0][1]}"
    share = sum(ours) / len(ours)
    assert 0.02 < share < 0.9, f"{share:.0%} valid: the mutations test only one side"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_verdicts_agree(operation, driver, registry):
    compare(operation, COUNT, driver, registry)


@pytest.mark.long
@pytest.mark.parametrize("operation", OPERATIONS)
def test_verdicts_agree_long(operation, driver, registry):
    compare(operation, COUNT_LONG, driver, registry)
