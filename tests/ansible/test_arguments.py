# SPDX-License-Identifier: Apache-2.0
"""The options of the collection's modules are the members of the requests: none missing, none of its own, same choices and defaults.

The modules' tables are read without Ansible; the schemas are those the program embeds.
"""
import ast
import json
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = ROOT / "ansible"
MODULES = COLLECTION / "plugins/modules"
OPERATIONS = {
    "nsx_certificate": "import",
    "nsx_certificate_file": "generate",
    "nsx_certificate_info": "inspect",
    "nsx_certificate_registration": "register",
    "nsx_cluster_certificate_info": "verify",
}
# Members without an option, each with the reason.
NO_OPTION = {
    "$schema": "is for editors of requests",
    "api_version": "is the collection's",
    "operation": "is the module",
    "dry_run": "is check mode",
    "parameters.on_drift": "is always report: people assert",
}
# Options without a member, each with the reason.
NO_MEMBER = {
    "executable": "finds the program",
    "state": "keeps the name for what may follow; has one choice",
}
# {"env": NAME} for what is no secret has no option: lookup('ansible.builtin.env') does it.
FORMS_WITHOUT_OPTION = {"env"}
TYPES = {"string": "str", "integer": "int", "boolean": "bool", "array": "list", "object": "dict"}
# Parts of names that look secret to Ansible.
LOOKS_SECRET = ("pass", "key", "token", "secret")


@pytest.fixture(scope="module")
def tables():
    """The OPTIONS of every module by its name, with AnsibleModule left out."""
    names = ("ansible", "ansible.module_utils", "ansible.module_utils.basic", "ansible_collections", "ansible_collections.nsxcert",
             "ansible_collections.nsxcert.nsx", "ansible_collections.nsxcert.nsx.plugins",
             "ansible_collections.nsxcert.nsx.plugins.module_utils")
    saved = dict(sys.modules)
    try:
        for name in names:
            sys.modules[name] = types.ModuleType(name)
        sys.modules["ansible.module_utils.basic"].AnsibleModule = object
        sys.modules["ansible.module_utils.basic"].env_fallback = None
        sys.modules[names[-1]].__path__ = [str(COLLECTION / "plugins/module_utils")]
        return {path.stem: run(path)["OPTIONS"] for path in sorted(MODULES.glob("*.py"))}
    finally:
        sys.modules.clear()
        sys.modules.update(saved)


def run(path):
    names = {"__name__": path.stem}
    exec(compile(path.read_text(), str(path), "exec"), names)  # pylint: disable=exec-used
    return names


def load(name):
    return json.loads((ROOT / f"schema/{name}.schema.json").read_text())


COMMON = load("common")["$defs"]


def resolve(node, own):
    """NODE with what its $ref says beneath its own members; `named` is the definition's name."""
    while "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        target = COMMON[name] if node["$ref"].startswith("common") or name not in own else own[name]
        node = {"named": name, **target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def is_leaf(node):
    """Whether NODE is one value for an option: no object with members of its own, or one of several forms of a text."""
    kinds = [branch.get("type") for branch in node.get("oneOf", [])]
    return "string" in kinds or not (node.get("properties") or node.get("oneOf"))


def children(node, own):
    for branch in [node, *node.get("oneOf", [])]:
        for name, child in branch.get("properties", {}).items():
            yield name, resolve(child, own)


def members_of(operation):
    """{path: schema} of the members of a request; objects that options spell out are walked into."""
    document = load(operation)
    own, found = document["$defs"], {}

    def walk(path, node):
        for name, child in children(node, own):
            at = f"{path}.{name}" if path else name
            if is_leaf(child) or at in DICTIONARIES:
                found[at] = child
            else:
                walk(at, child)

    walk("", document)
    return found


DICTIONARIES = ("parameters.subject", "parameters.san", "parameters.key")
CASES = sorted(OPERATIONS.items())


def by_member(table):
    members = {}
    for entry in table:
        members.setdefault(entry.member, []).append(entry)
    return members


def forms_of(node, own=COMMON):
    """The ways in which a text may be given: itself, a file, …"""
    forms = set()
    for branch in node.get("oneOf", [node]):
        forms |= set(branch.get("properties", {})) or {"value"}
    return forms


def test_every_module_is_known(tables):
    assert sorted(tables) == sorted(OPERATIONS)
    operations = {path.name.split(".")[0] for path in (ROOT / "schema").glob("*.schema.json")} - {"common", "result"}
    assert set(OPERATIONS.values()) == operations


@pytest.mark.parametrize("module, operation", CASES)
def test_every_member_has_an_option(tables, module, operation):
    given = {entry.member for entry in tables[module]}
    assert set(members_of(operation)) - given - set(NO_OPTION) == set()


@pytest.mark.parametrize("module, operation", CASES)
def test_every_option_has_a_member(tables, module, operation):
    members = set(members_of(operation))
    if "manager" not in load(operation)["properties"]:
        members |= {path for path in members_of("import") if path.startswith("manager.")}  # for module_defaults of the group
    assert [entry.name for entry in tables[module] if entry.member is None and entry.name not in NO_MEMBER] == []
    assert [entry.name for entry in tables[module] if entry.member and entry.member not in members] == []


@pytest.mark.parametrize("module, operation", CASES)
def test_every_form_of_a_text_has_an_option(tables, module, operation):
    members = members_of(operation)
    for member, entries in by_member(tables[module]).items():
        forms = forms_of(members.get(member, {}))
        if not forms & {"file", "certificate_id"}:
            continue
        secret = is_secret(members[member])
        missing = forms - {entry.form for entry in entries} - (set() if secret else FORMS_WITHOUT_OPTION)
        assert missing == set(), member


def is_secret(node):
    return node.get("writeOnly", False)


def type_of(node):
    """What Ansible calls the type of NODE; several forms of a value are raw, and go to the program as they are."""
    if node.get("named") == "path":
        return "path"
    return "raw" if "oneOf" in node else TYPES[node["type"]]


def check_value(name, spec, node, own):
    """The option's type and choices are the member's."""
    assert spec["type"] == type_of(node), name
    assert spec.get("choices") == node.get("enum"), name
    if node.get("type") == "array":
        assert spec["elements"] == type_of(resolve(node["items"], own)), name


@pytest.mark.parametrize("module, operation", CASES)
def test_types_and_choices(tables, module, operation):
    members, own = members_of(operation), load(operation)["$defs"]
    for entry in tables[module]:
        node = members.get(entry.member)
        if entry.form not in ("value", "time") or node is None or "file" in forms_of(node) or entry.name == "key":
            continue  # texts have a test of their forms, the key has its own
        check_value(entry.name, entry.spec, node, own)
        check_suboptions(entry, node, own)


@pytest.mark.parametrize("module, operation", CASES)
def test_types_of_texts(tables, module, operation):
    members = members_of(operation)
    types_of_forms = {"file": "path", "env": "str", "value": "str", "endpoint": "raw", "texts": "str", "files": "list"}
    for entry in tables[module]:
        if entry.member in members and "file" in forms_of(members[entry.member]):
            assert entry.spec["type"] == types_of_forms.get(entry.form, "str"), entry.name
            assert "choices" not in entry.spec, entry.name


def check_suboptions(entry, node, own):
    target = resolve(node["items"], own) if node.get("type") == "array" else node
    if "options" not in entry.spec:
        assert not target.get("properties"), entry.name
        return
    properties = {name: resolve(child, own) for name, child in target["properties"].items()}
    assert set(properties) == set(entry.spec["options"])
    for name, child in properties.items():
        option = entry.spec["options"][name]
        check_value(f"{entry.name}.{name}", option, child, own)
        assert option.get("required", False) == (name in target.get("required", []))
        assert option.get("default") == child.get("default")


def test_key(tables):
    """The one dictionary with two shapes: its options are those of both."""
    (entry,) = [entry for entry in tables["nsx_certificate_file"] if entry.name == "key"]
    branches = load("generate")["$defs"]["generate_key"]["oneOf"]
    assert entry.spec["options"]["type"]["choices"] == [branch["properties"]["type"]["const"] for branch in branches]
    for branch, name in zip(branches, ("bits", "curve")):
        assert set(branch["properties"]) == {"type", name}
        assert entry.spec["options"][name]["choices"] == branch["properties"][name]["enum"]
        assert entry.spec["options"][name]["type"] == TYPES[branch["properties"][name]["type"]]
    assert set(entry.spec["options"]) == {"type", "bits", "curve"}


# Defaults that are not sent, since one that is sent would rule out what the program finds by itself.
TOLD_IN_DOCS = ("deadline_seconds", "manager.auth.scheme", "parameters.key", "manager.tls.insecure")


@pytest.mark.parametrize("module, operation", CASES)
def test_defaults(tables, module, operation):
    members = members_of(operation)
    for entry in tables[module]:
        node = members.get(entry.member)
        if node is None or entry.member in TOLD_IN_DOCS:
            continue
        assert entry.spec.get("default") == node.get("default"), entry.name


@pytest.mark.parametrize("module, operation", CASES)
def test_secrets(tables, module, operation):
    """no_log for each way to give a secret itself, none for the names of files and variables: those are said to be harmless."""
    members = members_of("import") | members_of(operation)
    for entry in tables[module]:
        secret = is_secret(members.get(entry.member, {}))
        assert entry.spec.get("no_log", False) is (secret and entry.form == "value"), entry.name
        assert "no_log" in entry.spec or not secret, entry.name
    names = [name for entry in tables[module] for name in entry.spec.get("options", {})]
    assert [name for name in names if any(word in name for word in LOOKS_SECRET)] == []


@pytest.mark.parametrize("module", sorted(OPERATIONS))
def test_names_and_aliases_are_unique(tables, module):
    names = [name for entry in tables[module] for name in [entry.name, *entry.spec.get("aliases", [])]]
    assert sorted(names) == sorted(set(names))


def test_one_name_means_one_thing(tables):
    """An option (or alias) that several modules have goes to one member in all of them, so that group defaults are safe."""
    common = {entry.name for entry in tables["nsx_certificate"]} & {entry.name for entry in tables["nsx_certificate_file"]}
    manager = {entry.name for entry in tables["nsx_certificate"] if (entry.member or "").startswith("manager.")}
    for module, table in tables.items():
        assert manager <= {entry.name for entry in table}, module
    assert {"hostname", "password", "executable"} <= common


def test_every_module_is_in_the_action_group():
    text = (COLLECTION / "meta/runtime.yml").read_text()
    group = text.split("  all:\n", 1)[1]
    assert [line.strip("- \n") for line in group.splitlines()] == sorted(OPERATIONS)


# -- documentation ----------------------------------------------------------------------------------------------------

yaml = pytest.importorskip("ruamel.yaml")


def literal(path, name):
    """The value of the text NAME at the top of the module at PATH or in the class of a fragment."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assign) and [target.id for target in node.targets] == [name]:
            return yaml.YAML(typ="safe", pure=True).load(ast.literal_eval(node.value))
    raise AssertionError(f"{path} has no {name}")


def documented(module):
    fragment = literal(COLLECTION / "plugins/doc_fragments/_options.py", "DOCUMENTATION")["options"]
    return {**fragment, **literal(MODULES / f"{module}.py", "DOCUMENTATION")["options"]}


@pytest.mark.parametrize("module", sorted(OPERATIONS))
def test_documentation_agrees_with_the_table(tables, module):
    pages = documented(module)
    assert set(pages) == {entry.name for entry in tables[module]}
    for entry in tables[module]:
        page, spec = pages[entry.name], entry.spec
        assert page["type"] == spec["type"], entry.name
        assert page.get("elements") == spec.get("elements"), entry.name
        assert page.get("choices") == spec.get("choices"), entry.name
        assert page.get("required", False) == spec.get("required", False), entry.name
        assert page.get("aliases", []) == spec.get("aliases", []), entry.name
        assert page.get("default") == spec.get("default"), entry.name
        assert set(page.get("suboptions", {})) == set(spec.get("options", {})), entry.name


@pytest.mark.parametrize("module", sorted(OPERATIONS))
def test_returned_values_are_the_results(module):
    """Each value is a member of the result, under its own name or, for warnings, that which Ansible leaves free."""
    result = load("result")
    known = {"notices" if name == "warnings" else name for name in result["properties"]} - {"diff", "changed", "ok"}
    facts = {"msg"}  # Ansible's own
    for name in ("generate", "import", "register", "verify"):
        facts |= set(result["$defs"][f"{name}_result"]["properties"])
    facts |= set(result["$defs"]["verify_certificate"]["properties"])
    values = literal(MODULES / f"{module}.py", "RETURN")
    assert set(values) - known - facts == set()
    for name in ("result", "steps", "notices", "unknown", "target", "meta", "error"):
        assert name in values


@pytest.mark.parametrize("module", sorted(OPERATIONS))
def test_what_is_returned_always_is_told_so(module):
    values = literal(MODULES / f"{module}.py", "RETURN")
    always = {name for name, value in values.items() if value["returned"] == "always"}
    facts = literal_tuple(COLLECTION / "plugins/module_utils/_helper.py", "FACTS")
    assert always == set(facts)


def literal_tuple(path, name):
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and [target.id for target in node.targets] == [name]:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{path} has no {name}")
