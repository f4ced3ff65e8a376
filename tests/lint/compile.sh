# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# For the checks that compile by themselves: the flags of the Makefile, so that they exist once.
# The compiler's flags for a flavour, without the compiler: `mapfile -t flags < <(compile_flags FLAVOUR [VARIABLE=…])`.
compile_flags() {
    make --no-print-directory -s FLAVOUR="$1" "${@:2}" print-flags | xargs -n 1 printf '%s\n'
}
