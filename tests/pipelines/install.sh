#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what checks pipelines/ into build/: actionlint into build/go/bin (left out without Go, its test is skipped then);
# promtool and node_exporter out of Debian's packages into build/prometheus, without the rest of them: no service, no
# dependencies. Nothing is done when all is there.
set -euo pipefail
cd "$(dirname "$0")/../.."

actionlint=v1.7.12

install_actionlint() {
    [ "$(cat build/go/actionlint.version 2>/dev/null)" = "$actionlint" ] && [ -x build/go/bin/actionlint ] && return
    command -v go >/dev/null || { echo "pipelines: actionlint needs Go, which is not installed" >&2; return 0; }
    echo "pipelines: installing actionlint $actionlint"
    mkdir -p build/go
    GOBIN="$PWD/build/go/bin" go install "github.com/rhysd/actionlint/cmd/actionlint@$actionlint"
    echo "$actionlint" >build/go/actionlint.version
}

# Packages into a folder.
download() {
    (cd "$1" && apt-get -o Acquire::Retries=3 -o APT::Sandbox::User=root -qq download "${@:2}" >/dev/null)
}

# The lists of packages may be missing or old.
update_lists() {
    if [ "$(id -u)" -eq 0 ]; then
        apt-get -o Acquire::Retries=3 -qq update
    else
        sudo -n apt-get -o Acquire::Retries=3 -qq update
    fi
}

install_prometheus() {
    [ -x build/prometheus/promtool ] && [ -x build/prometheus/prometheus-node-exporter ] && return
    echo "pipelines: installing promtool and node_exporter"
    local folder package
    folder=$(mktemp -d)
    if ! download "$folder" prometheus prometheus-node-exporter 2>/dev/null; then
        update_lists
        download "$folder" prometheus prometheus-node-exporter
    fi
    for package in "$folder"/*.deb; do
        dpkg-deb --extract "$package" "$folder"
    done
    mkdir -p build/prometheus
    mv "$folder/usr/bin/promtool" "$folder/usr/bin/prometheus-node-exporter" build/prometheus/
    rm -rf "$folder"
}

code=0
install_actionlint || code=$?
install_prometheus || code=$?
exit "$code"
