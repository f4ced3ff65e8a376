#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shows the main job on a simulated NSX cluster: factory certificates -> generate -> import -> register -> verify, then the same again.
# Ends 0 only if verify says so and independent clients agree. NSX=4.2 takes another version, PORT another port.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
nsxcert=$(realpath "${NSXCERT:-$here/build/release/nsxcert}")
python=${PYTHON:-$here/build/venv/bin/python}
version=${NSX:-2.4}
work=$(mktemp -d)
simulator=

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
else
    bold='' dim='' plain=''
fi

finish() {
    if [ -n "$simulator" ]; then
        kill "$simulator" 2>/dev/null || true
        wait "$simulator" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT

title() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }

# A fact of the simulator's one line of JSON.
fact() { "$python" -c 'import json,sys; d=json.load(open(sys.argv[1])); print(eval(sys.argv[2], {"d": d}))' "$work/simulator.json" "$1"; }

start_simulator() {
    mkfifo "$work/ready"
    PYTHONPATH=$here/tests "$python" -m simulator --nsx-version "$version" --port "${PORT:-0}" --max-seconds 600 \
        >"$work/ready" 2>"$work/simulator.log" &
    simulator=$!
    if ! head -n 1 "$work/ready" >"$work/simulator.json" || [ ! -s "$work/simulator.json" ]; then
        echo "the simulator did not start:" >&2
        cat "$work/simulator.log" >&2
        exit 1
    fi
}

# The thumbprints that `get certificate api thumbprint` prints on each manager's console.
pins() {
    "$python" - "$(fact 'd["factory_pem"]')" <<'PY'
import hashlib, json, re, ssl, sys
text = open(sys.argv[1]).read()
blocks = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.S)
print(json.dumps(sorted({hashlib.sha256(ssl.PEM_cert_to_DER_cert(b)).hexdigest() for b in blocks})))
PY
}

write_requests() {
    local address=$1 vip=$2 nodes=$3 pin_list=$4
    local manager="\"manager\": {
    \"address\": \"$address\",
    \"nodes\": $nodes,
    \"auth\": {\"username\": \"admin\", \"password\": {\"env\": \"NSXT_PASSWORD\"}},
    \"tls\": {\"pin_sha256\": $pin_list}
  }"
    cat >generate.json <<JSON
{
  "api_version": "nsxcert/v1",
  "operation": "generate",
  "parameters": {
    "common_name": "$vip",
    "san": {
      "dns": ["nsx.example.com"],
      "ip": ["$vip", ${nodes//[\[\]]/}]
    },
    "certificate_path": "nsx.crt",
    "key_path": "nsx.key"
  }
}
JSON
    cat >import.json <<JSON
{
  "api_version": "nsxcert/v1",
  "operation": "import",
  $manager,
  "parameters": {
    "certificate": {"file": "nsx.crt"},
    "private_key": {"file": "nsx.key"}
  }
}
JSON
    cat >register.json <<JSON
{
  "api_version": "nsxcert/v1",
  "operation": "register",
  $manager,
  "parameters": {
    "certificate": {"file": "nsx.crt"},
    "scope": "all",
    "confirm_after_seconds": 1
  }
}
JSON
    cat >verify.json <<JSON
{
  "api_version": "nsxcert/v1",
  "operation": "verify",
  $manager,
  "parameters": {
    "expected": {"file": "nsx.crt"}
  }
}
JSON
}

run_all() {
    for operation in generate import register verify; do
        title "nsxcert --format text < $operation.json"
        printf '%s%s%s\n\n' "$dim" "$(cat $operation.json)" "$plain"
        "$nsxcert" --format text <$operation.json
    done
}

# Only the first line of each: that nothing was left to do.
run_all_again() {
    title "The same four requests again, as on any later day"
    for operation in generate import register verify; do
        "$nsxcert" --format text --output "$operation.result.json" <$operation.json >again.txt
        head -n 1 again.txt
        if ! "$python" -c 'import json,sys; sys.exit(json.load(open(sys.argv[1]))["changed"])' "$operation.result.json"; then
            echo "the second run of $operation changed something" >&2
            exit 1
        fi
    done
}

independent_clients() {
    local vip=$1 port=$2
    title "Three clients that know only nsx.crt"
    curl --silent --show-error --output /dev/null --cacert nsx.crt "https://$vip:$port/api/v1/node"
    echo "curl --cacert nsx.crt https://$vip:$port/api/v1/node    accepts"
    openssl s_client -connect "$vip:$port" -CAfile nsx.crt -verify_return_error -verify_ip "$vip" </dev/null >/dev/null 2>&1
    echo "openssl s_client -verify_return_error -verify_ip $vip    accepts"
    "$python" - "$vip" "$port" <<'PY'
import socket, ssl, sys
context = ssl.create_default_context(cafile="nsx.crt")
context.verify_flags |= ssl.VERIFY_X509_STRICT
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 10) as raw:
    context.wrap_socket(raw, server_hostname=sys.argv[1]).close()
PY
    echo "Python ssl with VERIFY_X509_STRICT    accepts"
}

title "A simulated NSX $version cluster with its factory certificates"
start_simulator
vip=$(fact 'd["clusters"][0]["vip"]')
port=$(fact 'd["port"]')
nodes=$(fact '__import__("json").dumps([n["address"] for n in d["clusters"][0]["nodes"]])')
NSXT_PASSWORD=$(fact 'd["password"]')
export NSXT_PASSWORD
echo "VIP $vip, managers $nodes, port $port"
cd "$work"
write_requests "$vip:$port" "$vip" "$nodes" "$(pins)"

run_all
run_all_again
independent_clients "$vip" "$port"
