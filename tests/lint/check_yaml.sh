#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# yamllint over every YAML file.
set -uo pipefail
mapfile -t files < <(python tests/lint/list_files.py .yml .yaml .clang-format .clang-tidy)
rules='{extends: default, rules: {document-start: disable, line-length: {max: 120}, truthy: {check-keys: false},
    comments: {min-spaces-from-content: 1}}}'
exec yamllint --strict -d "$rules" "${files[@]}"
