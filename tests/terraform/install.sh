#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts what the tests of terraform/ need into build/tf/: the stand-in for the provider hashicorp/external in a mirror
# (needs Go), and Terraform 1.5.7 where the machine has none. Nothing is done when all is there.
# EXTERNAL_PROVIDER_MIRROR=DIR takes a mirror with the real provider; then no stand-in is built.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=2.3.5 # what the stand-in answers to
terraform=v1.5.7
place=build/tf
stamp=$place/standin.stamp

need_go() {
    command -v go >/dev/null && return
    echo "terraform: $1 needs Go, which is not installed" >&2
    exit 1
}

# Builds within a bound: install SECONDS WHAT COMMAND…
build() {
    local seconds=$1 what=$2 code=0
    shift 2
    echo "terraform: building $what"
    timeout "$seconds" "$@" || code=$?
    [ $code -eq 0 ] && return
    [ $code -ne 124 ] || echo "terraform: $what was not built within $seconds s" >&2
    exit 1
}

# Both Terraform and OpenTofu find it, each under its own registry's name.
install_standin() {
    local want host folder
    want="$(go version) $version $(cat tests/terraform/standin/*.go tests/terraform/standin/go.* | sha256sum)"
    [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return
    rm -rf "$place/mirror" "$stamp"
    mkdir -p "$place"
    build 900 "the stand-in for hashicorp/external" \
        go build -C tests/terraform/standin -trimpath -ldflags "-s -w" -o "$PWD/$place/standin" .
    for host in registry.terraform.io registry.opentofu.org; do
        folder=$place/mirror/$host/hashicorp/external/$version/$(go env GOOS)_$(go env GOARCH)
        mkdir -p "$folder"
        ln -f "$place/standin" "$folder/terraform-provider-external_v$version"
    done
    echo "$want" >"$stamp"
}

install_terraform() {
    command -v terraform >/dev/null && return
    [ ! -x "$place/bin/terraform" ] || return 0
    need_go "Terraform"
    build 1200 "Terraform $terraform (some minutes)" \
        env GOBIN="$PWD/$place/bin" go install "github.com/hashicorp/terraform@$terraform"
}

mkdir -p build
exec 9>build/.tf.lock
flock 9
if [ -z "${EXTERNAL_PROVIDER_MIRROR:-}" ]; then
    need_go "the stand-in provider"
    install_standin
fi
install_terraform
