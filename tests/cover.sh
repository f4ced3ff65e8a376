#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Which lines of src/ the tests reach: runs unit tests and pytest with an instrumented build. The page is
# build/cover/report/index.html; the last line of output is the total.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
build=$(realpath -m "${BUILD:-build}")
export PATH="$PWD/build/venv/bin:$PATH"
export NSXCERT=$build/cover/nsxcert NSXCERT_RELEASE=$build/cover/nsxcert NSXCERT_HOOKS=$build/cover/nsxcert
"${MAKE:-make}" --no-print-directory -j2 BUILD="$build" FLAVOUR=cover all unit-programs || exit
find "$build/cover" -name '*.gcda' -delete
for program in "$build"/cover/unit/test_*; do
    [[ $program == *.d ]] || CK_VERBOSITY=minimal "$program"
done
python -m pytest -n 2 --dist loadfile -q tests </dev/null
mkdir -p "$build/cover/report"
gcovr --root . --filter src/ --object-directory "$build/cover/obj" --exclude-unreachable-branches \
    --html-details "$build/cover/report/index.html" --print-summary "$build/cover/obj" >"$build/cover/summary.txt"
grep -E '^(lines|branches):' "$build/cover/summary.txt"
