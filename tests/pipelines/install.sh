#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what checks pipelines/ into build/: actionlint (needs Go) into build/go/bin; promtool out of Debian's package
# into build/prometheus, without the rest of it: no service, no dependencies. Nothing is done when all is there.
set -euo pipefail
cd "$(dirname "$0")/../.."

actionlint=v1.7.12

install_actionlint() {
    [ "$(cat build/go/actionlint.version 2>/dev/null)" = "$actionlint" ] && [ -x build/go/bin/actionlint ] && return
    command -v go >/dev/null || { echo "pipelines: actionlint needs Go, which is not installed" >&2; return 1; }
    echo "pipelines: installing actionlint $actionlint"
    mkdir -p build/go
    GOBIN="$PWD/build/go/bin" go install "github.com/rhysd/actionlint/cmd/actionlint@$actionlint"
    echo "$actionlint" >build/go/actionlint.version
}

download_prometheus() {
    (cd "$1" && apt-get -o Acquire::Retries=3 -o APT::Sandbox::User=root -qq download prometheus >/dev/null)
}

# The lists of packages may be missing or old.
update_lists() {
    if [ "$(id -u)" -eq 0 ]; then
        apt-get -o Acquire::Retries=3 -qq update
    else
        sudo -n apt-get -o Acquire::Retries=3 -qq update
    fi
}

install_promtool() {
    [ -x build/prometheus/promtool ] && return
    echo "pipelines: installing promtool"
    local folder
    folder=$(mktemp -d)
    if ! download_prometheus "$folder" 2>/dev/null; then
        update_lists
        download_prometheus "$folder"
    fi
    mkdir -p build/prometheus
    dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb | tar -xC "$folder" ./usr/bin/promtool
    mv "$folder/usr/bin/promtool" build/prometheus/promtool
    rm -rf "$folder"
}

code=0
install_actionlint || code=$?
install_promtool || code=$?
exit "$code"
