#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs one unit test program: `tests/unit.sh REPORTS NAME COMMAND…`. Its TAP report and its exit status are left in
# REPORTS/unit, where summary.py counts them.
set -uo pipefail
reports=$1 name=$2
shift 2
mkdir -p "$reports/unit"
out=$reports/unit/$name
CK_TAP_LOG_FILE_NAME=$out.tap CK_VERBOSITY=normal \
    timeout --kill-after=5 "${UNIT_SECONDS:-300}" "$@" >"$out.log" 2>&1 </dev/null
status=$?
echo "$status" >"$out.exit"
{
    printf '%-8s%s: %s\n' unit "$name" "$(grep -m 1 -E '^[0-9]+%: Checks' "$out.log" || echo "exit $status, no report")"
    [ "$status" -eq 0 ] || sed 's/^/    /' "$out.log"
} >"$out.shown"
cat "$out.shown" # at once, so that two programs side by side do not mix
rm -f "$out.shown"
exit "$status"
