#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# yamllint over every YAML file. The Ansible collection brings rules of its own (tests/ansible/package.sh).
set -uo pipefail
mapfile -t files < <(python tests/lint/list_files.py .yml .yaml .clang-format .clang-tidy | grep -v ^ansible/)
rules='{extends: default, rules: {document-start: disable, line-length: {max: 120}, truthy: {check-keys: false},
    comments: {min-spaces-from-content: 1}}}'
exec yamllint --strict -d "$rules" "${files[@]}"
