#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What of src/ the tests reach: the unit tests and the integration tests against an old and a new NSX, with an
# instrumented build. Sweeps and fuzzing add time but hardly a line. Prints lines and branches per room and the files
# below COVER_MIN percent of their lines (80); the page is build/cover/report/index.html.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
build=$(realpath -m "${BUILD:-build}")
cover=$build/cover
export PATH="$PWD/build/venv/bin:$PATH"
export NSXCERT=$cover/nsxcert NSXCERT_RELEASE=$cover/nsxcert NSXCERT_HOOKS=$cover/nsxcert NSX_VERSIONS="2.4 4.2"
"${MAKE:-make}" --no-print-directory -j2 BUILD="$build" FLAVOUR=cover all unit-programs || exit
find "$cover" -name '*.gcda' -delete
mkdir -p "$cover/report"
failed=
for source in tests/unit/test_*.c; do
    CK_VERBOSITY=minimal "$cover/unit/$(basename "$source" .c)" || failed=1
done
python -m pytest -n 2 --dist loadfile -q tests/integration </dev/null || failed=1
gcovr --root . --filter src/ --exclude-unreachable-branches --gcov-ignore-parse-errors \
    --html-details "$cover/report/index.html" --json-summary "$cover/summary.json" "$cover/obj" >/dev/null || exit
python tests/cover.py "$cover/summary.json" "${COVER_MIN:-80}"
[ -z "$failed" ] || { echo "cover: some tests failed, so the figures are too low" && exit 1; }
