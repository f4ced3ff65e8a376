#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packs the sources: `mk/dist.sh FOLDER VERSION` makes FOLDER/nsxcert-VERSION.tar.gz, from the last commit or, in an
# unpacked tarball, from the files its MANIFEST lists: no key, state or other file that came there later gets in. Equal
# sources give equal bytes; times are those of mk/epoch.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -e .git ] && [ ! -e MANIFEST ]; then
    echo "dist: neither a git repository nor an unpacked tarball of make dist: what belongs to the sources is not known" >&2
    exit 1
fi
folder=$1 name=nsxcert-$2
mkdir -p "$folder"
folder=$(realpath "$folder")
epoch=$(mk/epoch.sh)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/$name"

if [ -e .git ]; then
    git archive HEAD | tar -x -C "$stage/$name"
    { git ls-tree -r -z --name-only HEAD | tr '\0' '\n' && echo MANIFEST; } | LC_ALL=C sort -u >"$stage/$name/MANIFEST"
else
    tar -c --no-recursion --verbatim-files-from -T MANIFEST | tar -x -C "$stage/$name"
fi
tar -c -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --format=posix \
    --mtime="@$epoch" --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
    "$name" | gzip -n9 >"$folder/$name.tar.gz"
echo "$folder/$name.tar.gz"
