#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the checks of the sources, two at a time: `tests/lint/run.sh REPORTS [--long] [NAME…]`.
# A check is an executable tests/lint/check_NAME.{py,sh}, silent and 0 when all is well; those of tests/lint/long
# run only with --long.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
reports=$1
shift
folders=(tests/lint)
if [ "${1:-}" = --long ]; then
    folders+=(tests/lint/long)
    shift
fi
mkdir -p "$reports"
export PATH="$PWD/build/venv/bin:$PATH"

list_checks() {
    local folder name
    for folder in "${folders[@]}"; do
        find "$folder" -maxdepth 1 -name 'check_*.py' -o -maxdepth 1 -name 'check_*.sh'
    done | sort | while read -r file; do
        name=$(basename "${file%.*}")
        name=${name#check_}
        [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
        echo "lint-$name $file"
    done
}

run_check() {
    case $3 in
        *.py) exec tests/step.sh "$1" "$2" python "$3" ;;
        *) exec tests/step.sh "$1" "$2" bash "$3" ;;
    esac
}
export -f run_check

list_checks "$@" >"$reports/checks.txt"
while read -r name _; do
    printf 'step\t%s\n' "$name"
done <"$reports/checks.txt" >>"$reports/expected.tsv"
for name in "$@"; do
    grep -q "^lint-$name " "$reports/checks.txt" || {
        echo "lint: no check is named $name; there are: $(list_checks | sed 's/^lint-//; s/ .*//' | xargs)" >&2
        exit 2
    }
done
# shellcheck disable=SC2016 # $@ is expanded by the inner shell
xargs -P 2 -L 1 bash -c 'run_check "$@"' run_check "$reports" <"$reports/checks.txt" ||
    true # what failed stands in the reports, and summary.py counts it
