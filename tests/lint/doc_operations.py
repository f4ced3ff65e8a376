# SPDX-License-Identifier: Apache-2.0
"""docs/operations.md from the files of schema/: what each operation takes and gives, member by member."""
import json

from sources import ROOT

COMMON = "common.schema.json"
RESULT = "result.schema.json"
# Shapes of common.schema.json that are described once and linked to.
SHAPES = ["source", "secret_source", "certificate_reference", "endpoint", "manager", "auth", "tls", "proxy", "san"]
ENVELOPE = ["api_version", "request_id", "dry_run", "deadline_seconds"]


class Schemas:
    """The files by name; `resolve` follows a $ref, members beside it win."""

    def __init__(self):
        self.files = {path.name: json.loads(path.read_text()) for path in (ROOT / "schema").glob("*.json")}

    def operations(self):
        listed = self.files[RESULT]["properties"]["operation"]["enum"]
        return [name for name in listed if name]

    def resolve(self, node, file):
        """The node without a $ref, the file it stands in, and the name of the shared shape it is, if any."""
        shape = None
        while "$ref" in node:
            target, pointer = node["$ref"].split("#")
            file = target or file
            name = pointer.split("/")[-1]
            found = self.files[file]["$defs"][name]
            node = {**found, **{key: value for key, value in node.items() if key != "$ref"}}
            if "$ref" in found and node.get("$ref") is None:
                node["$ref"] = found["$ref"]
            if file == COMMON and name in SHAPES:
                shape = shape or name
        return node, file, shape


def code(value):
    return "`" + json.dumps(value, ensure_ascii=False) + "`"


def limits_of(node):
    low, high = node.get("minimum"), node.get("maximum")
    if low is not None and high is not None:
        return f" {low} to {high}"
    if low is not None:
        return f" from {low}"
    return f" up to {high}" if high is not None else ""


def type_of(schemas, node, file):
    node, file, shape = schemas.resolve(node, file)
    if shape:
        return f"[{shape}](#{shape})"
    if "const" in node:
        return code(node["const"])
    if "enum" in node:
        return ", ".join(code(value) for value in node["enum"])
    if "oneOf" in node:
        return " or ".join(dict.fromkeys(type_of(schemas, branch, file) for branch in node["oneOf"]))
    kinds = node.get("type", "any")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "array" in kinds and "items" in node:
        kinds = [f"array of {type_of(schemas, node['items'], file)}" if kind == "array" else kind for kind in kinds]
    return " or ".join(kinds) + limits_of(node)


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def rows_of(schemas, node, file, path=""):
    """A row (path, type, default, meaning) for each member, deeper ones after the object they are in."""
    required = node.get("required", [])
    for name, raw in node.get("properties", {}).items():
        member, inside, shape = schemas.resolve(raw, file)
        default = "required" if name in required else code(member["default"]) if "default" in member else ""
        meaning = member.get("description") or member.get("title", "")
        yield f"`{path}{name}`", type_of(schemas, raw, file), default, meaning
        if not shape:
            yield from deeper_rows(schemas, member, inside, f"{path}{name}")


def deeper_rows(schemas, node, file, path):
    if "properties" in node:
        yield from rows_of(schemas, node, file, path + ".")
    elif "items" in node:
        item, inside, shape = schemas.resolve(node["items"], file)
        if not shape:
            yield from deeper_rows(schemas, item, inside, path + "[]")
    for branch in node.get("oneOf", []):
        branch, inside, shape = schemas.resolve(branch, file)
        if not shape:
            yield from deeper_rows(schemas, branch, inside, path)


def table(rows, heads=("member", "type", "default", "meaning")):
    rows = list(dict.fromkeys(rows))
    if not rows:
        return []
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return lines + ["| " + " | ".join(cell(part) for part in row) + " |" for row in rows] + [""]


def example(value):
    return ["```json", json.dumps(value, indent=2, ensure_ascii=False), "```", ""]


def operation(schemas, name):
    file = f"{name}.schema.json"
    schema = schemas.files[file]
    parameters, inside, _ = schemas.resolve(schema["properties"]["parameters"], file)
    deadline, _, _ = schemas.resolve(schema["properties"]["deadline_seconds"], file)
    lines = [f"## {name}", "", f"**{schema['title']}.** {schema['description']}", ""]
    needs = "needed" if "manager" in schema["required"] else "optional"
    manager = f"[manager](#manager) is {needs}" if "manager" in schema["properties"] else "there is no `manager`"
    lines += [f"`deadline_seconds` is {deadline['default']} by default; {manager}.", "", "Members of `parameters`:", ""]
    lines += table(rows_of(schemas, parameters, inside))
    lines += ["A request:", ""] + example(schema["examples"][0])
    result, where, _ = schemas.resolve({"$ref": f"#/$defs/{name}_result"}, RESULT)
    lines += ["Members of `result`:", ""]
    lines += table([row[:2] + row[3:] for row in rows_of(schemas, result, where)], ("member", "type", "meaning"))
    return lines


def shape(schemas, name):
    node, file, _ = schemas.resolve({"$ref": f"#/$defs/{name}"}, COMMON)
    lines = [f"### {name}", "", f"**{node['title']}.** {node['description']}", ""]
    if "oneOf" in node:
        lines += [f"- {branch.get('title', '')}: {form(branch)}" for branch in node["oneOf"]] + [""]
        branches = [schemas.resolve(branch, file)[:2] for branch in node["oneOf"]]
        rows = [row for branch, inside in branches for row in rows_of(schemas, branch, inside)]
    else:
        rows = rows_of(schemas, node, file)
    lines += table(rows)
    examples = [value for value in node.get("examples", []) if value is not None]
    return lines + (example(examples[0]) if examples else [])


def form(branch):
    members = branch.get("required") or list(branch.get("properties", {}))
    if members:
        return "an object with " + ", ".join(f"`{name}`" for name in members)
    return {"string": "a string", "null": "null"}.get(branch.get("type"), "any value")


def render():
    schemas = Schemas()
    names = schemas.operations()
    envelope = {"properties": {name: schemas.files[COMMON]["$defs"][name] for name in ENVELOPE}}
    lines = [
        "# The operations, member by member",
        "",
        "Made from the files of `schema/`; the program checks requests with these very files and takes its",
        "defaults from them. `nsxcert --schema OPERATION` prints one as a whole, `nsxcert --example OPERATION`",
        "a request to start from. Members that are not listed here are refused.",
        "",
        "- " + "\n- ".join(f"[{name}](#{name}): {schemas.files[f'{name}.schema.json']['title']}" for name in names),
        "- [Shapes used in many places](#shapes-used-in-many-places)",
        "- [The result](#the-result)",
        "",
        "Every request has these members beside `operation`, `manager` and `parameters`:",
        "",
    ]
    lines += table([row[:2] + row[3:] for row in rows_of(schemas, envelope, COMMON)],
                   ("member", "type", "meaning"))
    for name in names:
        lines += operation(schemas, name)
    lines += ["## Shapes used in many places", ""]
    for name in SHAPES:
        lines += shape(schemas, name)
    result = schemas.files[RESULT]
    lines += ["## The result", "", f"**{result['title']}.** {result['description']}", ""]
    lines += table([row[:2] + row[3:] for row in rows_of(schemas, result, RESULT)], ("member", "type", "meaning"))
    lines += ["A result:", ""] + example(result["examples"][0])
    return "\n".join(lines).rstrip() + "\n"
