#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the project's own files that have one of the given suffixes or names, one a line; all without arguments."""
import sys

from sources import all_files

wanted = set(sys.argv[1:])
for name in all_files():
    if not wanted or name.suffix in wanted or name.name in wanted:
        print(name)
