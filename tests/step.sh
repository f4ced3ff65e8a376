#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs one check that is a command: `tests/step.sh REPORTS NAME COMMAND…`. Its outcome becomes a line of
# REPORTS/steps.tsv (exit 77: skipped, the last line of output is the reason); the output of a failure is shown.
set -uo pipefail
reports=$1 name=$2
shift 2
log=$reports/$name.log
started=$SECONDS
"$@" >"$log" 2>&1 </dev/null
status=$?
reason=$(tail -n 1 "$log" | tr '\t' ' ')
case $status in
    0) outcome=passed ;;
    77) outcome=skipped ;;
    *) outcome=failed reason="exit $status, see $log" ;;
esac
printf '%s\t%s\t%s\n' "$outcome" "$name" "$reason" >>"$reports/steps.tsv"
{
    printf '%-8s%s (%d s)\n' "$outcome" "$name" $((SECONDS - started))
    if [ "$outcome" = failed ]; then
        tail -n "${STEP_LINES:-60}" "$log" | sed 's/^/    /'
    fi
} >"$log.shown"
cat "$log.shown" # at once, so that two checks side by side do not mix
rm -f "$log.shown"
[ "$outcome" != failed ]
