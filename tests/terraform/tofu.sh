#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `make tofu`: builds OpenTofu into build/tf/ (once; 5 to 15 minutes, 2 GB of memory) and runs tests/terraform with it
# in Terraform's place. TOFU=PROGRAM takes one that is there. Not part of `make check`.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=v1.12.6
# Its go.mod replaces this module, which `go install` would not do.
hcl="github.com/hashicorp/hcl/v2@v2.20.1=github.com/opentofu/hcl/v2@v2.20.2-0.20251021132045-587d123c2828"
place=$PWD/build/tf
tofu=${TOFU:-$place/bin/tofu-$version}

build() (
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    echo "tofu: building OpenTofu $version"
    cd "$work"
    go mod init build.test/tofu
    go mod edit -require="github.com/opentofu/opentofu@$version" -replace="$hcl" \
        -tool=github.com/opentofu/opentofu/cmd/tofu
    timeout 3600 go build -mod=mod -trimpath \
        -ldflags "-s -w -X github.com/opentofu/opentofu/version.dev=no" \
        -o "$tofu" github.com/opentofu/opentofu/cmd/tofu
)

tests/terraform/install.sh
[ -x "$tofu" ] || build
"$tofu" version
export TERRAFORM=$tofu PATH="$PWD/build/venv/bin:$PATH"
exec build/venv/bin/python -m pytest -n 2 --dist loadfile -q tests/terraform "$@"
