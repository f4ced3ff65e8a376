#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Changes one source file in small ways, one at a time, and looks whether its unit test notices:
#   MODULE=src/x509/name.c MUTATION_SECONDS=300 tests/mutation/run.sh
# MUTATION_TESTS="test_a test_b" names other tests than the one called after the file; MUTATION_COUNT bounds how many
# changes are tried; MUTATION_MIN is the share in percent that must be noticed (0). What was not noticed is in
# build/mutation/FILE.survivors, to be read one by one: many of them change nothing that can be seen.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lint/compile.sh
. tests/lint/compile.sh
build=$(realpath -m "${BUILD:-build}")
module=${MODULE:?names the file to change, such as src/x509/name.c}
version=1.14.1
venv=build/mutation/venv

if [ "$(cat "$venv/.version" 2>/dev/null)" != "$version" ]; then
    echo "mutation: installing universalmutator $version into $venv"
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --retries 5 "universalmutator==$version"
    echo "$version" >"$venv/.version"
fi

# The test called after the file, or after the longest part of its name that has one.
find_tests() {
    local name
    name=$(basename "$module" .c)
    while [ ! -e "tests/unit/test_$name.c" ]; do
        [[ $name == *_* ]] || { echo "mutation: no unit test is called after $module: set MUTATION_TESTS" >&2 && exit 1; }
        name=${name%_*}
    done
    echo "test_$name"
}
[ -n "${MUTATION_TESTS:-}" ] || MUTATION_TESTS=$(find_tests)

read -ra tests <<<"$MUTATION_TESTS"
"${MAKE:-make}" --no-print-directory -s BUILD="$build" FLAVOUR=debug "${tests[@]/#/$build/debug/unit/}"
mapfile -t flags < <(compile_flags debug)
exec python3 tests/mutation/run.py --build "$build" --mutate "$venv/bin/mutate" --seconds "${MUTATION_SECONDS:-300}" \
    --min "${MUTATION_MIN:-0}" --count "${MUTATION_COUNT:-0}" --tests "${tests[@]}" --module "$module" -- "${flags[@]}"
