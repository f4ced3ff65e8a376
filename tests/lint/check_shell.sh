#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs shellcheck over every shell script.
set -uo pipefail
mapfile -t scripts < <(python tests/lint/list_files.py .sh run)
exec shellcheck -x "${scripts[@]}"
