# SPDX-License-Identifier: Apache-2.0
"""The bill of materials names what the program loads, and is what CycloneDX asks for."""
import hashlib
import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from machines import run, succeed
from referencing import Registry, Resource


@pytest.fixture(scope="module")
def validator(tools):
    """The schema of CycloneDX 1.6, with those it refers to."""
    folder = tools / "cyclonedx/schema/_res"
    if not folder.is_dir():
        pytest.skip("no schemas of CycloneDX here: tests/packaging/install.sh installs them")
    files = [f"{name}.SNAPSHOT.schema.json" for name in ("bom-1.6", "spdx", "jsf-0.82")]
    schemas = {name: json.loads((folder / name).read_text()) for name in files}
    # The first refers to the others by the names of their files.
    registry = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}", Resource.from_contents(schema)) for name, schema in schemas.items()
    )
    return Draft7Validator(schemas[files[0]], registry=registry)


@pytest.fixture(scope="module")
def bill(make):
    return json.loads(Path(make("sbom").splitlines()[-1]).read_text())


def test_it_holds_by_the_schema(validator, bill):
    assert [error.message for error in validator.iter_errors(bill)] == []
    assert list(validator.iter_errors(bill | {"components": [{"type": "library"}]}))


def test_it_names_the_program(bill, nsxcert_release):
    component = bill["metadata"]["component"]
    assert succeed(nsxcert_release, "--version").startswith(f"{component['name']} {component['version']}\n")
    digest = hashlib.sha256(Path(nsxcert_release).read_bytes()).hexdigest()
    assert component["hashes"] == [{"alg": "SHA-256", "content": digest}]


def test_it_names_all_that_the_program_loads(bill, nsxcert_release):
    loaded = re.findall(r"NEEDED.*\[(.+?)\]", succeed("readelf", "-dW", nsxcert_release))
    named = [entry["value"] for component in bill["components"] for entry in component["properties"]]
    assert sorted(named) == sorted(soname for soname in loaded if not soname.startswith("ld-linux"))


def test_versions_are_those_the_program_tells(bill, nsxcert_release):
    told = dict(re.findall(r"(\w+) ([\d.]+)", succeed(nsxcert_release, "--version").partition("\n")[2]))
    versions = {component["name"]: component["version"] for component in bill["components"]}
    assert versions | {"openssl": told["OpenSSL"], "jansson": told["jansson"], "curl": told["libcurl"]} == versions
    assert set(versions) == {"openssl", "jansson", "curl", "glibc"}


def test_packages_are_those_installed(bill):
    """On Debian: pkg:deb/debian/PACKAGE@VERSION."""
    for component in bill["components"]:
        package, version = re.fullmatch(r"pkg:deb/\w+/([^@]+)@([^?]+)\?arch=\w+&distro=[\w.-]+", component["purl"]).groups()
        assert version.replace("%2B", "+").replace("%3A", ":") in run("dpkg-query", "-W", "-f", "${Version}\n", package).stdout.split()


def test_dependencies_lead_to_components(bill):
    references = {component["bom-ref"] for component in bill["components"]}
    depends = {entry["ref"]: entry.get("dependsOn", []) for entry in bill["dependencies"]}
    own = bill["metadata"]["component"]["bom-ref"]
    assert set(depends[own]) == references and set(depends) == references | {own}


def test_the_same_program_gives_the_same_bytes(make, bill):
    epoch = "1700000000"
    first, second = (Path(make("sbom", SOURCE_DATE_EPOCH=epoch).splitlines()[-1]).read_bytes() for _ in range(2))
    assert first == second
    assert json.loads(first)["metadata"].pop("timestamp") == "2023-11-14T22:13:20Z"


def test_the_package_brings_one_of_its_own_program(package, validator, tmp_path):
    succeed("dpkg-deb", "--extract", package, tmp_path)
    packed = json.loads((tmp_path / "usr/share/doc/nsxcert/nsxcert.cdx.json").read_text())
    assert [error.message for error in validator.iter_errors(packed)] == []
    digest = hashlib.sha256((tmp_path / "usr/bin/nsxcert").read_bytes()).hexdigest()
    assert packed["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}]
