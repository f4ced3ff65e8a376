#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rooms of src/ include in one direction: cli, op, nsx, net, x509, json, base; each may use those to its right.
embed is a program of its own, of which none of them knows."""
import re

from sources import ROOT, finish, text_of

ROOMS = ["embed", "cli", "op", "nsx", "net", "x509", "json", "base"]
# Where x509 and json meet, and who alone sees libcurl.
MEETING_PLACE = {"x509/describe.h", "x509/describe.c"}
CURL_ALONE = ("net/http.c", "net/http_client.c", "net/http_client.h")
# Rooms that must not know JSON trees at all.
WITHOUT_JANSSON = {"base", "net"}


def operations():
    """The operations by the plans that op.h declares; their headers are private to them."""
    path = ROOT / "src/op/op.h"
    return re.findall(r"^bool (\w+)_plan\(", path.read_text(), re.MULTILINE) if path.exists() else []


def owner_of(stem, names):
    """The operation that a file of src/op belongs to, or None when it is shared."""
    return next((name for name in names if stem == name or stem.startswith(name + "_")), None)


def findings_of(name, names):
    inside = name.relative_to("src")
    room = inside.parts[0]
    for number, line in enumerate(text_of(name).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+["<]([^">]+)[">]', line)
        if not match:
            continue
        header = match[1]
        where = f"{name}:{number}: includes {header}"
        to_room = header.split("/")[0]
        if header.startswith("curl/") and str(inside) not in CURL_ALONE:
            yield f"{where}: only src/net/http.c and http_client may see libcurl"
        if header == "jansson.h":
            if room in WITHOUT_JANSSON or (room == "x509" and str(inside) not in MEETING_PLACE):
                yield f"{where}: {room} does not know JSON"
        if line.lstrip().startswith("#") and '"' in line and not (ROOT / "src" / header).exists():
            yield f"{where}: own headers are named from src/"
        if to_room not in ROOMS or "/" not in header:
            continue
        if ROOMS.index(to_room) < ROOMS.index(room):
            yield f"{where}: {room} must not know {to_room}"
        if room == "x509" and to_room == "json" and str(inside) not in MEETING_PLACE:
            yield f"{where}: x509 and json meet only in x509/describe"
        if room == "op" and to_room == "op":
            owner = owner_of(header[len("op/"):-len(".h")], names)
            if owner and owner != owner_of(inside.stem, names):
                yield f"{where}: {owner}'s own header; operations reach each other through the table"


def main():
    names = operations()
    files = sorted(path.relative_to(ROOT) for path in (ROOT / "src").rglob("*") if path.suffix in (".c", ".h", ".def"))
    for path in files:
        if path.parts[1] not in ROOMS:
            finish([f"{path}: no room of that name"])
    finish([finding for path in files for finding in findings_of(path, names)])


if __name__ == "__main__":
    main()
