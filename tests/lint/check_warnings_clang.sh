#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole program compiles with clang-19 without a warning.
exec make --no-print-directory -k -j2 BUILD="${BUILD:-build}/lint/clang" CC=clang-19 CFLAGS=-Werror FLAVOUR=release all
