#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the versions of ansible-core that the collection is tested with, each into build/ansible-VERSION:
# `install.sh [VERSION…]`, by default all. A version without a Python for it is left out, with a word on stderr; what
# is up to date is not touched. `install.sh --python VERSION` prints the interpreter that would be taken.
set -euo pipefail
cd "$(dirname "$0")/../.."

declare -A pythons=(
    [2.16]="python3.11 python3.12 python3.10 python3"
    [2.19]="python3.11 python3.12 python3.13 python3"
    [2.21]="python3.13 python3.12 python3.14 python3"
)
declare -A ranges=([2.16]="3.10 3.12" [2.19]="3.11 3.13" [2.21]="3.12 3.14")

# Whether the interpreter at PATH is one that ansible-core VERSION runs on, and can make a venv.
suits() {
    local least=${ranges[$1]% *} most=${ranges[$1]#* }
    "$2" -c "
import ensurepip, sys, venv
sys.exit(not (${least/./, },) <= sys.version_info[:2] <= (${most/./, },))" 2>/dev/null
}

# The paths that NAME may stand for: on PATH, and what pyenv has.
places_of() {
    local name=$1 root version=${1#python}
    type -P -a "$name" || true
    root=${PYENV_ROOT:-$(pyenv root 2>/dev/null || true)}
    [ -z "$root" ] || printf '%s\n' "$root/versions/$version".*/bin/"$name"
}

# Prints the real path of an interpreter for ansible-core VERSION.
find_python() {
    local name path
    for name in ${pythons[$1]}; do
        for path in $(places_of "$name"); do
            if [ -x "$path" ] && suits "$1" "$path"; then
                "$path" -c 'import sys; print(sys.executable)'
                return
            fi
        done
    done
    return 1
}

install_version() {
    local version=$1 venv=build/ansible-$1 list=tests/ansible/requirements-$1.txt python want
    if ! python=$(find_python "$version"); then
        echo "ansible: no Python ${ranges[$version]/ / to } for ansible-core $version here: its tests are skipped" >&2
        rm -rf "$venv"
        return
    fi
    want="$("$python" -c 'import sys; print(sys.version)') $(sha256sum "$list")"
    [ "$(cat "$venv/.stamp" 2>/dev/null)" = "$want" ] && return
    echo "ansible: installing $list into $venv"
    "$python" -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --retries 5 -r "$list"
    echo "$want" >"$venv/.stamp"
}

if [ "${1:-}" = --python ]; then
    find_python "$2"
    exit
fi
[ $# -gt 0 ] || set -- 2.16 2.19 2.21
for version in "$@"; do
    if [ -z "${pythons[$version]:-}" ]; then
        echo "ansible: unknown version $version; there are: ${!pythons[*]}" >&2
        exit 64
    fi
done
mkdir -p build
exec 9>build/.ansible.lock
flock 9
running=()
for version in "$@"; do # side by side: most of the time is waiting and unpacking
    install_version "$version" &
    running+=($!)
done
for process in "${running[@]}"; do
    wait "$process"
done
