#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The manual page has no fault that mandoc knows.
exec mandoc -T lint -W warning docs/nsxcert.1
