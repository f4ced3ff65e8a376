#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No unused import, unknown name or syntax error in the Python files.
set -uo pipefail
mapfile -t files < <(python tests/lint/list_files.py .py)
exec pyflakes "${files[@]}"
