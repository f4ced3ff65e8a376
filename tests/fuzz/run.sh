#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes each entry tests/fuzz/ENTRY.c for FUZZ_SECONDS, two at a time, from the corpus tests/fuzz/corpus/ENTRY and what
# earlier runs found (build/fuzz/corpus); inputs that break it stay in build/fuzz/found.
# `tests/fuzz/run.sh --corpus ENTRY` only runs the corpus of one entry, built by `make FLAVOUR=asan fuzzers`.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
build=$(realpath -m "${BUILD:-build}")
export build

if [ "${1:-}" = --corpus ]; then
    mapfile -t inputs < <(find "tests/fuzz/corpus/$2" -type f | sort)
    [ ${#inputs[@]} -gt 0 ] || { echo "no corpus in tests/fuzz/corpus/$2" && exit 1; }
    exec timeout --kill-after=5 300 "$build/asan/fuzz/$2" "${inputs[@]}"
fi

fuzz_entry() {
    local entry=$1 options=(-max_total_time="${FUZZ_SECONDS:-30}" -timeout=5 -rss_limit_mb=2048 -print_final_stats=1)
    [ ! -e "tests/fuzz/$entry.dict" ] || options+=(-dict="tests/fuzz/$entry.dict")
    mkdir -p "$build/fuzz/corpus/$entry" "$build/fuzz/found"
    tests/step.sh "$build/fuzz/reports" "fuzz-$entry" "$build/fuzz/fuzz/$entry" "${options[@]}" \
        -artifact_prefix="$build/fuzz/found/$entry-" "$build/fuzz/corpus/$entry" "tests/fuzz/corpus/$entry"
}
export -f fuzz_entry

"${MAKE:-make}" --no-print-directory -j2 BUILD="$build" CC=clang-19 FLAVOUR=fuzz fuzzers || exit
rm -rf "$build/fuzz/reports"
mkdir -p "$build/fuzz/reports"
for source in tests/fuzz/*.c; do
    entry=$(basename "$source" .c)
    [ "$entry" != replay ] || continue
    printf 'step\tfuzz-%s\n' "$entry" >>"$build/fuzz/reports/expected.tsv"
    echo "$entry"
done | xargs -P 2 -I {} bash -c 'fuzz_entry {}'
exec build/venv/bin/python tests/summary.py "$build/fuzz/reports"
