#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the playbook nsxcert.nsx.site on a simulated NSX cluster with factory certificates: planned, done, and once more to show
# that nothing changes. NSX=2.4 takes another version. Ends 0 only if the last run changed nothing and all is in sync.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
nsxcert=$(realpath "${NSXCERT:-$here/build/release/nsxcert}")
python=$here/build/venv/bin/python
play=$here/build/ansible-2.19/bin/ansible-playbook
version=${NSX:-4.2}
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

title() { printf '\n== %s\n' "$*"; }

start_simulator() {
    mkfifo "$work/ready"
    PYTHONPATH=$here/tests "$python" -m simulator --nsx-version "$version" --port "${PORT:-0}" --ssh --max-seconds 900 \
        >"$work/ready" 2>"$work/simulator.log" &
    simulator=$!
    if ! head -n 1 "$work/ready" >"$work/simulator.json" || [ ! -s "$work/simulator.json" ]; then
        echo "the simulator did not start:" >&2
        cat "$work/simulator.log" >&2
        exit 1
    fi
}

# The inventory as a person would write it, from the simulator's line of JSON.
write_inventory() {
    PYTHONPATH=$here/tests/ansible:$here/tests "$python" - "$work" "$nsxcert" <<'PY'
import json, sys, types
import playing
work, nsxcert = sys.argv[1:]
info = json.load(open(f"{work}/simulator.json"))
sim = types.SimpleNamespace(info=info, username=info["username"], factory_pem=info["factory_pem"])
inventory = playing.inventory_of(sim, nsxcert)
with open(f"{work}/inventory.yml", "w") as file:
    json.dump(inventory, file, indent=2)
with open(f"{work}/password", "w") as file:
    file.write(info["password"])
print(json.dumps(inventory, indent=2))
PY
}

title "A simulated NSX $version cluster with its factory certificates, and an inventory that names it"
start_simulator
write_inventory
NSXT_PASSWORD=$(cat "$work/password")
export NSXT_PASSWORD
mkdir -p "$work/collections/ansible_collections/nsxcert"
ln -s "$here/ansible" "$work/collections/ansible_collections/nsxcert/nsx"
export ANSIBLE_COLLECTIONS_PATH=$work/collections ANSIBLE_HOME=$work/home ANSIBLE_REMOTE_TEMP=$work/remote
cd "$work"

for arguments in "--check --diff" "-e nsxcert_report_path=report.md" ""; do
    title "ansible-playbook -i inventory.yml nsxcert.nsx.site $arguments"
    # shellcheck disable=SC2086 # they are words
    "$play" -i inventory.yml nsxcert.nsx.site $arguments | tee last.txt
done
title "report.md, of the run that did it"
cat report.md
grep -q 'changed=0 .*failed=0' last.txt
grep -q ' in_sync  *unchanged' last.txt
title "Done: all of them serve the certificate. It goes into the field \"NSX Manager CA Cert\" of the tile:"
cat nsxcert/cluster-0.crt
