#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The layout of the C sources is what `make format` makes.
shopt -s nullglob
exec clang-format-19 --dry-run --Werror src/*/*.[ch] tests/*/*.[ch]
