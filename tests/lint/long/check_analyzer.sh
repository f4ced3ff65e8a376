#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# gcc's own analyzer over each source file.
set -uo pipefail
. tests/lint/compile.sh
mapfile -t flags < <(compile_flags hooks)
printf '%s\0' src/*/*.c |
    xargs -0 -P 2 -I {} gcc "${flags[@]}" -fanalyzer -Wno-analyzer-too-complex -Werror -c -o /dev/null {}
