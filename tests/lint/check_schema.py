#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the files of schema/ to the rules the program's own checker relies on.

Run alone it prints one line a finding and exits 1, or nothing and 0; pytest runs test_schema().
Needs jsonschema (the version is in the test requirements).
"""
import json
import pathlib
import re
import sys

from jsonschema import Draft7Validator, Draft202012Validator
from jsonschema.exceptions import SchemaError

SCHEMA_DIR = pathlib.Path(__file__).resolve().parents[2] / "schema"
COMMON = "common.schema.json"
RESULT = "result.schema.json"
OPERATIONS = ("generate", "inspect", "import", "register", "verify")
DEADLINES = {"generate": 1800, "inspect": 60, "import": 1800, "register": 1800, "verify": 60}

ANNOTATIONS = {"title", "description", "examples", "default", "writeOnly", "readOnly", "deprecated", "$comment", "format"}
ASSERTIONS = {
    "type", "const", "enum", "properties", "required", "additionalProperties", "items", "minItems", "maxItems",
    "uniqueItems", "minLength", "maxLength", "pattern", "minimum", "maximum", "minProperties", "maxProperties",
    "oneOf", "if", "then",
}
KEYWORDS = ANNOTATIONS | ASSERTIONS | {"$schema", "$id", "$ref", "$defs"}
BESIDE_REF = {"$ref", "title", "description", "examples", "default", "writeOnly"}
SECRETS = {"password", "token", "private_key", "client_key", "passphrase"}
# Rules between members: operation, which example, members set by pointer (None removes), does it hold then?
RULES = (
    ("generate", 0, {"/parameters/common_name": None}, False),
    ("generate", 1, {"/parameters/certificate_path": None}, False),
    ("generate", 2, {"/parameters/issuer": None}, False),
    ("generate", 3, {"/parameters/certificate_path": None}, True),
    ("generate", 0, {"/parameters/key": {"type": "ec", "bits": 2048}}, False),
    ("generate", 0, {"/manager": {"address": "192.0.2.10"}}, False),
    ("inspect", 0, {"/parameters/endpoint": "192.0.2.10"}, False),
    ("inspect", 0, {"/parameters/certificate": None}, False),
    ("import", 0, {"/manager/auth": None}, False),
    ("register", 0, {"/manager/auth": None}, False),
    ("import", 0, {"/manager/auth/token": "t"}, False),
    ("import", 0, {"/manager/tls": {"insecure": True}}, True),
    ("import", 0, {"/manager/tls": {"insecure": True, "ca": ["PEM"]}}, False),
    ("import", 0, {"/manager/tls": {"insecure": False, "ca": ["PEM"]}}, True),
    ("import", 0, {"/manager/proxy": None}, True),
    ("import", 0, {"/manager/proxy": {"url": "http://proxy.example.com", "password": "p"}}, False),
    ("import", 0, {"/parameters/certificate": {"certificate_id": "a"}}, False),
    ("verify", 0, {"/manager": None}, False),
    ("verify", 2, {"/manager": {"address": "nsx.example.com"}}, True),
    ("verify", 2, {"/parameters/endpoints": []}, False),
)
# Escapes and groups that POSIX ERE and ECMA 262 read differently, and a bracket that starts with ].
NOT_COMMON = re.compile(r"\\|\(\?|[*+?}]\?|\[\^?\]|\[\[[:.=]")


def no_duplicates(pairs):
    """Builds an object, refusing a name that stands twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice in one object: " + ", ".join(name for name, _ in pairs))
    return members


def load(name):
    return json.loads((SCHEMA_DIR / name).read_text(encoding="utf-8"), object_pairs_hook=no_duplicates)


def strip_file_names(node):
    """Turns references to the common file into local ones, as the program does when it merges."""
    if isinstance(node, dict):
        return {k: v.replace(COMMON + "#", "#") if k == "$ref" and isinstance(v, str) else strip_file_names(v)
                for k, v in node.items()}
    if isinstance(node, list):
        return [strip_file_names(v) for v in node]
    return node


def bundle(document, common):
    """One self-contained document: the file's own definitions and the common ones."""
    whole = strip_file_names(document)
    whole["$defs"] = {**common["$defs"], **whole.get("$defs", {})}
    return whole


def subschemas(schema):
    """Yields (keyword, path part, subschema) for everything below a schema, one level."""
    for keyword in ("properties", "$defs"):
        for name, sub in schema.get(keyword, {}).items():
            yield keyword, f"/{keyword}/{name}", sub
    for index, sub in enumerate(schema.get("oneOf", [])):
        yield "oneOf", f"/oneOf/{index}", sub
    for keyword in ("items", "if", "then"):
        if keyword in schema:
            yield keyword, f"/{keyword}", schema[keyword]


class Check:
    """Walks one bundled document and collects findings."""

    def __init__(self, name, document, request):
        self.name, self.document, self.request = name, document, request
        self.findings = []

    def say(self, path, text):
        self.findings.append(f"{self.name}#{path}: {text}")

    def resolve(self, schema):
        """The schema with what it refers to, nearer annotations winning."""
        seen = []
        while "$ref" in schema:
            ref = schema["$ref"]
            target = self.document["$defs"].get(ref.removeprefix("#/$defs/"))
            if not ref.startswith("#/$defs/") or target is None or ref in seen:
                return None
            seen.append(ref)
            schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
        return schema

    def valid(self, schema, value):
        """The first reason why value does not hold by one of the two drafts, or None."""
        whole = {**schema, "$defs": self.document["$defs"]}
        whole.pop("$id", None)
        for draft in (Draft202012Validator, Draft7Validator):
            for error in draft(whole).iter_errors(value):
                return f"{error.message} ({draft.__name__})"
        return None

    def run(self):
        for draft in (Draft202012Validator, Draft7Validator):
            try:
                draft.check_schema(self.document)
            except SchemaError as error:
                self.say("", f"not a schema by {draft.__name__}: {error.message}")
                return self.findings
        self.check_references("", self.document)
        if not self.findings:
            self.walk("", self.document, "root", False)
        return self.findings

    def check_references(self, path, schema):
        """Before anything is validated: a reference that leads nowhere would end the run."""
        if self.resolve(schema) is None:
            self.say(path, f"$ref {schema['$ref']} leads nowhere")
        for _, part, sub in subschemas(schema):
            self.check_references(path + part, sub)

    def walk(self, path, schema, role, in_rule):
        """in_rule: below an if or then, where a schema only adds to what stands elsewhere."""
        if not isinstance(schema, dict):
            self.say(path, "a subschema must be an object")
            return
        self.check_keywords(path, schema)
        self.check_shape(path, schema, in_rule)
        self.check_values(path, schema)
        if role in ("properties", "$defs", "root") and not in_rule:
            self.check_texts(path, schema)
        if role == "properties" and not in_rule:
            self.check_secret(path, schema)
        for keyword, part, sub in subschemas(schema):
            self.walk(path + part, sub, keyword, in_rule or keyword in ("if", "then"))

    def check_keywords(self, path, schema):
        for keyword in schema.keys() - KEYWORDS:
            self.say(path, f"keyword {keyword} is not one our checker knows")
        if path and schema.keys() & {"$schema", "$id", "$defs"}:
            self.say(path, "$schema, $id and $defs belong at the top")
        if "$ref" in schema:
            for keyword in schema.keys() - BESIDE_REF - {"$comment"}:
                self.say(path, f"{keyword} beside $ref: draft-07 would ignore it")
        if isinstance(schema.get("items"), list):
            self.say(path, "items must be one schema")
        if ("if" in schema) != ("then" in schema):
            self.say(path, "if and then go together")
        if "pattern" in schema and NOT_COMMON.search(schema["pattern"]):
            self.say(path, f"pattern {schema['pattern']} may not mean the same in POSIX ERE and ECMA 262")
        if len(schema.get("enum", [1])) == 0 or len(schema.get("oneOf", [1, 1])) < 2:
            self.say(path, "an empty enum, or a oneOf of fewer than two")

    def check_shape(self, path, schema, in_rule):
        if in_rule:
            return
        types = schema.get("type", [])
        is_object = "object" in ([types] if isinstance(types, str) else types)
        if "properties" in schema and not is_object:
            self.say(path, "has properties but does not say type object")
        if self.request and is_object and schema.get("additionalProperties") is not False:
            self.say(path, "an object of a request says additionalProperties: false")
        if not self.request and schema.get("additionalProperties", False) is not False:
            self.say(path, "additionalProperties is false or left out")
        if is_object:
            for name in set(schema.get("required", [])) - schema.get("properties", {}).keys():
                self.say(path, f"requires {name}, which it does not describe")
        for keyword, bound in (("string", "maxLength"), ("array", "maxItems")):
            if self.request and schema.get("type") == keyword and not schema.keys() & {bound, "enum", "const", "pattern"}:
                self.say(path, f"an unbounded {keyword} in a request")
        if "oneOf" in schema:
            self.check_branches(path, schema["oneOf"])

    def check_branches(self, path, branches):
        """Each branch is known by its JSON type, or by a required member no other branch requires."""
        resolved = [self.resolve(b) or {} for b in branches]
        for index, branch in enumerate(resolved):
            others = resolved[:index] + resolved[index + 1:]
            alike = [o for o in others if o.get("type") == branch.get("type")]
            taken = {name for o in alike for name in o.get("required", [])}
            first = branch.get("required", [None])[0]
            if alike and (first is None or first in taken):
                self.say(f"{path}/oneOf/{index}", "cannot be told from another branch by type or first required member")

    def check_values(self, path, schema):
        for index, example in enumerate(schema.get("examples", [])):
            reason = self.valid(schema, example)
            if reason:
                self.say(f"{path}/examples/{index}", reason)
        if "default" in schema:
            reason = self.valid(schema, schema["default"])
            if reason:
                self.say(f"{path}/default", reason)

    def check_texts(self, path, schema):
        effective = self.resolve(schema) or {}
        wanted = ("title", "description") if path == "" and self.name == COMMON else ("title", "description", "examples")
        for keyword in wanted:
            if not effective.get(keyword):
                self.say(path, f"no {keyword}")
        if not str(effective.get("description", ".")).endswith((".", ")")):
            self.say(path, "description is not a sentence")

    def check_secret(self, path, schema):
        name = path.rsplit("/", 1)[1]
        if self.request and (name in SECRETS) != (schema.get("writeOnly") is True):
            self.say(path, "writeOnly marks the secrets, all of them and nothing else")
        if self.request and name in SECRETS and schema.get("$ref") != "#/$defs/secret_source":
            self.say(path, "a secret is a secret_source")


def check_common(common):
    check = Check(COMMON, common, True)
    check.run()
    if check.findings:
        return check.findings
    if common.keys() - {"$schema", "$id", "title", "description", "$defs"}:
        check.say("", "holds nothing but definitions")
    return check.findings


def check_request(operation, document, common):
    name = f"{operation}.schema.json"
    check = Check(name, bundle(document, common), True)
    if check.run():
        return check.findings
    members = document["properties"]
    if list(members)[:3] != ["$schema", "api_version", "operation"] or members["operation"].get("const") != operation:
        check.say("/properties", f"begins with $schema, api_version and operation, which is const {operation}")
    for wanted in ("request_id", "dry_run", "deadline_seconds", "parameters"):
        if wanted not in members:
            check.say("/properties", f"no {wanted}")
    if members.get("deadline_seconds", {}).get("default") != DEADLINES[operation]:
        check.say("/properties/deadline_seconds", f"default is {DEADLINES[operation]}")
    if len(document.get("examples", [])) < 3:
        check.say("/examples", "at least three whole requests")
    for index, example in enumerate(document.get("examples", [])):
        if list(example)[:2] != ["api_version", "operation"]:
            check.say(f"/examples/{index}", "begins with api_version and operation")
    return check.findings


def with_members(example, members):
    """A copy of an example with members set or removed."""
    changed = json.loads(json.dumps(example))
    for pointer, value in members.items():
        *way, last = pointer.split("/")[1:]
        place = changed
        for name in way:
            place = place[name]
        place.pop(last, None)
        if value is not None:
            place[last] = value
    return changed


def check_rules(documents, common):
    """Tries RULES; only worth while once the documents themselves hold."""
    findings = []
    for operation, index, members, holds in RULES:
        name = f"{operation}.schema.json"
        check = Check(name, bundle(documents[name], common), True)
        reason = check.valid(check.document, with_members(documents[name]["examples"][index], members))
        if holds != (reason is None):
            findings.append(f"{name}#/examples/{index} with {members}: " + (reason or "is not refused"))
    return findings


def check_result(document, common):
    check = Check(RESULT, bundle(document, common), False)
    if check.run():
        return check.findings
    for operation in OPERATIONS:
        if f"{operation}_result" not in document["$defs"]:
            check.say("/$defs", f"no {operation}_result")
    for index, example in enumerate(document.get("examples", [])):
        shape = document["$defs"].get(f"{example['operation']}_result")
        if shape and example["result"] is not None:
            reason = check.valid(strip_file_names(shape), example["result"])
            if reason:
                check.say(f"/examples/{index}/result", reason)
    return check.findings


def check_names(documents):
    """A definition's name is unique across all files, so that any of them can be merged."""
    homes, findings = {}, []
    for file_name, document in documents.items():
        if document.get("$id") != file_name:
            findings.append(f"{file_name}#/$id: is the file's name")
        if document.get("$schema") != Draft202012Validator.META_SCHEMA["$id"]:
            findings.append(f"{file_name}#/$schema: names draft 2020-12")
        for name in document.get("$defs", {}):
            if name in homes:
                findings.append(f"{file_name}#/$defs/{name}: also in {homes[name]}")
            homes[name] = file_name
    return findings


def check_all_used(documents):
    text = json.dumps(list(documents.values()))
    shapes = {f"{operation}_result" for operation in OPERATIONS}
    return [f"{file_name}#/$defs/{name}: used nowhere"
            for file_name, document in documents.items() for name in document.get("$defs", {})
            if f"#/$defs/{name}\"" not in text and name not in shapes]


def all_findings():
    expected = {COMMON, RESULT} | {f"{operation}.schema.json" for operation in OPERATIONS}
    found = {path.name for path in SCHEMA_DIR.glob("*.json")}
    findings = [f"{name}: missing" for name in sorted(expected - found)]
    findings += [f"{name}: not known to this check" for name in sorted(found - expected)]
    if findings:
        return findings
    try:
        documents = {name: load(name) for name in sorted(expected)}
    except ValueError as error:
        return [f"not JSON: {error}"]
    common = documents[COMMON]
    findings += check_names(documents) + check_common(common)
    if findings:
        return findings
    findings += check_all_used(documents)
    for operation in OPERATIONS:
        findings += check_request(operation, documents[f"{operation}.schema.json"], common)
    findings += check_result(documents[RESULT], common)
    findings = findings or check_rules(documents, common)
    return list(dict.fromkeys(findings))


def test_schema():
    assert all_findings() == []


if __name__ == "__main__":
    lines = all_findings()
    for line in lines:
        print(line)
    sys.exit(1 if lines else 0)
