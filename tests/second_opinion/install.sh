#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the linters of the second opinion into build/: zlint (needs Go) into build/go/bin, pkilint into build/pkilint
# unless build/venv has it. Nothing is done when all is there.
set -euo pipefail
cd "$(dirname "$0")/../.."

zlint=v3.7.3
pkilint=0.13.3

have_zlint() {
    [ "$(cat build/go/zlint.version 2>/dev/null)" = "$zlint" ] && [ -x build/go/bin/zlint ]
}

have_pkilint() {
    local venv
    for venv in build/venv build/pkilint; do
        if [ -x "$venv/bin/lint_pkix_cert" ] &&
            "$venv/bin/python" -c "import importlib.metadata as m, sys; sys.exit(m.version('pkilint') != '$pkilint')"; then
            return 0
        fi
    done
    return 1
}

mkdir -p build/go
if ! have_zlint; then
    command -v go >/dev/null || { echo "second opinion: zlint needs Go, which is not installed" >&2; exit 1; }
    echo "second opinion: installing zlint $zlint"
    GOBIN="$PWD/build/go/bin" go install "github.com/zmap/zlint/v3/cmd/zlint@$zlint"
    echo "$zlint" >build/go/zlint.version
fi
if ! have_pkilint; then
    echo "second opinion: installing pkilint $pkilint"
    python3 -m venv build/pkilint
    build/pkilint/bin/pip install --quiet --disable-pip-version-check --retries 5 "pkilint==$pkilint"
fi
