#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# codespell over every text of the project; unit tests misspell on purpose.
set -uo pipefail
mapfile -t files < <(
    python tests/lint/list_files.py | grep -vE '^(LICENSE|tests/fuzz/corpus/|tests/cases/|tests/suites/|tests/unit/)'
)
exec codespell --ignore-words tests/lint/spelling.txt "${files[@]}"
