#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One step of what makes the collection fit to be published: `package.sh FOLDER STEP`, in the order of the functions.
# FOLDER gets a copy of what git knows of the collection, the tarball and what installing the tarball made.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$1 step=$2
top=$PWD source=$folder/source/ansible_collections/nsxcert/nsx
mkdir -p "$folder/home"
export HOME=$folder/home PATH=$top/build/ansible-2.19/bin:$PATH

do_build() {
    rm -rf "$folder/source" "$folder/out"
    mkdir -p "$source"
    git -C "$top" ls-files -z ansible | xargs -0 cp --parents -t "$folder/source"
    cp -a "$folder/source/ansible/." "$source"
    rm -rf "$folder/source/ansible"
    cd "$source"
    ansible-galaxy collection build --force --output-path "$folder/out"
}

do_install() {
    rm -rf "$folder/installed"
    ansible-galaxy collection install "$folder"/out/nsxcert-nsx-*.tar.gz --offline --force -p "$folder/installed"
}

# The pages of every module and role, from what was installed.
do_doc() {
    local kind name installed=$folder/installed/ansible_collections/nsxcert/nsx page
    export ANSIBLE_COLLECTIONS_PATH=$folder/installed
    for kind in module role; do
        for name in "$installed/plugins/${kind}s"/[a-z]*.py "$installed/${kind}s"/*/meta/argument_specs.yml; do
            [ -e "$name" ] || continue
            [ $kind = module ] || name=${name%/meta/argument_specs.yml}
            name=nsxcert.nsx.$(basename "$name" .py)
            page=$(ansible-doc -t "$kind" "$name")
            echo "$name: $(wc -l <<<"$page") lines"
            grep -qi "$name" <<<"$page"
        done
    done
    [ "$(ansible-doc -t module -l nsxcert.nsx | wc -l)" -ge 5 ]
}

do_lint() {
    cd "$source"
    ANSIBLE_COLLECTIONS_PATH=$folder/source ansible-lint --strict --nocolor
}

do_yamllint() {
    cd "$source"
    yamllint --strict .
}

do_changelog() {
    cd "$source"
    antsibull-changelog lint
}

do_docs() {
    cd "$source"
    antsibull-docs lint-collection-docs --plugin-docs .
}

"do_$step"
