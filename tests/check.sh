#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `make check`: builds, then runs unit tests, pytest and lint, and adds up what they found. A part that fails does not
# stop the others. With --long also what takes too long for every day. The last line is `N passed, N failed, N skipped`.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

long=
[ "${1:-}" != --long ] || long=1
build=$(realpath -m "${BUILD:-build}")
reports=$build/reports
mkdir -p "$build"
exec 8>"$build/.check.lock" # two at once would mix their reports
flock -n 8 || { echo "check: waiting for another run" && flock 8; }
rm -rf "$reports"
mkdir -p "$reports"
unset MAKEFLAGS MFLAGS MAKELEVEL
make=("${MAKE:-make}" --no-print-directory -k -j2 "BUILD=$build")

export PATH="$PWD/build/venv/bin:$PATH"
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export NSXCERT=$build/asan/nsxcert NSXCERT_RELEASE=$build/release/nsxcert NSXCERT_HOOKS=$build/hooks/nsxcert

# What must have left a report in the end: summary.py counts a missing one as a failure.
expect() {
    printf '%s\t%s\n' "$1" "$2" >>"$reports/expected.tsv"
}

export BUILD=$build

step() {
    expect step "$1"
    tests/step.sh "$reports" "$@"
}

build_all() {
    step build-release "${make[@]}" FLAVOUR=release all
    step build-asan "${make[@]}" FLAVOUR=asan all
    step build-hooks "${make[@]}" FLAVOUR=hooks all
    step build-units "${make[@]}" FLAVOUR=asan unit-programs
    step build-fuzzers "${make[@]}" FLAVOUR=asan fuzzers
}

# The names of the unit test programs, each with SUFFIX behind it.
expect_units() {
    local source name
    for source in tests/unit/test_*.c; do
        name=$(basename "$source" .c)
        expect unit "$name$1"
        echo "$name"
    done
}

run_units() {
    local valgrind=(valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite)
    expect_units "" | xargs -P 2 -I {} tests/unit.sh "$reports" {} "$build/asan/unit/{}"
    [ -n "$long" ] || return
    step build-hooks-units "${make[@]}" FLAVOUR=hooks unit-programs
    # valgrind takes its time, and some of the descriptors.
    expect_units -valgrind | UNDER_VALGRIND=1 CK_TIMEOUT_MULTIPLIER=20 UNIT_SECONDS=1800 \
        xargs -P 2 -I {} tests/unit.sh "$reports" {}-valgrind "${valgrind[@]}" "$build/hooks/unit/{}"
}

# The corpora of the fuzzers, once each.
run_corpora() {
    local source entry
    for source in tests/fuzz/*.c; do
        entry=$(basename "$source" .c)
        [ "$entry" = replay ] || step "corpus-$entry" tests/fuzz/run.sh --corpus "$entry"
    done
}

# The Ansible collection by each version of ansible-core.
run_ansible() {
    tests/ansible/run.sh "$reports"
}

# A sample of what `make mutation` does.
run_mutation() {
    MODULE=src/x509/name.c MUTATION_COUNT=120 MUTATION_SECONDS=600 MUTATION_MIN=75 \
        step mutation-name tests/mutation/run.sh
}

run_pytest() {
    local selection=()
    [ -z "$long" ] || selection=(-m "long or not long")
    expect pytest pytest
    # More workers than cores: half of the time they wait, for simulated managers that restart.
    python -m pytest -n 4 --dist loadfile -q --junit-xml="$reports/pytest.xml" "${selection[@]}" tests </dev/null
    echo $? >"$reports/pytest.exit"
}

part() {
    local started=$SECONDS
    echo "== $1"
    "${@:2}"
    echo "== $1 took $((SECONDS - started)) s"
}

part build build_all
part units run_units
part corpora run_corpora
part pytest run_pytest
part ansible run_ansible
[ -z "$long" ] || part mutation run_mutation
part lint tests/lint/run.sh "$reports" ${long:+--long}
exec python tests/summary.py "$reports"
