#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole program compiles with gcc without a warning.
exec make --no-print-directory -k -j2 BUILD="${BUILD:-build}/lint/gcc" CC=gcc CFLAGS=-Werror FLAVOUR=release all
