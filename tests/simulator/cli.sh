#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The shell of the account that sshd logs in: a manager's command line. It knows no command: each line goes to the
# control port (NSX_CONTROL, HOST/PORT) together with the manager's address, and what comes back is printed.
# `-c COMMAND` is one line; else lines come from standard input, behind a prompt when that is a terminal.
LC_ALL=C
trap '' INT

answer() {
    local line
    exec 3<>"/dev/tcp/$NSX_CONTROL"
    printf 'POST /cli?manager=%s HTTP/1.0\r\nHost: cli\r\nContent-Length: %d\r\n\r\n%s' \
        "$NSX_MANAGER" "${#1}" "$1" >&3
    while IFS= read -r line <&3 && [ "$line" != $'\r' ]; do
        : # the head of the answer
    done
    cat <&3
    exec 3>&-
}

interact() {
    local line prompt=
    [ ! -t 0 ] || prompt="$NSX_HOST> "
    while printf '%s' "$prompt" && { IFS= read -r line || [ -n "$line" ]; }; do
        [ "${line//[[:space:]]/}" != exit ] || return 0
        answer "$line"
    done
}

if [ "${1:-}" != -c ]; then
    interact
elif [ "${2//[[:space:]]/}" != exit ]; then
    answer "$2"
fi
