#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over each source file, by the rules of .clang-tidy. A file that was clean is looked at again only when
# it, a header it includes, or the rules changed.
set -uo pipefail
. tests/lint/compile.sh
mapfile -t flags < <(compile_flags hooks CC=clang-19)
export known=${BUILD:-build}/lint/tidy
mkdir -p "$known"
tidy_file() {
    local file=$1 key
    shift
    key=$({ cat .clang-tidy && clang-19 "$@" -E "$file"; } | sha256sum | cut -d ' ' -f 1)
    [ -e "$known/$key" ] && return
    clang-tidy-19 --quiet --warnings-as-errors='*' "$file" -- "$@" 2>&1 | grep -vE '^[0-9]+ warnings? generated\.$'
    [ "${PIPESTATUS[0]}" -eq 0 ] && : >"$known/$key"
}
export -f tidy_file
# shellcheck disable=SC2016 # the inner shell expands
printf '%s\0' src/*/*.c | xargs -0 -P 2 -I {} bash -c 'tidy_file "$@"' tidy_file {} "${flags[@]}"
