#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The peer of verify in a shell: `s_client.sh ENDPOINTS` asks one after the other for the fingerprint it serves.
set -eu
while read -r endpoint; do
    openssl s_client -connect "$endpoint" </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256
done <"$1"
