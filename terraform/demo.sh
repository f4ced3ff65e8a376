#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The quick start: what a person sees when Terraform finds a factory certificate, replaces it and finds nothing left to do.
# Installs and builds what is missing, and runs examples/quick-start on a simulated NSX cluster. NSX=2.4 takes another
# version, `--plain` leaves the installing out. The provider hashicorp/external is a stand-in here, to work offline.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
if [ "${1:-}" != --plain ]; then
    tests/deps.sh build demo
    make --no-print-directory all
    tests/terraform/install.sh
fi
nsxcert=$(realpath "${NSXCERT_RELEASE:-build/release/nsxcert}")
python=build/venv/bin/python
mirror=$(realpath "${EXTERNAL_PROVIDER_MIRROR:-build/tf/mirror}")
terraform=${TERRAFORM:-$(command -v terraform || echo "$here/build/tf/bin/terraform")}
work=$(mktemp -d)
simulator=

finish() {
    if [ -n "$simulator" ]; then
        kill "$simulator" 2>/dev/null || true
        wait "$simulator" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$'\e[1m' plain=$'\e[0m' color=()
else
    bold='' plain='' color=(-no-color)
fi
title() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }

start_simulator() {
    mkfifo "$work/ready"
    PYTHONPATH=tests "$python" -m simulator --nsx-version "${NSX:-4.2}" --port 0 --max-seconds 600 \
        >"$work/ready" 2>"$work/simulator.log" &
    simulator=$!
    if ! head -n 1 "$work/ready" >"$work/simulator.json" || [ ! -s "$work/simulator.json" ]; then
        echo "the simulator did not start:" >&2
        cat "$work/simulator.log" >&2
        exit 1
    fi
}

# The variables of examples/quick-start. The pins are what `get certificate api thumbprint` prints on each console.
write_variables() {
    "$python" - "$work/simulator.json" "$nsxcert" "$work" <<'PY'
import hashlib, json, re, ssl, sys
facts = json.load(open(sys.argv[1]))
cluster = facts["clusters"][0]
nodes = [node["address"] for node in cluster["nodes"]]
blocks = re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", open(facts["factory_pem"]).read(), re.S)
print(json.dumps({
    "executable": sys.argv[2], "folder": sys.argv[3], "address": f"{cluster['vip']}:{facts['port']}", "nodes": nodes,
    "common_name": cluster["vip"], "ip_addresses": [cluster["vip"], *nodes],
    "pin_sha256": sorted({hashlib.sha256(ssl.PEM_cert_to_DER_cert(block)).hexdigest() for block in blocks})}, indent=2))
PY
}

# run EXPECTED-EXIT-CODE COMMAND FLAGS…
run() {
    local expected=$1 code=0
    shift
    title "terraform $*"
    "$terraform" "$@" "${color[@]}" </dev/null || code=$?
    [ "$code" -eq "$expected" ] && return
    echo "terraform $1 ended with $code instead of $expected" >&2
    exit 1
}

title "A simulated NSX ${NSX:-4.2} cluster with its factory certificates"
start_simulator
NSXT_PASSWORD=$("$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["password"])' "$work/simulator.json")
cp -r terraform/modules terraform/examples "$work/"
cat >"$work/terraform.rc" <<RC
provider_installation {
  filesystem_mirror {
    path = "$mirror"
  }
}
RC
export NSXT_PASSWORD TF_CLI_CONFIG_FILE=$work/terraform.rc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
write_variables >"$work/examples/quick-start/terraform.tfvars.json"
cat "$work/examples/quick-start/terraform.tfvars.json"
cd "$work/examples/quick-start"
run 0 init -input=false
title "A plan: the factory certificate is a drift, and there is something to do (exit code 2)"
run 2 plan -input=false -detailed-exitcode
title "An apply: generate, import, register (it ends by repeating what its plan had found)"
run 0 apply -input=false -auto-approve
title "Another plan: in_sync, and nothing to do (exit code 0)"
run 0 plan -input=false -detailed-exitcode
run 0 output
