#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what building and testing need on Debian 12: `tests/deps.sh [SET…]`, by default build, test, ssh and lint.
# Packages come from apt (as root or by sudo), Python's into build/venv. Nothing is done when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A packages=(
    [build]="gcc libc6-dev make pkg-config libssl-dev libjansson-dev libcurl4-openssl-dev"
    [test]="check curl openssl jq strace valgrind libc6-dbg faketime util-linux ca-certificates git"
    [ssh]="openssh-server openssh-client sshpass libnss-wrapper"
    [lint]="clang-19 clang-tidy-19 clang-format-19 cppcheck shellcheck yamllint codespell mandoc"
    [fuzz]="clang-19 libclang-rt-19-dev llvm-19"
    [cover]="gcovr"
    [demo]="curl openssl ca-certificates"
    [bench]="valgrind libc6-dbg strace"
)
sets=("$@")
[ $# -gt 0 ] || sets=(build test ssh lint)
venv=build/venv

has_set() {
    local set
    for set in "${sets[@]}"; do
        [ "$set" = "$1" ] && return 0
    done
    return 1
}

# The packages of the sets that are not installed, one a line.
missing_packages() {
    local set name
    for set in "${sets[@]}"; do
        for name in ${packages[$set]}; do
            [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
        done
    done | sort -u
    if { has_set test || has_set demo; } && ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        printf '%s\n' python3 python3-venv
    fi
}

install_packages() {
    local root=() names=("$@")
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            echo "deps: these packages are missing, and installing them needs root: ${names[*]}" >&2
            exit 1
        fi
        root=(sudo -n)
    fi
    echo "deps: installing ${names[*]}"
    "${root[@]}" apt-get -o Acquire::Retries=3 -qq update
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -qq \
        install -y --no-install-recommends "${names[@]}" >/dev/null
}

# The venv is made anew when the requirements or the interpreter changed.
install_venv() {
    local stamp=$venv/.stamp want
    want="$(python3 -c 'import sys; print(sys.version)') $(sha256sum tests/requirements.txt)"
    [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return
    echo "deps: installing tests/requirements.txt into $venv"
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --retries 5 -r tests/requirements.txt
    echo "$want" >"$stamp"
}

for set in "${sets[@]}"; do
    if [ -z "${packages[$set]:-}" ]; then
        echo "deps: unknown set $set; there are: ${!packages[*]}" >&2
        exit 64
    fi
done
mkdir -p build
exec 9>build/.deps.lock
flock 9
mapfile -t missing < <(missing_packages)
[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
if has_set test || has_set lint || has_set demo; then
    install_venv
fi
if has_set test; then
    for tool in go node; do
        command -v "$tool" >/dev/null || echo "deps: no $tool here: the tests that connect by it are skipped" >&2
    done
fi
# What the wrappers are tested with.
if has_set test && has_set lint; then
    tests/ansible/install.sh
    tests/packaging/install.sh
    tests/pipelines/install.sh
    ! command -v go >/dev/null || tests/terraform/install.sh
fi
# The linters that give a second opinion on what is generated.
if has_set test && command -v go >/dev/null; then
    tests/second_opinion/install.sh
fi
