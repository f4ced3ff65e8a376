#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each file of schema/ is a valid JSON Schema.
exec check-jsonschema -q --check-metaschema schema/*.json
