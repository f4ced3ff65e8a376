#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the time that packages bear, in seconds since 1970: SOURCE_DATE_EPOCH, else that of the last commit, else (in an
# unpacked tarball) that of the newest file which its MANIFEST lists.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
    echo "$SOURCE_DATE_EPOCH"
elif [ -e .git ]; then
    git log -1 --format=%ct
elif [ -e MANIFEST ]; then
    tr '\n' '\0' <MANIFEST | xargs -0 stat -c %Y -- | sort -n | tail -n 1
else
    find . -name build -prune -o -name __pycache__ -prune -o -type f -printf '%T@\n' | sort -n | tail -n 1 | cut -d . -f 1
fi
