#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cppcheck over the whole program. Not taken: style, whose advice contradicts the house's own.
cache=${BUILD:-build}/lint/cppcheck
mkdir -p "$cache"
exec cppcheck -q -j2 --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
    --suppress=missingIncludeSystem --cppcheck-build-dir="$cache" --include=tests/lint/cppcheck.h \
    -Isrc -D_GNU_SOURCE -DNSXCERT_TEST_HOOKS src
