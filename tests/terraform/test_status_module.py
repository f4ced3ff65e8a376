# SPDX-License-Identifier: Apache-2.0
"""The files of terraform/: layout, validity, their own tests, README tables, and variables held against schema/."""
import json
import os
import re
import shutil
import subprocess

import pytest
from jsonschema import Draft202012Validator

import hcl
from terraforming import PLACE, ROOT

TOP = ROOT / "terraform"
MODULE = TOP / "modules" / "status"
EXAMPLES = sorted(path.name for path in (TOP / "examples").iterdir())
FOLDERS = ["modules/status", *(f"examples/{name}" for name in EXAMPLES)]
OWN = {"executable", "working_dir", "warn_before_days"}  # what is no member of a request
FIXED = {"$schema", "api_version", "operation", "dry_run"}
HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.fixture(scope="module")
def schemas(nsxcert):
    """What `nsxcert --schema OPERATION` prints: all of it in one document."""
    return {operation: json.loads(subprocess.run([nsxcert, "--schema", operation], capture_output=True, check=True).stdout)
            for operation in ("generate", "import", "register", "verify")}


@pytest.fixture(scope="module")
def schema(schemas):
    return schemas["verify"]


@pytest.fixture(scope="module")
def status_module(workshop):
    return workshop("modules/status")


# -- the files themselves -----------------------------------------------------


def test_layout(terraform_program, cli_config):
    del cli_config
    process = subprocess.run([terraform_program.path, "fmt", "-check", "-diff", "-recursive", str(TOP)], text=True,
                             capture_output=True, check=False)
    assert process.returncode == 0, process.stdout


@pytest.mark.parametrize("folder", FOLDERS)
def test_valid(workshop, folder):
    outcome = json.loads(workshop(folder).run("validate", "-json", expected=0).stdout)
    assert (outcome["error_count"], outcome["warning_count"]) == (0, 0), outcome["diagnostics"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_versions_are_named_alike(folder):
    """The version of the provider where it is used, that of Terraform everywhere."""
    text, whole = (TOP / folder / "versions.tf").read_text(), (MODULE / "versions.tf").read_text()
    uses = any('data "external"' in path.read_text() for path in (TOP / folder).glob("*.tf"))
    assert text == (whole if uses else re.sub(r"\n  required_providers \{.*?\n  \}\n", "", whole, flags=re.S))


def test_tflint(workshop):
    program = os.environ.get("TFLINT") or shutil.which("tflint") or shutil.which("tflint", path=PLACE / "bin")
    if not program:
        pytest.skip("tflint is not here; it takes minutes to build: TFLINT=PROGRAM")
    for folder in FOLDERS:
        terraform = workshop(folder)
        process = subprocess.run([program, "--config", str(TOP / ".tflint.hcl")], cwd=terraform.folder, text=True,
                                 env=terraform.environment, capture_output=True, check=False, timeout=300)
        assert process.returncode == 0, process.stdout + process.stderr


def test_no_lock_file_and_no_state_is_kept():
    """A lock file made with the stand-in would refuse the real provider."""
    names = subprocess.run(["git", "ls-files", "terraform"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not [name for name in names.stdout.split() if "lock" in name or "tfstate" in name]


def test_nothing_is_marked_sensitive():
    """A secret that Terraform knows lies in plan and state; so there is none, and nothing that looks as if."""
    for path in TOP.rglob("*.tf"):
        assert "sensitive" not in path.read_text(), path


@pytest.mark.since(1, 7)
def test_the_modules_own_tests(status_module):
    outcome = status_module.run("test", "-json")
    summary = [json.loads(line) for line in outcome.stdout.splitlines()][-1]["test_summary"]
    assert summary["status"] == "pass", outcome.stdout
    runs = sum(path.read_text().count('\nrun "') for path in MODULE.glob("tests/*.tftest.hcl"))
    assert (summary["passed"], summary["failed"], summary["errored"]) == (runs, 0, 0)


# -- README and code ----------------------------------------------------------


@pytest.mark.parametrize("folder", FOLDERS)
def test_readme_lists_inputs_and_outputs(folder):
    """`python tests/terraform/hcl.py FOLDER` prints the tables."""
    text = (TOP / folder / "README.md").read_text()
    assert hcl.inputs_table(TOP / folder) in text
    assert hcl.outputs_table(TOP / folder) in text


def test_readme_of_the_module_shows_members(schema):
    text = (MODULE / "README.md").read_text()
    for name in schema["$defs"]["manager"]["properties"]:
        assert f"`{name}`" in text


READMES = sorted(str(path.relative_to(TOP)) for path in TOP.rglob("README.md"))
NAMES_A_FILE = re.compile(r"^cp (?P<copied>\S+) (?P<copy>\S+)|^cd (?P<folder>\S+)|^(?P<script>\S+[.]sh)|-var-file[= ](?P<read>\S+)")


@pytest.mark.parametrize("readme", READMES)
def test_readme_steps_name_files_that_exist(readme):
    """What a step copies, enters, runs or reads is shipped, or a step before it has made it."""
    for block in re.findall("^```\n(.*?)^```$", (TOP / readme).read_text(), re.M | re.S):
        # The first README's steps start from the top of the sources, the others' from their folder.
        place, made = ROOT if readme == "README.md" else (TOP / readme).parent, set()
        for step in filter(None, map(NAMES_A_FILE.search, block.splitlines())):
            name = step["copied"] or step["folder"] or step["script"] or step["read"]
            assert name in made or (place / name).exists(), f"{step[0]}: {name} does not exist"
            place = place / step["folder"] if step["folder"] else place
            made.add(step["copy"])


@pytest.mark.parametrize("name", [name for name in EXAMPLES if (TOP / "examples" / name / "example.tfvars").exists()])
def test_the_example_values_can_be_planned(workshop, name):
    """With a program that answers at once in nsxcert's place: the addresses are nobody's."""
    terraform = workshop(f"examples/{name}")
    flat = ("status", "changed", "renewal_due", "certificate_id", "display_name", "fingerprint_sha256", "not_after",
            "certificate_pem", "warnings", "reason")
    answer = json.dumps(dict.fromkeys(flat, "") | {"status": "in_sync", "result_json": '{"diff": []}'})
    program = terraform.folder / "answering"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n")
    program.chmod(0o755)
    terraform.run("plan", "-input=false", "-var-file=example.tfvars", "-var", f"executable={program}", expected=0)


# -- variables and schema -----------------------------------------------------


def types():
    return {name: hcl.type_of(hcl.member(body, "type")) for name, body in hcl.blocks(MODULE, "variable").items()}


def alternatives(schema, name):
    """All members that the alternatives of a definition have."""
    names = set()
    for one in schema["$defs"][name]["oneOf"]:
        names |= set(one.get("properties", {}))
    return names


def test_every_member_of_the_request_is_a_variable(schema):
    top = set(schema["properties"]) - FIXED - {"parameters"}
    assert set(types()) == OWN | top | set(schema["$defs"]["verify_parameters"]["properties"]) - {"on_drift"}


def test_every_member_below_is_an_attribute(schema):
    defs, kinds = schema["$defs"], types()
    manager = kinds["manager"]
    source, secret = alternatives(schema, "source") | {"pem"}, alternatives(schema, "secret_source")
    assert set(manager) == set(defs["manager"]["properties"])
    assert [name for name, (_, optional) in manager.items() if not optional] == defs["manager"]["required"]
    assert set(manager["auth"][0]) == alternatives(schema, "auth")
    assert set(manager["tls"][0]) == set(defs["tls"]["properties"])
    assert set(manager["proxy"][0]) == alternatives(schema, "proxy")
    assert set(kinds["expected"]) == alternatives(schema, "certificate_reference") | {"pem"}
    assert set(kinds["endpoints"][1]) == set(kinds["expected"]["endpoint"][0]) == alternatives(schema, "endpoint")
    assert set(kinds["reported"][1]) == set(defs["verify_reported"]["properties"])
    for kind in (kinds["trust"][1], manager["tls"][0]["ca"][0][1], manager["auth"][0]["client_certificate"][0]):
        assert set(kind) == source
    # A secret has no member for its text: it cannot be given.
    for kind in (manager["auth"][0]["password"][0], manager["auth"][0]["client_key"][0], manager["auth"][0]["token"][0],
                 manager["proxy"][0]["password"][0]):
        assert set(kind) == secret == {"env", "file"}


def test_defaults_are_those_of_the_schema(schema):
    members = schema["properties"] | schema["$defs"]["verify_parameters"]["properties"]
    seen = set()
    for name, body in hcl.blocks(MODULE, "variable").items():
        if name not in OWN and "default" in members[name]:
            assert json.loads(hcl.member(body, "default")) == members[name]["default"], name
            seen.add(name)
    assert seen == {"deadline_seconds", "scope", "require_node_names", "reported"}


def manager(**members):
    return {"manager": {"address": "192.0.2.10", **members}}


def user(**members):
    return manager(auth={"username": "audit", "password": {"env": "PASSWORD"}, **members})


def test_a_long_list_has_the_schemas_limit(schema):
    """Terraform needs half a minute to read ten thousand literals, so this limit is only read."""
    limit = schema["$defs"]["verify_parameters"]["properties"]["endpoints"]["maxItems"]
    assert f"length(var.endpoints) <= {limit} &&" in hcl.blocks(MODULE, "variable")["endpoints"]


PIN = {"tls": {"pin_sha256": [HEX]}}
# Values for variables: some good, some not. The schema says which; the module must say the same.
CANDIDATES = [
    *(manager(address=text) for text in ("nsx.example.com:8443", "[2001:db8::1]:443", "", "a b", "https://a", "u@a",
                                         "a" * 261, "a" * 262)),
    *(manager(server_name=text) for text in ("nsx.example.com", "", "a/b", "a" * 253, "a" * 254)),
    *(manager(nodes=nodes) for nodes in (["a"], [], ["a", "a"], ["a/b"], [f"n{i}" for i in range(16)],
                                         [f"n{i}" for i in range(17)])),
    user(), user(scheme="session"), user(scheme="digest"), user(username=""), user(username="a" * 257),
    user(password={"file": "secret"}), user(password={"env": "not a name"}), user(password={"env": "A", "file": "b"}),
    user(password={}), user(token={"env": "TOKEN"}),
    manager(auth={"username": "audit"}), manager(auth={}), manager(auth={"token": {"env": "TOKEN"}}),
    manager(auth={"token": {"env": "TOKEN"}, "scheme": "basic"}),
    manager(auth={"client_certificate": {"file": "a"}, "client_key": {"file": "b"}}),
    manager(auth={"client_certificate": {"pem": "PEM"}, "client_key": {"env": "KEY"}}),
    manager(auth={"client_certificate": {"file": "a"}}),
    manager(**PIN), manager(tls={"pin_sha256": [":".join([HEX[i:i + 2] for i in range(0, 64, 2)]).upper()]}),
    manager(tls={"pin_sha256": [HEX[1:]]}), manager(tls={"pin_sha256": []}), manager(tls={"pin_sha256": [HEX] * 65}),
    manager(tls={}), manager(tls={"system": True}), manager(tls={"insecure": True}),
    manager(tls={"insecure": True, "system": True}), manager(tls={"insecure": False, "system": True}),
    manager(tls={"ca": [{"file": "ca.pem"}, {"pem": "PEM"}, {"env": "CA"}]}), manager(tls={"ca": []}),
    manager(tls={"ca": [{}]}), manager(tls={"ca": [{"file": "a"}] * 65}),
    manager(proxy={"url": "http://proxy:3128"}), manager(proxy={"url": "https://proxy:3128"}),
    manager(proxy={"url": "http://u:p@proxy"}), manager(proxy={"url": "http://proxy", "password": {"env": "P"}}),
    manager(proxy={"url": "http://proxy", "username": "u", "password": {"env": "P"}}),
    manager(proxy={"url": "http://proxy", "username": ""}),
    # An empty text is none, as Terraform configurations write it.
    user(password={"env": "A", "file": ""}), user(password={"env": "", "file": "b"}), user(password={"env": "", "file": ""}),
    manager(auth={"token": {"env": "", "file": "token"}}),
    manager(auth={"client_certificate": {"pem": "", "env": "", "file": "a"}, "client_key": {"env": "KEY", "file": ""}}),
    manager(proxy={"url": "http://proxy", "username": "u", "password": {"env": "P", "file": ""}}),
    manager(tls={"ca": [{"env": "", "file": "ca.pem"}, {"pem": "PEM", "file": ""}]}),
    *(manager(connect_timeout_seconds=seconds) for seconds in (1, 300, 0, 301, 1.5)),
    *(manager(request_timeout_seconds=seconds) for seconds in (1, 3600, 0, 3601)),
    *(manager() | {"deadline_seconds": seconds} for seconds in (1, 86400, 0, 86401, 1.5)),
    *(manager() | {"min_remaining_days": days} for days in (0, 36500, -1, 36501, 0.5)),
    *(manager() | {"request_id": text} for text in ("a", "a" * 256, "", "a" * 257)),
    *(manager() | {"scope": text} for text in ("cluster", "nodes", "all", "vip")),
    *(manager() | {"expected": value} for value in (
        {"pem": "PEM"}, {"file": "nsx.crt"}, {"env": "CRT"}, {"env": "1"}, {"certificate_id": "a-b.c"},
        {"certificate_id": "-a"}, {"fingerprint_sha256": HEX}, {"fingerprint_sha256": "00"},
        {"endpoint": {"address": "a:443"}}, {"endpoint": {"address": "a", "server_name": "b"}},
        {"endpoint": {"address": "a/b"}}, {"endpoint": {"address": "a", "server_name": "b c"}}, {"file": ""},
        {"file": "a", "env": "B"}, {}, {"pem": "", "file": "a", "env": "", "certificate_id": "", "fingerprint_sha256": ""},
        {"fingerprint_sha256": HEX, "file": ""}, {"pem": "PEM", "env": ""}, {"endpoint": {"address": "a"}, "file": ""})),
    *(manager() | {"trust": value} for value in ([{"file": "a"}, {"pem": "PEM"}], [{}], [{"env": "a b"}],
                                                 [{"env": "", "file": "a"}, {"pem": "PEM", "file": ""}],
                                                 [{"file": "a"}] * 65)),
    *({"endpoints": value} for value in ([{"address": "a"}], [{"address": "a b"}], [{"address": "a", "server_name": ""}])),
    *(manager() | {"reported": [{"endpoint": "a", "service": "api", "text": "t", **entry}]} for entry in (
        {}, {"service": "cluster"}, {"service": "node"}, {"endpoint": "a b"})),
    manager() | {"reported": [{"endpoint": "a", "service": "api", "text": "t"}] * 1001},
    manager() | {"require_node_names": True, "common_name_is_address": False},
]


SOURCE = {"pem", "file", "env", "certificate_id", "fingerprint_sha256", "endpoint"}


def plain(value):
    """{pem: TEXT} is the text itself in a request; an empty text beside another source is left out."""
    if isinstance(value, dict):
        if set(value) <= SOURCE:
            value = {name: below for name, below in value.items() if below != ""}
        return value["pem"] if set(value) == {"pem"} else {name: plain(below) for name, below in value.items()}
    return [plain(below) for below in value] if isinstance(value, list) else value


def request_of(variables):
    top = {"request_id", "deadline_seconds", "manager"}
    parameters = {name: plain(value) for name, value in variables.items() if name not in top}
    return {
        "api_version": "nsxcert/v1", "operation": "verify", "deadline_seconds": 60,
        **{name: plain(value) for name, value in variables.items() if name in top},
        "parameters": {"scope": "all", "require_node_names": False, "on_drift": "report", **parameters},
    }


RUN = """
run "case_{number}" {{
  command = plan
  variables {{
{variables}
  }}
{expectation}
}}
"""
SAME = """
  assert {{
    condition     = jsondecode(output.requests) == jsondecode({text})
    error_message = output.requests
  }}"""


def without_its_provider(folder, requests):
    """Leaves variables and the making of requests, which become an output: a run then needs no provider's process."""
    head = re.split('^(?:check|data) "', (folder / "main.tf").read_text(), flags=re.M)[0]
    (folder / "main.tf").write_text(head + f'output "requests" {{\n  value = jsonencode({requests})\n}}\n')
    for path in [*folder.glob("*.tf"), *folder.glob("tests/*")]:
        if path.name not in ("main.tf", "variables.tf"):
            path.unlink()
    (folder / "tests").mkdir(exist_ok=True)


def run_block(number, variables, suspect, expected):
    """Without `expected` requests the suspect variable is to be refused."""
    lines = "\n".join(f"    {name} = {json.dumps(value)}" for name, value in variables.items())
    expectation = SAME.format(text=json.dumps(json.dumps(expected))) if expected else f"  expect_failures = [var.{suspect}]"
    return RUN.format(number=number, variables=lines, expectation=expectation)


def run_cases(terraform, cases):
    """Each case is (variables, the suspect one, the requests or None)."""
    blocks = [run_block(number, *case) for number, case in enumerate(cases)]
    (terraform.folder / "tests" / "cases.tftest.hcl").write_text("".join(blocks))
    outcome = terraform.run("test", "-json")
    lines = [json.loads(line) for line in outcome.stdout.splitlines()]
    wrong = [(cases[int(line["test_run"]["run"][5:])][0], [one["diagnostic"]["detail"] for one in lines
              if one.get("@testrun") == line["test_run"]["run"] and "diagnostic" in one])
             for line in lines if line["type"] == "test_run" and line["test_run"].get("status") not in (None, "pass")]
    assert not wrong, "\n".join(f"{str(case)[:200]}: {str(why)[:600]}" for case, why in wrong)
    assert lines[-1]["test_summary"]["passed"] == len(blocks), outcome.stdout[-2000:]


@pytest.mark.since(1, 6)
def test_validations_say_what_the_schema_says(schemas, workshop):
    """Each candidate is refused by its variable, or becomes the request it should be, as the schema has it."""
    terraform = workshop("modules/status")
    without_its_provider(terraform.folder, "{ for name, value in local.request : name => value if value != null }")
    validator, cases = Draft202012Validator(schemas["verify"]), []
    for variables in CANDIDATES:
        request = request_of(variables)
        suspect = next((name for name in variables if name != "manager"), "manager")
        cases.append((variables, suspect, request if validator.is_valid(request) else None))
    assert 40 < sum(case[2] is not None for case in cases) < len(cases) - 40
    run_cases(terraform, cases)


# -- variables of examples/apply ----------------------------------------------


LEAST = {"address": "192.0.2.10", "common_name": "nsx.example.com"}
APPLY = {**LEAST, "nodes": [], "dns_names": [], "ip_addresses": [], "username": "admin", "password_env": "NSXT_PASSWORD",
         "pin_sha256": [], "ca_file": None, "folder": ".", "validity_days": 365, "scope": "all", "confirm_after_seconds": 5,
         "deadline_seconds": 60}
APPLY_CANDIDATES = [
    {},
    *({"address": text} for text in ("nsx.example.com:8443", "", "https://a", "a" * 261, "a" * 262)),
    *({"nodes": nodes} for nodes in (["a", "b:8443"], ["a", "a"], ["a/b"], [f"n{i}" for i in range(16)],
                                     [f"n{i}" for i in range(17)])),
    *({"common_name": text} for text in ("192.0.2.10", "*.example.com", "", "a b", "a" * 64, "a" * 65)),
    *({"dns_names": names} for names in (["a.example.com", "*.b.example.com."], [""], ["a..b"], ["a.*.b"], ["a" * 254],
                                         ["a" * 255], [f"n{i}" for i in range(1001)])),
    *({"ip_addresses": texts} for texts in (["192.0.2.10", "2001:db8::1"], ["[::1]"], ["a.example.com"], [":"],
                                            ["1" * 45], ["1" * 46], [f"::{i}" for i in range(1001)])),
    *({"username": text} for text in ("audit@example.com", "", "a" * 256, "a" * 257)),
    *({"password_env": text} for text in ("_P1", "", "1P", "a b", "A" * 256, "A" * 257)),
    *({"pin_sha256": pins} for pins in ([HEX], [HEX[1:]], [HEX] * 64, [HEX] * 65)),
    *({"ca_file": path} for path in ("ca.pem", "", "a" * 4096, "a" * 4097)),
    *({"folder": path} for path in ("/", "a" * 4088, "a" * 4089)),
    *({"validity_days": days} for days in (1, 7300, 0, 7301, 1.5)),
    *({"scope": text} for text in ("cluster", "nodes", "vip")),
    *({"confirm_after_seconds": seconds} for seconds in (0, 600, -1, 601, 0.5)),
    *({"deadline_seconds": seconds} for seconds in (1, 86400, 0, 86401, 1.5)),
]


def apply_requests(values):
    """generate, import and register as the provisioners run them, and the look of a plan."""
    auth = {"username": values["username"], "password": {"env": values["password_env"]}}
    trust = {"pin_sha256": values["pin_sha256"], "ca": [{"file": values["ca_file"]}] if values["ca_file"] is not None else []}
    connection = {"address": values["address"], "nodes": values["nodes"], "auth": auth,
                  "tls": {name: value for name, value in trust.items() if value}}
    connection = {name: value for name, value in connection.items() if value}
    crt, key = f"{values['folder']}/nsx.crt", f"{values['folder']}/nsx.key"
    return [
        {"api_version": "nsxcert/v1", "operation": "generate", "parameters": {
            "common_name": values["common_name"], "san": {"dns": values["dns_names"], "ip": values["ip_addresses"]},
            "validity_days": values["validity_days"], "certificate_path": crt, "key_path": key}},
        {"api_version": "nsxcert/v1", "operation": "import", "manager": connection,
         "parameters": {"certificate": {"file": crt}, "private_key": {"file": key}}},
        {"api_version": "nsxcert/v1", "operation": "register", "manager": connection, "parameters": {
            "certificate": {"file": crt}, "scope": values["scope"],
            "confirm_after_seconds": values["confirm_after_seconds"]}},
        {"api_version": "nsxcert/v1", "operation": "verify", "manager": connection,
         "deadline_seconds": values["deadline_seconds"],
         "parameters": {"expected": {"file": crt}, "scope": values["scope"]}},
    ]


def test_every_variable_of_the_apply_has_candidates():
    names = set(hcl.blocks(TOP / "examples" / "apply", "variable"))
    assert names == {"executable"} | set(APPLY)
    assert {name for candidate in APPLY_CANDIDATES for name in candidate} == set(APPLY)


@pytest.mark.since(1, 6)
def test_an_apply_breaks_off_for_no_value(schemas, workshop):
    """What one of the requests would refuse, the plan refuses."""
    terraform = workshop("examples/apply")
    without_its_provider(terraform.folder, "[local.generate, local.import, local.register]")
    cases = []
    for candidate in APPLY_CANDIDATES:
        requests = apply_requests({**APPLY, **candidate})
        valid = all(Draft202012Validator(schemas[one["operation"]]).is_valid(one) for one in requests)
        cases.append(({**LEAST, **candidate}, next(iter(candidate), None), requests[:3] if valid else None))
    assert 20 < sum(case[2] is not None for case in cases) < len(cases) - 20
    run_cases(terraform, cases)
