#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No function with more than 15 paths or 60 lines.
exec lizard -w -C 15 -L 60 -l cpp src
