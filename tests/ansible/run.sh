#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the Ansible collection: `run.sh REPORTS [LEG…]`. A leg is a version of ansible-core (what ansible-test has: sanity,
# units, integration against the simulator), such as 2.19, or 2.19/units for one of these; or `package`, the rest (build,
# installation, lint, documentation). By default all, two at a time. tests/summary.py adds up what is left in REPORTS.
# NSXCERT_RELEASE is the program that the modules run.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit

reports=$(realpath -m "$1")
shift
[ $# -gt 0 ] || set -- 2.19 2.16 package 2.21
top=$(realpath -m "${BUILD:-build}")
build=$top/ansible
here=tests/ansible
python=build/venv/bin/python
export NSXCERT_RELEASE=${NSXCERT_RELEASE:-$top/release/nsxcert}
export PYTHONDONTWRITEBYTECODE=1 ANSIBLE_NOCOLOR=1 NO_COLOR=1

# Which NSX a version's integration targets meet.
declare -A nsx=([2.16]=2.4 [2.19]=4.2 [2.21]=3.2)

# What pip says while ansible-test makes its venvs.
chatter='^(Collecting|  Downloading|     ━|Install(ing|ed)|Successfully|Using cached|Requirement)|^$'

expect() {
    printf '%s\t%s\n' "$1" "$2" >>"$reports/expected.tsv"
}

step() {
    expect step "$1"
    tests/step.sh "$reports" "$@"
}

# A copy of what git knows of the collection, where ansible-test wants it, with a home folder of its own. The home is
# kept: ansible-test's venvs are in it.
lay_out() {
    local leg=$1 home=$build/$1/home collection=$build/$1/ansible_collections/nsxcert/nsx name
    rm -rf "$build/$leg/ansible_collections"
    mkdir -p "$home/.ansible/test/cache" "$collection"
    git ls-files -z ansible | xargs -0 cp --parents -t "$build/$leg"
    cp -a "$build/$leg/ansible/." "$collection"
    rm -rf "$build/$leg/ansible"
    git -C "$collection" init -q && git -C "$collection" add -A
    for name in 23_1_2 24_2 25_2; do # the versions of pip that 2.16, 2.19 and 2.21 ask for
        cp $here/get_pip.py "$home/.ansible/test/cache/get_pip_$name.py"
    done
    ln -sfn "$(echo "$PWD/build/ansible-$leg"/lib/python3*/site-packages)" "$home/.ansible/test/cache/site-packages"
}

# Runs one command of ansible-test; its cases become REPORTS/ansible-LEG-KIND.xml.
run_kind() {
    local leg=$1 kind=$2 name=ansible-$1-$2 collection=$build/$1/ansible_collections/nsxcert/nsx started=$SECONDS status
    shift 2
    expect pytest "$name"
    rm -rf "$collection/tests/output"
    "$@" >"$reports/$name.log" 2>&1 </dev/null
    status=$?
    echo $status >"$reports/$name.exit"
    $python $here/collect.py "$kind" "ansible-$leg" "$collection" "$reports/$name.xml"
    {
        printf '%-8s%s (%d s)\n' "$([ $status = 0 ] && echo ended || echo failed)" "$name" $((SECONDS - started))
        [ $status = 0 ] || grep -vE "$chatter" "$reports/$name.log" | tail -n "${STEP_LINES:-60}" | sed 's/^/    /'
    } >"$reports/$name.shown"
    cat "$reports/$name.shown" # at once, so that two legs side by side do not mix
    rm -f "$reports/$name.shown"
}

ansible_test() {
    local leg=$1
    shift
    (cd "$build/$leg/ansible_collections/nsxcert/nsx" && HOME=$build/$leg/home PATH=$venvs/ansible-$leg/bin:$PATH \
        exec ansible-test "$@" --color no)
}

run_version() {
    local leg=${1%%/*} kinds=${1#*/} venvs=$PWD/build version
    [ "$kinds" != "$leg" ] || kinds="units integration sanity"
    if [ ! -x "build/ansible-$leg/bin/ansible-test" ]; then
        step "ansible-$leg" sh -c "echo 'no Python for ansible-core $leg here'; exit 77"
        return
    fi
    version=$("build/ansible-$leg/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    lay_out "$leg"
    [[ $kinds != *units* ]] || run_kind "$leg" units ansible_test "$leg" units --local --python "$version"
    [[ $kinds != *integration* ]] || run_kind "$leg" integration $python $here/targets.py \
        --nsx-version "${nsx[$leg]}" --collection "$build/$leg/ansible_collections/nsxcert/nsx" --home "$build/$leg/home" \
        --venv "build/ansible-$leg"
    [[ $kinds != *sanity* ]] || run_kind "$leg" sanity ansible_test "$leg" sanity --local --python "$version" --junit
}

run_package() {
    local name
    if [ ! -x build/ansible-2.19/bin/ansible-lint ]; then
        step ansible-package sh -c "echo 'no Python for ansible-core 2.19 here'; exit 77"
        return
    fi
    for name in build install doc lint yamllint changelog docs; do
        step "ansible-$name" $here/package.sh "$build/package" "$name"
    done
}

if [ "$1" = --leg ]; then # this script, called by itself
    if [ "$2" = package ]; then run_package; else run_version "$2"; fi
    exit
fi
mkdir -p "$reports" "$build"
exec 8>"$build/.lock" # two at once would share the copies
flock -n 8 || { echo "ansible: waiting for another run" && flock 8; }
printf '%s\n' "$@" | xargs -P 2 -I {} "$0" "$reports" --leg {}
