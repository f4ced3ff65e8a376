#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each header compiles alone: it includes what it uses.
set -uo pipefail
. tests/lint/compile.sh
mapfile -t flags < <(compile_flags hooks)
check_header() {
    local compiler status=0
    for compiler in gcc clang-19; do
        "$compiler" "${@:2}" -Werror -fsyntax-only -x c - <<<"#include \"${1#src/}\"" || status=1
    done
    return $status
}
export -f check_header
# shellcheck disable=SC2016 # the inner shell expands
printf '%s\0' src/*/*.h | xargs -0 -P 2 -I {} bash -c 'check_header "$@"' check_header {} "${flags[@]}"
