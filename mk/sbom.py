#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the bill of materials of a built program: `sbom.py PROGRAM VERSION EPOCH`, CycloneDX 1.6 in JSON.

What it lists is what the program's ELF header asks the loader for. Versions are those of pkg-config, packages those of
dpkg where there is one. The same program on the same machine gives the same bytes.
"""
import datetime
import hashlib
import json
import re
import shutil
import subprocess
import sys
import urllib.parse
import uuid
from pathlib import Path

HOMEPAGE = "https://github.com/nsxcert/nsxcert"
# soname without its version: name, SPDX licence, pkg-config module, homepage
LIBRARIES = {
    "libssl": ("openssl", "Apache-2.0", "libssl", "https://www.openssl.org"),
    "libcrypto": ("openssl", "Apache-2.0", "libcrypto", "https://www.openssl.org"),
    "libcurl": ("curl", "curl", "libcurl", "https://curl.se"),
    "libjansson": ("jansson", "MIT", "jansson", "https://github.com/akheron/jansson"),
    "libc": ("glibc", "LGPL-2.1-or-later", None, "https://www.gnu.org/software/libc/"),
    "libm": ("glibc", "LGPL-2.1-or-later", None, "https://www.gnu.org/software/libc/"),
    "libpthread": ("glibc", "LGPL-2.1-or-later", None, "https://www.gnu.org/software/libc/"),
}


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def sonames(program):
    return re.findall(r"\(NEEDED\).*\[(.+?)\]", output_of("readelf", "-dW", program))


def distribution():
    """ID and VERSION_ID of the machine, as a purl wants them."""
    facts = dict(re.findall(r'^(\w+)="?([^"\n]*)', Path("/etc/os-release").read_text(), re.MULTILINE))
    return facts.get("ID", "linux"), facts.get("VERSION_ID", "")


def package_of(program, soname):
    """(package, version, architecture) by dpkg of the file that the loader takes, or None."""
    if not shutil.which("dpkg-query"):
        return None
    path = re.search(rf"{re.escape(soname)} => (\S+)", output_of("ldd", program))[1]
    for candidate in (path, str(Path(path).resolve()), path.removeprefix("/usr"), "/usr" + path):
        owner = subprocess.run(["dpkg-query", "-S", candidate], capture_output=True, text=True)
        if owner.returncode == 0:
            package = owner.stdout.rpartition(": ")[0]
            return tuple(output_of("dpkg-query", "-W", "-f", "${Package} ${Version} ${Architecture}", package).split())
    return None


def purl_of(name, version, package):
    if package is None:
        return f"pkg:generic/{name}@{urllib.parse.quote(version)}"
    system, release = distribution()
    binary, packed, architecture = (urllib.parse.quote(text, safe="") for text in package)
    return f"pkg:deb/{system}/{binary}@{packed}?arch={architecture}&distro={system}-{release}"


def licensed(licence):
    return [{"license": {"id": licence}}]


def component_of(program, soname):
    family = soname.partition(".so")[0]
    if family not in LIBRARIES:
        sys.exit(f"sbom: nothing is known of {soname}: add it to LIBRARIES of mk/sbom.py")
    name, licence, module, homepage = LIBRARIES[family]
    package = package_of(program, soname)
    version = output_of("pkg-config", "--modversion", module).strip() if module else ""
    if not version:
        version = re.split(r"[-+]", package[1].rpartition(":")[2])[0] if package else "unknown"
    purl = purl_of(name, version, package)
    return {
        "type": "library", "bom-ref": purl, "name": name, "version": version, "licenses": licensed(licence), "purl": purl,
        "externalReferences": [{"type": "website", "url": homepage}],
    }


def libraries(program):
    """A component for each package, with the sonames taken from it."""
    components = {}
    for soname in sonames(program):
        if soname.startswith("ld-linux"):
            continue  # comes with libc
        component = component_of(program, soname)
        component = components.setdefault(component["bom-ref"], component)
        component.setdefault("properties", []).append({"name": "nsxcert:soname", "value": soname})
    return [components[reference] for reference in sorted(components)]


def bill(program, version, epoch):
    content = hashlib.sha256(Path(program).read_bytes()).hexdigest()
    own = f"pkg:generic/nsxcert@{urllib.parse.quote(version)}"
    components = libraries(program)
    references = [component["bom-ref"] for component in components]
    moment = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, " ".join([HOMEPAGE, content, *references])).urn,
        "version": 1,
        "metadata": {
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application", "bom-ref": own, "name": "nsxcert", "version": version, "purl": own,
                "licenses": licensed("Apache-2.0"), "hashes": [{"alg": "SHA-256", "content": content}],
                "externalReferences": [{"type": "website", "url": HOMEPAGE}],
            },
        },
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": references}, *({"ref": reference} for reference in references)],
    }


if __name__ == "__main__":
    json.dump(bill(sys.argv[1], sys.argv[2], int(sys.argv[3])), sys.stdout, indent=2)
    print()
